"""Random assignments of arrays to slices, judged by numpy: assignments.py SEED COUNT prints a list of cases as JSON.

Arrays travel as dtype, shape and the hex of their bytes in C order.
"""
import json
import random
import sys
import warnings

import numpy as np

warnings.simplefilter('ignore')
seed, count = int(sys.argv[1]), int(sys.argv[2])
rnd = random.Random(seed)
rng = np.random.default_rng(seed)

NUMBERS = ['?', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16', '>i2', '>u4', '>i8', '>f4', '>f8', '>c8']
GROUPS = [
    NUMBERS, NUMBERS, NUMBERS,
    ['M8[D]', 'M8[s]', 'M8[ns]', '>M8[ms]', 'M8[10us]'],
    ['m8[W]', 'm8[h]', 'm8[us]', 'm8[3s]'],
    ['S3', 'S5', 'U2', 'U6', '>U4'],
    [[['a', '<i4'], ['b', '>f8']], [['x', '<f4'], ['y', '<u2']]],
    [[['a', '<i4'], ['c', '<f4', [2, 2]]], [['a', '<i8'], ['c', '>f8', [2, 2]]]],
    ['V3'],
]


def to_python(spec):
    if isinstance(spec, str):
        return np.dtype(spec)
    return np.dtype([tuple(tuple(part) if isinstance(part, list) else part for part in field) for field in spec])


def make(dtype, shape):
    n = int(np.prod(shape))
    if dtype.names:
        array = np.zeros(shape, dtype)
        for name in dtype.names:
            field = array[name]
            array[name] = make(field.dtype, field.shape)
        return array
    kind, size = dtype.kind, dtype.itemsize
    if kind == 'b':
        flat = rng.integers(0, 2, n)
    elif kind in 'mM':
        flat = rng.integers(-1000, 1000, n)
    elif kind in 'iu':
        bits = 8 * size if rnd.random() < 0.5 else 7
        flat = np.frombuffer(rng.bytes(8 * n), '<u8') >> np.uint64(64 - bits)
    elif kind == 'f':
        flat = rng.integers(0, 100, n) + rng.random(n)
    elif kind == 'c':
        flat = rng.integers(0, 100, n) + rng.random(n) + 1j * rng.random(n)
    elif kind in 'SU':
        flat = np.array([''.join(rnd.choice('abcxyz') for _ in range(rnd.randint(0, 6))) for _ in range(n)], 'U6')
    else:
        flat = np.frombuffer(rng.bytes(size * n), dtype)
    return flat.astype(dtype).reshape(shape)


def described(array, spec):
    return {'dtype': spec, 'shape': list(array.shape), 'bytes': array.tobytes('C').hex()}


cases = []
for _ in range(count):
    group = rnd.choice(GROUPS)
    to, source = rnd.choice(group), rnd.choice(group)
    shape = [rnd.choice([1, 2, 3, 5]) for _ in range(rnd.randint(0, 3))]
    order = rnd.choice('CF')
    base = make(to_python(to), shape).copy(order=order)
    steps = [rnd.choice([None, None, 2, -1, -2]) for _ in shape]
    target = base[tuple(slice(None, None, step) for step in steps) + (Ellipsis,)]
    given = [length if rnd.random() < 0.8 else rnd.choice([1, 1, 1, 4]) for length in target.shape]
    given = given[rnd.choice([0, 0, 0, 1]):]
    if rnd.random() < 0.1:
        given = [1] + given
    values = make(to_python(source), given).copy(order=rnd.choice('CF'))
    case = {'to': described(base, to), 'order': order, 'steps': steps, 'values': described(values, source)}
    try:
        target[...] = values
        case['result'] = base.tobytes('C').hex()
    except ValueError:
        case['error'] = 'SHAPE'
    cases.append(case)
json.dump(cases, sys.stdout)
