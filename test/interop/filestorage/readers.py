"""The Python readers of readers.test.ts: opens the file again and again, as Python's FileStorage does not follow a writer.
Reads on until its input says which transfer is the last, and prints the transfers that it saw. Arguments: the file, and for
how many seconds to pause amid reading."""

import json
import os
import sys
import threading
import time

import ZODB
from ZODB.FileStorage import FileStorage
from ZODB.FileStorage.format import CorruptedDataError

ACCOUNTS, OPENING = 16, 1000
path, pause = sys.argv[1], float(sys.argv[2])
last = float("inf")


def listen():
    global last
    last = int(sys.stdin.readline())


threading.Thread(target=listen, daemon=True).start()
version, balances, touched = 0, [OPENING] * ACCOUNTS, [0] * ACCOUNTS


def advance_to(wanted):
    global version
    assert wanted >= version, "%d after %d" % (wanted, version)
    while version < wanted:
        version += 1
        source, target, amount = version * 7 % ACCOUNTS, (version * 11 + 3) % ACCOUNTS, version * 37 % 101
        balances[source] -= amount
        balances[target] += amount
        touched[source] = touched[target] = version


def note_length(number):
    return 300_000 if number % 50 == 0 else number * 7919 % 5000


def check(root):
    advance_to(root["version"])
    accounts = root["accounts"]
    total = 0
    for i in range(ACCOUNTS):
        if i == ACCOUNTS // 2:
            time.sleep(pause)
        found = accounts[i]["balance"], accounts[i]["touched"]
        assert found == (balances[i], touched[i]), "as of %d, account %d has %r" % (version, i, found)
        total += found[0]
    assert total == ACCOUNTS * OPENING
    note = root["note"]
    assert (note["version"], len(note["text"])) == (version, note_length(version)), "the note as of %d" % version


# Python opens the file by its name twice, the second time when it first loads. Where a pack replaces the file in between, its
# index is that of the one and its data those of the other, whoever packs. A look at the inode tells this from anything else.
def inode():
    return os.stat(path).st_ino


print("ready", flush=True)
versions, retried = [], 0
while version < last:
    opened = inode()
    storage = FileStorage(path, read_only=True)
    try:
        db = ZODB.DB(storage)
    except CorruptedDataError:
        storage.close()
        if inode() == opened:
            raise
        retried += 1
        continue
    check(db.open().root())
    versions.append(version)
    db.close()
    time.sleep(0.01)
print(json.dumps({"versions": versions, "retried": retried}))
