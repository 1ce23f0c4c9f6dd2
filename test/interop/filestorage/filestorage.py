"""What Python's FileStorage makes of a file, as JSON.

    filestorage.py read FILE            all transactions, and whether the index file was used
    filestorage.py lengths FILE START   for each length from START on: transactions seen in a file cut there
    filestorage.py write FILE NAME      commits: changes of the root, an undo, an empty transaction
    filestorage.py pack FILE            packs away everything but what is current
    filestorage.py test FILE            fstest's verdict
    filestorage.py hold FILE            opens for writing, says so, and waits for the end of its input
"""
import json
import logging
import os
import sys
import tempfile
import time

import transaction
import zc.lockfile
import ZODB.FileStorage.FileStorage
from ZODB import DB
from ZODB.Connection import TransactionMetaData
from ZODB.FileStorage.FileStorage import FileIterator, FileStorage
from ZODB.POSException import POSKeyError
from persistent.mapping import PersistentMapping

logging.disable(logging.CRITICAL)


def transactions(path):
    iterator = FileIterator(path)
    for txn in iterator:
        yield {
            'tid': txn.tid.hex(),
            'status': txn.status if isinstance(txn.status, str) else txn.status.decode(),
            'user': txn.user.hex(),
            'description': txn.description.hex(),
            'extension': txn.extension_bytes.hex(),
            'records': [[r.oid.hex(), r.tid.hex(), r.data.hex() if r.data is not None else None,
                         r.data_txn.hex() if r.data_txn else None] for r in txn],
        }


def read(path):
    starts = []
    module = sys.modules['ZODB.FileStorage.FileStorage']
    original = module.read_index

    def read_index(file, name, index, tindex, stop=b'\377' * 8, ltid=b'\0' * 8, start=4, *rest, **kw):
        starts.append(start)
        return original(file, name, index, tindex, stop, ltid, start, *rest, **kw)

    module.read_index = read_index
    storage = FileStorage(path, read_only=True)
    current = {}
    for oid in storage._index:
        try:
            data, tid = storage.load(oid)
            current[oid.hex()] = [data.hex(), tid.hex()]
        except POSKeyError:
            current[oid.hex()] = None
    result = {
        'transactions': list(transactions(path)),
        'current': current,
        'last': storage.lastTransaction().hex(),
        'size': storage.getSize(),
        'usedIndex': starts[0] > 4,
    }
    storage.close()
    return result


def lengths(path, start):
    with open(path, 'rb') as f:
        whole = f.read()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        cut = os.path.join(folder, 'cut.fs')
        for length in range(int(start), len(whole) + 1):
            with open(cut, 'wb') as f:
                f.write(whole[:length])
            storage = FileStorage(cut, read_only=True)
            found.append([length, storage.lastTransaction().hex(), len(storage)])
            storage.close()
    return found


def write(path, name):
    storage = FileStorage(path)
    db = DB(storage)
    connection = db.open()
    root = connection.root()
    root[name] = PersistentMapping(written='by Python')
    transaction.get().setUser('python')
    transaction.get().note('adds ' + name)
    transaction.commit()
    root[name]['more'] = 'x' * 3000
    transaction.get().note('changes')
    transaction.get().setExtendedInfo('key', 'value')
    transaction.commit()
    db.undo(db.undoLog(0, 1)[0]['id'])
    transaction.get().note('undoes')
    transaction.commit()
    empty = TransactionMetaData('python', 'an empty one', {})
    storage.tpc_begin(empty)
    storage.tpc_vote(empty)
    storage.tpc_finish(empty)
    db.close()
    return 'written'


def pack(path):
    db = DB(FileStorage(path))
    db.pack(time.time() + 1)
    db.close()
    return 'packed'


def test(path):
    from ZODB.scripts import fstest
    fstest.check(path)
    return 'no errors detected'


def hold(path):
    try:
        storage = FileStorage(path)
    except zc.lockfile.LockError:
        return 'LockError'
    print(json.dumps('ready'), flush=True)
    sys.stdin.read()
    storage.close()
    return 'closed'


if __name__ == '__main__':
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
