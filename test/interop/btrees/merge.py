"""Three-way merges of Python's BTrees.

Standard input: a JSON list of {family, type, kind, merges}; a merge is three states, each [entries, next]: entries are
[key number, value number], next 0 for no successor, 1 or 2 for one of two. Entries null: None (an empty tree).
Prints for each family the outcomes as text.
"""

import importlib
import json
import sys

from ZODB.ConflictResolution import PersistentReference
from ZODB.POSException import BTreesConflictError

from samples import key_at, value_at
from states import text_of

NEXT = [None, PersistentReference((b'\0' * 7 + b'\1', None)), PersistentReference((b'\0' * 7 + b'\2', None))]


def state(program, entries, successor):
    if entries is None:
        return None
    family, items = program['family'], []
    for key, value in entries:
        items.append(key_at(family, key, program['kind']))
        if program['type'] in ('BTree', 'Bucket'):
            items.append(value_at(family, value))
    leaf = (tuple(items),) if not successor else (tuple(items), NEXT[successor])
    if program['type'] in ('BTree', 'TreeSet'):
        # With a successor: a tree whose bucket has a record of its own.
        return ((leaf,),) if not successor else ((NEXT[successor],), NEXT[successor])
    return leaf


def outcome(cls, program, merge):
    try:
        merged = cls()._p_resolveConflict(*(state(program, *side) for side in merge))
    except BTreesConflictError as error:
        return f'conflict {error.p1}/{error.p2}/{error.p3} {error.reason}'
    except Exception as error:
        return 'error'
    return text_of(merged, lambda value: f'@{[known is value for known in NEXT].index(True)}')


def run(program):
    cls = getattr(importlib.import_module(f"BTrees.{program['family']}BTree"), program['family'] + program['type'])
    return [outcome(cls, program, merge) for merge in program['merges']]


print(json.dumps([run(program) for program in json.load(sys.stdin)]))
