"""What Python 2's FileStorage makes of a file, as JSON.

    python2.py read FILE          all transactions, and whether the index file was used
    python2.py write FILE NAME    commits: an object beside the root's, a change of it, an undo of that change
"""
import binascii
import json
import logging
import sys

import transaction
from persistent.mapping import PersistentMapping
from ZODB import DB
from ZODB.FileStorage.FileStorage import FileIterator, FileStorage
from ZODB.scripts import fstest

logging.disable(logging.CRITICAL)


def hexed(data):
    return None if data is None else binascii.hexlify(data).decode('ascii')


def read(path):
    fstest.check(path)
    starts = []
    module = sys.modules['ZODB.FileStorage.FileStorage']
    original = module.read_index

    def read_index(file, name, index, tindex, stop=b'\377' * 8, ltid=b'\0' * 8, start=4, *rest, **kw):
        starts.append(start)
        return original(file, name, index, tindex, stop, ltid, start, *rest, **kw)

    module.read_index = read_index
    FileStorage(path, read_only=True).close()
    transactions = [
        [hexed(txn.tid), [[hexed(r.oid), hexed(r.data), hexed(r.data_txn)] for r in txn]]
        for txn in FileIterator(path)
    ]
    return {'transactions': transactions, 'usedIndex': starts[0] > 4}


def write(path, name):
    db = DB(FileStorage(path))
    root = db.open().root()
    root[name] = PersistentMapping({'written': 'by Python 2'})
    transaction.commit()
    root[name]['more'] = u'text'
    transaction.commit()
    db.undo(db.undoLog(0, 1)[0]['id'])
    transaction.commit()
    keys = sorted(root.keys())
    db.close()
    return keys


if __name__ == '__main__':
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
