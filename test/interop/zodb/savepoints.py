"""Plays a program of changes with savepoints: `play FILE PROGRAM`, PROGRAM being JSON, a list of steps.

set NAME VALUE | new NAME | link NAME OTHER | savepoint | rollback N | commit | abort
"""
import json
import sys

import ZODB
import transaction
from persistent.mapping import PersistentMapping

path, program = sys.argv[1:]
db = ZODB.DB(path)
root = db.open().root()
savepoints = []
for step, *args in json.loads(program):
    if step == 'new':
        root[args[0]] = PersistentMapping(value=0)
    elif step == 'set':
        root[args[0]]['value'] = args[1]
    elif step == 'link':
        root[args[0]]['link'] = root[args[1]]
    elif step == 'child':
        root[args[0]]['child'] = PersistentMapping(parent=root[args[0]])
    elif step == 'savepoint':
        savepoints.append(transaction.savepoint())
    elif step == 'rollback':
        del savepoints[args[0] + 1:]
        savepoints[args[0]].rollback()
    else:
        savepoints = []
        getattr(transaction, step)()
db.close()
