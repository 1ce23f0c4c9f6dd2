"""Weak references, weak dictionaries and references between two databases.
`make DIR`: Python writes one.fs and two.fs. `read DIR`: prints what Python sees in them."""
import json
import os
import sys

import ZODB
import transaction
from BTrees.Length import Length
from persistent.mapping import PersistentMapping
from persistent.wref import PersistentWeakKeyDictionary, WeakRef


def opened(folder):
    databases = {}
    one, two = [
        ZODB.DB(os.path.join(folder, name + '.fs'), database_name=name, databases=databases)
        for name in ('one', 'two')
    ]
    connection = one.open()
    return connection, connection.get_connection('two')


def make(folder):
    one, two = opened(folder)
    root, far = one.root(), two.root()
    root['target'] = target = PersistentMapping(n=1)
    root['key'] = key = Length(5)
    far['filler'] = [PersistentMapping() for _ in range(5)]
    far['there'] = there = PersistentMapping(n=2)
    transaction.commit()
    root['weak'] = WeakRef(target)
    root['far'] = there
    root['weak far'] = WeakRef(there)
    root['dictionary'] = PersistentWeakKeyDictionary()
    root['dictionary'][key] = 'value'
    transaction.commit()
    for connection in (one, two):
        connection.db().close()


def read(folder):
    one, two = opened(folder)
    root = one.root()
    print(json.dumps({
        'weak': root['weak']()['n'],
        'same': root['weak']() is root['target'],
        'far': root['far']['n'],
        'in two': root['far']._p_jar is two and root['far'] is two.root()['there'],
        'weak far': root['weak far']()['n'],
        'dictionary': [(key()(), value) for key, value in root['dictionary'].data.items()],
        'records': [one.db().storage.load(oid)[0].hex() for oid in (
            root._p_oid, root['dictionary']._p_oid)],
    }))
    for connection in (one, two):
        connection.db().close()


{'make': make, 'read': read}[sys.argv[1]](sys.argv[2])
