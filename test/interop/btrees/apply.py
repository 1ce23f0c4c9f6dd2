"""Applies operations to real BTrees and prints the states of their nodes.

Standard input: a JSON list of {family, type, kind, sizes, operations}; an operation is [name, key number, value number].
"""

import importlib
import json
import sys

from samples import COUNT, key_at, value_at
from states import states


def tree_class(family, type_name, sizes):
    module = importlib.import_module(f'BTrees.{family}BTree')
    cls = getattr(module, f'{family}{type_name}')
    if sizes is None:
        return cls
    leaf, internal = sizes
    return type(cls.__name__, (cls,), {'max_leaf_size': leaf, 'max_internal_size': internal})


def many_keys(name, first, variant):
    """The keys of an operation on many: 20 from `first` on, or for `iand` two thirds of all."""
    if name != 'iand':
        return [(first + i * (7 + variant)) % COUNT for i in range(20)]
    return [n for n in range(COUNT) if n // 7 % 3 != variant % 3]


def apply_to_set(tree, name, key, many):
    if name in ('pop', 'popitem'):
        if tree:
            tree.pop()
    elif name == 'update':
        tree.update(many())
    elif name == 'ior':
        tree |= many()
    elif name == 'iand':
        tree &= many()
    elif name == 'isub':
        tree -= many()
    elif name == 'ixor':
        tree ^= many()
    else:
        tree.insert(key)


def apply_to_mapping(tree, name, key, value, many):
    if name == 'set':
        tree[key] = value
    elif name == 'insert':
        tree.insert(key, value)
    elif name == 'setdefault':
        tree.setdefault(key, value)
    elif name == 'pop':
        tree.pop(key, None)
    elif name == 'popitem':
        if tree:
            tree.popitem()
    elif name == 'update':
        tree.update([(each, value) for each in many()])


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
            # Not pop, which does not tell the connection that it relies on the nodes where the key is not.
            try:
                del tree[key]
            except KeyError:
                pass
    else:
        def many():
            return [key_at(family, n, kind) for n in many_keys(name, key_number, value_number)]

        if hasattr(tree, 'discard'):
            apply_to_set(tree, name, key, many)
        else:
            apply_to_mapping(tree, name, key, value_at(family, value_number), many)


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
