"""Applies operations to real BTrees and prints the states of their nodes.

Standard input: a JSON list of {family, type, kind, sizes, operations}; an operation is [name, key number, value number].
"""

import importlib
import json
import sys

from samples import key_at, value_at
from states import states


def tree_class(family, type_name, sizes):
    module = importlib.import_module(f'BTrees.{family}BTree')
    cls = getattr(module, f'{family}{type_name}')
    if sizes is None:
        return cls
    leaf, internal = sizes
    return type(cls.__name__, (cls,), {'max_leaf_size': leaf, 'max_internal_size': internal})


def apply(tree, family, kind, operation):
    name, key_number, value_number = operation
    if name == 'clear':
        tree.clear()
        return
    key = key_at(family, key_number, kind)
    if name == 'delete':
        if hasattr(tree, 'discard'):
            tree.discard(key)
        else:
            tree.pop(key, None)
    elif hasattr(tree, 'discard'):
        tree.insert(key)
    elif name == 'set':
        tree[key] = value_at(family, value_number)
    else:
        tree.insert(key, value_at(family, value_number))


def main():
    results = []
    for program in json.load(sys.stdin):
        family, kind = program['family'], program['kind']
        tree = tree_class(family, program['type'], program['sizes'])()
        for operation in program['operations']:
            apply(tree, family, kind, operation)
        tree._check()
        results.append(states(tree))
    json.dump(results, sys.stdout)


if __name__ == '__main__':
    main()
