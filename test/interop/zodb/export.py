"""Export files. `make DIR`: a database, its export, and the same imported into another database.
`import FILE DB`: imports FILE into a new database, prints what Python sees of it."""
import json
import os
import sys

import ZODB
import transaction
from BTrees.OOBTree import OOBTree
from persistent.list import PersistentList
from persistent.mapping import PersistentMapping


def make(folder):
    db = ZODB.DB(os.path.join(folder, 'from.fs'))
    root = db.open().root()
    tree = OOBTree({f'k{i:03}': PersistentMapping(n=i) for i in range(200)})
    shared = PersistentMapping(text='shared', number=2**40, bytes=b'\x00\xff', when=None)
    top = PersistentMapping(tree=tree, list=PersistentList([shared, shared, 1.5, (1, 'x')]))
    shared['top'] = top
    tree['k007']['again'] = shared
    root['top'] = top
    transaction.commit()
    top._p_jar.exportFile(top._p_oid, os.path.join(folder, 'python.zexp'))
    print(int.from_bytes(top._p_oid, 'big'))
    db.close()
    imported(os.path.join(folder, 'python.zexp'), os.path.join(folder, 'python.fs'))


def imported(file, path):
    db = ZODB.DB(path)
    connection = db.open()
    top = connection.importFile(file)
    connection.root()['top'] = top
    transaction.commit()
    shared = top['list'][0]
    seen = {
        'tree': len(top['tree']),
        'same': shared is top['list'][1] and shared is top['tree']['k007']['again'],
        'cycle': shared['top'] is top,
        'number': shared['number'],
    }
    db.close()
    return seen


if sys.argv[1] == 'make':
    make(sys.argv[2])
else:
    print(json.dumps(imported(*sys.argv[2:])))
