"""Histories that are packed by Python, for Node to pack too: pack.py FOLDER FIRST_SEED COUNT. Runs with Python 2.7 as well.

Writes for each seed SEED.fs and what Python's pack makes of it, SEED.packed.fs, and prints JSON: the pack time, whether with
garbage collection, what Python said, and what it lost: references of later records to objects that were there before; and
whether it may have pointed a record at a wrong one.
    pack.py check FILE...    what fstest and fsrefs say of each file, and the newest data of each object
"""
from __future__ import print_function

import json
import logging
import os
import random
import shutil
import struct
import sys
from binascii import hexlify

import ZODB.FileStorage.FileStorage as module
from persistent.TimeStamp import TimeStamp
from ZODB.FileStorage import FileStorage
from ZODB.POSException import POSError
from ZODB.serialize import referencesf
from ZODB.utils import p64, u64, z64

try:
    from ZODB.Connection import TransactionMetaData
except ImportError:
    from transaction import Transaction as TransactionMetaData

logging.disable(logging.CRITICAL)
module.fsync = None
START = TimeStamp(2020, 1, 1, 0, 0, 0)
STRING = b'U' if sys.version_info[0] == 2 else b'C'


def record(references, number):
    """An object with references and a number, padded so that some records are longer than others."""
    text = b'%d' % number * (number % 50 + 1) if sys.version_info[0] > 2 else ('%d' % number) * (number % 50 + 1)
    state = b'\x80\x02}q\x01(U\x04textq\x02T' + struct.pack('<I', len(text)) + text + b'U\x04refsq\x03]q\x04('
    for oid in references:
        state += STRING + b'\x08' + p64(oid) + b'h\x00\x86Q'
    return b'\x80\x02cm\nC\nq\x00.' + state + b'eu.'


class History(object):
    """A random history: objects linked and unlinked, undone, deleted, and brought back."""

    def __init__(self, path, seed):
        self.random = random.Random(seed)
        self.storage = FileStorage(path, create=True)
        self.number = 0
        self.links = {}
        self.tids = []
        self.steps = self.random.choice([5, 12, 30])

    def transact(self, change):
        self.number += 1
        tid = TimeStamp(2020, 1, 1, self.number // 3600, self.number // 60 % 60, self.number % 60).raw()
        txn = TransactionMetaData(u'user%d' % (self.number % 3), u'step %d' % self.number)
        self.storage.tpc_begin(txn, tid)
        try:
            change(txn)
            self.storage.tpc_vote(txn)
        except POSError:
            self.storage.tpc_abort(txn)
            return
        self.storage.tpc_finish(txn)
        self.tids.append(tid)

    def serial(self, oid):
        try:
            return self.storage._lookup_pos(p64(oid)) and self.storage._read_data_header(
                self.storage._index[p64(oid)]).tid
        except KeyError:
            return z64

    def store(self, txn, oid, links):
        self.links[oid] = links
        self.storage.store(p64(oid), self.serial(oid), record(links, self.random.randrange(1000)), '', txn)

    def some(self, count):
        known = sorted(self.links)
        return [self.random.choice(known) for _ in range(self.random.randrange(count))]

    def change(self, txn):
        for oid in set(self.some(4)):
            self.store(txn, oid, self.some(5))
        for _ in range(self.random.randrange(3)):
            oid = max(self.links) + self.random.choice([1, 1, 1, 70000])
            links = self.some(3)
            parent = self.random.choice(sorted(self.links))
            self.links[oid] = links
            self.storage.store(p64(oid), z64, record(links, oid % 100), '', txn)
            if oid != parent and self.random.random() < .8:
                stored = self.links[parent] + [oid]
                self.store(txn, parent, stored)

    def undo(self, txn):
        log = self.storage.undoLog(0, self.random.choice([-1, -3, -20]))
        for entry in self.random.sample(log, min(len(log), self.random.choice([1, 1, 2]))):
            self.storage.undo(entry['id'], txn)

    def delete(self, txn):
        oid = self.random.choice(sorted(self.links)[1:] or [0])
        if oid:
            self.storage.deleteObject(p64(oid), self.serial(oid), txn)

    def run(self):
        self.transact(lambda txn: self.store(txn, 0, []))
        for _ in range(self.steps):
            step = self.random.choice(['change'] * 6 + ['undo'] * 3 + ['delete', 'empty', 'pack'])
            if step == 'pack':
                if self.random.random() < .4:
                    try:
                        pack(self.storage, self.random.choice(self.tids), self.random.random() < .5)
                    except Exception:
                        pass
            else:
                self.transact(getattr(self, step, lambda txn: None))
        name = self.storage.getName()
        self.storage.close()
        # Python cannot open a file again whose index names nothing.
        os.remove(name + '.index')


def seconds(tid):
    """A time half a second after a transaction."""
    return TimeStamp(tid).timeTime() + .5


def pack(storage, tid, gc):
    storage.pack(seconds(tid), referencesf, gc=gc)


def pack_time(tid):
    import time
    t = seconds(tid)
    return TimeStamp(*time.gmtime(t)[:5] + (t % 60,)).raw()


def loads(storage, oid, tid):
    """The revision of an object that is seen just before `tid`."""
    try:
        return storage.loadBefore(oid, tid)
    except KeyError:
        return None


def lost(before, after, stop):
    """Objects that were there at the pack time, to which later records refer, and that the pack has taken away or turned back."""
    found = set()
    for txn in before.iterator(p64(u64(stop) + 1)):
        for r in txn:
            for oid in referencesf(r.data) if r.data is not None else ():
                was, now = [loads(storage, oid, p64(u64(stop) + 1)) for storage in (before, after)]
                if was and (not now or now[0] != was[0]):
                    found.add(u64(oid))
    return len(found)


def doubled(path, stop):
    """Whether a later record points back to one that is not the first of its object in its transaction.

    Python's pack then points to the first, which may hold something else.
    """
    with open(path, 'rb') as f:
        data = f.read()
    first = {}
    backs = []
    position = 4
    while position < len(data):
        tid, length, status, u, d, e = struct.unpack_from('>8sQcHHH', data, position)
        end = position + length
        at = position + 23 + u + d + e
        while at < end:
            oid, _, _, _, _, size = struct.unpack_from('>8s8sQQHQ', data, at)
            first.setdefault((position, oid), at)
            if not size and tid > stop:
                backs.append((oid, struct.unpack_from('>Q', data, at + 42)[0]))
            at += 42 + (size or 8)
        position = end + 8
    for oid, back in backs:
        if back and first[struct.unpack_from('>Q', data, back + 24)[0], oid] != back:
            return True
    return False


def make(folder, seed):
    path = os.path.join(folder, '%d.fs' % seed)
    packed = os.path.join(folder, '%d.packed.fs' % seed)
    history = History(path, seed)
    history.run()
    choice = random.Random(seed)
    tid = choice.choice(history.tids[-1:] + history.tids)
    gc = choice.random() < .7
    shutil.copy(path, packed)
    storage = FileStorage(packed)
    error = None
    try:
        pack(storage, tid, gc)
    except Exception as e:
        error = '%s: %s' % (type(e).__name__, e)
    storage.close()
    before = FileStorage(path, read_only=True)
    try:
        after = FileStorage(packed, read_only=True)
    except IOError as e:
        # Python 2 cannot open what it has made where nothing is left.
        error, after = str(e), before
    stop = pack_time(tid)
    case = {'seed': seed, 'before': hexlify(stop).decode(), 'gc': gc, 'error': error,
            'lost': 0 if error else lost(before, after, stop), 'doubled': doubled(path, stop)}
    before.close()
    after.close()
    return case


def check(path):
    from ZODB.scripts import fstest
    try:
        fstest.check(path)
        verdict = 'no errors detected'
    except fstest.FormatError as e:
        verdict = str(e)
    storage = FileStorage(path, read_only=True)
    current = {}
    missing = 0
    for oid in storage._index:
        try:
            data, tid = storage.load(oid)
        except POSError:
            continue
        current[hexlify(oid).decode()] = [hexlify(data).decode(), hexlify(tid).decode()]
        for target in referencesf(data):
            if target not in storage._index:
                missing += 1
    storage.close()
    return {'verdict': verdict, 'current': current, 'missing': missing}


if sys.argv[1] == 'check':
    print(json.dumps([check(path) for path in sys.argv[2:]]))
else:
    folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps([make(folder, seed) for seed in range(first, first + count)]))
