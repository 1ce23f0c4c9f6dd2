"""Two transactions at once on one tree in a database file.

Standard input: a JSON list of {file, family, type, kind, first, one, two}: operations of apply.py that make the tree, and
those of both transactions. Prints for each whether the second could be committed.
"""

import importlib
import json
import sys

import transaction
import ZODB
from transaction.interfaces import TransientError
from ZODB.FileStorage import FileStorage

from apply import apply


def run(program):
    family, type_name = program['family'], program['type']
    cls = getattr(importlib.import_module(f'BTrees.{family}BTree'), family + type_name)
    db = ZODB.DB(FileStorage(program['file'], create=True))
    managers = [transaction.TransactionManager() for _ in range(2)]
    tree = cls()
    for operation in program['first']:
        apply(tree, family, program['kind'], operation)
    first = db.open(managers[0])
    first.root()['tree'] = tree
    managers[0].commit()
    second = db.open(managers[1])
    for connection, name in ((first, 'one'), (second, 'two')):
        for operation in program[name]:
            apply(connection.root()['tree'], family, program['kind'], operation)
    managers[0].commit()
    try:
        managers[1].commit()
        return True
    except TransientError:
        managers[1].abort()
        return False
    finally:
        db.close()


print(json.dumps([run(program) for program in json.load(sys.stdin)]))
