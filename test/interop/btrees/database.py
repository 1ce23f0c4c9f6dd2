"""Trees in database files.

write   standard input: a JSON list of {file, family, type, kind, small, operations}; makes each file and applies the
        operations to its tree. Operations are those of apply.py, and commit, abort, minimize. Prints for each
        whether the tree was whole after every commit (docs/btrees.md tells when Python damages one).
read    standard input: a JSON list of files; checks the tree in each and prints the states of all nodes of all trees.
"""

import importlib
import json
import sys

import transaction
import ZODB
from BTrees.check import check
from ZODB.FileStorage import FileStorage

import small
from apply import apply
from states import states


def is_whole(db):
    connection = db.open(transaction.TransactionManager())
    try:
        connection.root()['tree']._check()
        return True
    except AssertionError:
        return False
    finally:
        connection.close()


def write(program):
    family, type_name = program['family'], program['type']
    if program['small']:
        cls = getattr(small, f'Small{family}{type_name}')
    else:
        cls = getattr(importlib.import_module(f'BTrees.{family}BTree'), f'{family}{type_name}')
    db = ZODB.DB(FileStorage(program['file'], create=True))
    connection = db.open()
    root = connection.root()
    root['tree'] = cls()
    transaction.commit()
    whole = True
    for operation in program['operations']:
        if operation[0] == 'commit':
            transaction.commit()
            whole = whole and is_whole(db)
        elif operation[0] == 'abort':
            transaction.abort()
        elif operation[0] == 'minimize':
            connection.cacheMinimize()
        else:
            try:
                apply(root['tree'], family, program['kind'], operation)
            except KeyError:
                # The smallest key of a damaged tree may not be found where it should be.
                if whole:
                    raise
                transaction.abort()
    transaction.commit()
    whole = whole and is_whole(db)
    connection.close()
    db.close()
    return whole


def read(file):
    db = ZODB.DB(FileStorage(file, read_only=True))
    connection = db.open()
    tree = connection.root()['tree']
    tree._check()
    if type(tree).__module__ != 'small':
        check(tree)
    lines = states(tree)
    connection.close()
    db.close()
    return lines


if sys.argv[1] == 'write':
    print(json.dumps([write(given) for given in json.load(sys.stdin)]))
else:
    print(json.dumps([read(given) for given in json.load(sys.stdin)]))
