"""The Python side of bench/storage.ts: storage-task.py FOLDER. Each line read is a task ["load", "dense"]; each line printed
is the seconds it took, those of processor time, and a check value. ["make", kind, path] makes a database."""
import json
import os
import sys
import time

import ZODB.FileStorage
from ZODB.Connection import TransactionMetaData
from ZODB.utils import p64

module = sys.modules["ZODB.FileStorage.FileStorage"]
FileStorage, FileIterator = module.FileStorage, module.FileIterator
fsync = module.fsync
folder = sys.argv[1]
DATA = bytes(range(150))
LOADS = 100_000


def make(kind, scale):
    """(a) objects of 150 bytes with dense oids, (b) with oids x 65536, (c) transactions of one object, a tenth undone."""
    count, step, together = {"dense": (1_000_000, 1, 1000), "sparse": (100_000, 65536, 1000), "small": (100_000, 1, 1)}[kind]
    module.fsync = None
    storage = FileStorage(path(kind), create=True)
    for start in range(0, int(count * scale), together):
        transaction = TransactionMetaData("user", "transaction %d" % start)
        storage.tpc_begin(transaction)
        for number in range(start, start + together):
            storage.store(p64(number * step), b"\0" * 8, DATA, "", transaction)
        storage.tpc_vote(transaction)
        tid = storage.tpc_finish(transaction)
        if kind == "small" and start % 10 == 9:
            undo(storage, tid)
    storage.close()
    return 0


def undo(storage, tid):
    from base64 import encodebytes

    transaction = TransactionMetaData("user", "undo")
    storage.tpc_begin(transaction)
    storage.undo(encodebytes(tid).rstrip(), transaction)
    storage.tpc_vote(transaction)
    storage.tpc_finish(transaction)


def path(kind):
    return os.path.join(folder, kind + ".fs")


def opening(kind):
    storage = FileStorage(path(kind))
    return storage, len(storage)


def open_with_index(kind):
    return lambda: opening(kind)


def open_without_index(kind):
    os.remove(path(kind) + ".index")
    return lambda: opening(kind)


def load(kind):
    storage = FileStorage(path(kind), read_only=True)
    count = len(storage)
    oids = [p64(number * 7919 % count * (65536 if kind == "sparse" else 1)) for number in range(LOADS)]

    def measured():
        total = 0
        for oid in oids:
            total += len(storage.load(oid)[0])
        return storage, total

    return measured


def iterate(kind):
    def measured():
        total = 0
        for transaction in FileIterator(path(kind)):
            for record in transaction:
                total += len(record.data or b"")
        return None, total

    return measured


def commit(kind, count, sync):
    module.fsync = sync
    for suffix in "", ".index":
        if os.path.exists(path("commits") + suffix):
            os.remove(path("commits") + suffix)
    storage = FileStorage(path("commits"))

    def measured():
        for number in range(count):
            transaction = TransactionMetaData("user", "commit")
            storage.tpc_begin(transaction)
            storage.store(p64(number), b"\0" * 8, DATA, "", transaction)
            storage.tpc_vote(transaction)
            storage.tpc_finish(transaction)
        return storage, len(storage)

    return measured


def undo_log(kind):
    storage = FileStorage(path(kind), read_only=True)
    return lambda: (storage, len(storage.undoLog(0, 10**9)))


TASKS = {
    "open, with index": open_with_index,
    "open, without index": open_without_index,
    "random load": load,
    "iterate": iterate,
    "commit, no fsync": lambda kind: commit(kind, 5000, None),
    "commit, fsync": lambda kind: commit(kind, 200, fsync),
    "undo log": undo_log,
}

for line in sys.stdin:
    task, kind, *rest = json.loads(line)
    if task == "make":
        print(json.dumps([0, 0, make(kind, *rest)]), flush=True)
        continue
    measured = TASKS[task](kind)
    cpu, started = time.process_time(), time.perf_counter()
    storage, check = measured()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    if storage is not None:
        storage.close()
    print(json.dumps([seconds, cpu, check]), flush=True)
