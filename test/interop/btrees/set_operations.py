"""Set operations of Python's BTrees.

Standard input: a JSON list of {family, kind, operation, a, b, weights}; a and b are {type, keys, values} of numbers of
samples.py. Prints for each the weight (null where there is none) and the state of the result, or the name of an error.
"""

import importlib
import json
import sys

from samples import key_at, value_at
from states import states


def made(family, kind, given):
    keys = [key_at(family, n, kind) for n in given['keys']]
    if given['type'] == 'list':
        return keys
    collection = getattr(importlib.import_module(f'BTrees.{family}BTree'), family + given['type'])()
    for key, value in zip(keys, given['values']):
        if hasattr(collection, 'keys') and hasattr(collection, 'items'):
            collection[key] = value_at(family, value)
        else:
            collection.add(key)
    return collection


def run(program):
    family = program['family']
    module = importlib.import_module(f'BTrees.{family}BTree')
    a, b = (made(family, program['kind'], program[name]) for name in 'ab')
    function = getattr(module, program['operation'], None)
    if function is None:
        return [None, None]
    if program['operation'] == 'multiunion':
        return [None, states(function([a, b, a]))]
    if not program['operation'].startswith('weighted'):
        return [None, states(function(a, b))]
    weight, result = function(a, b, *program['weights'])
    return [weight, states(result)]


print(json.dumps([run(program) for program in json.load(sys.stdin)]))
