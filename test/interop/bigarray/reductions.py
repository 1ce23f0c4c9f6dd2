"""Reductions of random arrays, judged by numpy: reductions.py SEED COUNT prints a list of cases as JSON.

Elements travel as the hex of their bytes in C order, results as the hex of native elements.
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

DTYPES = ['?', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16', 'm8[s]', 'M8[s]']
SWAPPED = ['>i2', '>i4', '>i8', '>u8', '>f4', '>f8', '>c16']
FUNCTIONS = ['sum', 'mean', 'min', 'max', 'var', 'std']


def refuses(function, kind):
    if kind == 'c':
        return function in ('min', 'max', 'var', 'std')
    if kind == 'm':
        return function in ('mean', 'var', 'std')
    return kind == 'M' and function not in ('min', 'max')


def make(dtype, shape):
    kind, size = dtype.kind, dtype.itemsize
    n = int(np.prod(shape))
    if kind == 'b':
        flat = rng.integers(0, 2, n).astype(dtype)
    elif kind in 'iumM':
        bits = rnd.choice([4, 8 * size])
        flat = np.frombuffer(rng.bytes(n * size), '<u%d' % size) >> np.array(8 * size - bits, '<u%d' % size)
        flat = flat.view('<%s%d' % ('u' if kind == 'u' else 'i', size)).astype(dtype)
        if kind in 'mM' and rnd.random() < 0.8:
            flat[flat == np.array('NaT', dtype)] = 0
    elif kind == 'f':
        flat = (rng.standard_normal(n) * rnd.choice([1, 10, 1000])).astype(dtype)
        if rnd.random() < 0.15 and n > 0:
            flat[rnd.randrange(n)] = rnd.choice([np.nan, np.inf, -np.inf])
    else:
        flat = (rng.standard_normal(n) + 1j * rng.standard_normal(n)).astype(dtype)
    return flat.reshape(shape)


cases = []
for _ in range(count):
    dtype = np.dtype(rnd.choice(DTYPES + (SWAPPED if rnd.random() < 0.4 else [])))
    ndim = rnd.choice([1, 1, 2, 3])
    top = {1: 60000, 2: 300, 3: 40}[ndim]
    shape = [rnd.choice([rnd.randint(1, top), rnd.randint(1, 20), 0 if rnd.random() < 0.1 else 1]) for _ in range(ndim)]
    order = rnd.choice('CF')
    base = make(dtype, shape).copy(order=order)
    steps = [rnd.choice([None, None, None, 2, 3, -1]) for _ in range(ndim)]
    array = base[tuple(slice(None, None, step) for step in steps)]
    function = rnd.choice([f for f in FUNCTIONS if not refuses(f, dtype.kind)])
    axis = rnd.choice([None, None, rnd.randint(-ndim, ndim - 1), tuple(rnd.sample(range(ndim), rnd.randint(1, ndim)))])
    options = {}
    if axis is not None:
        options['axis'] = axis
    if rnd.random() < 0.2 and axis is not None:
        options['keepdims'] = True
    if function in ('var', 'std') and rnd.random() < 0.3:
        options['ddof'] = 1
    case = {
        'dtype': dtype.str, 'shape': shape, 'order': order, 'steps': steps, 'function': function, 'options': options,
        'bytes': base.tobytes('C').hex(),
    }
    try:
        result = np.asarray(getattr(np, function)(array, **options))
        case['result'] = {'dtype': result.dtype.str, 'shape': list(result.shape), 'bytes': result.tobytes('C').hex()}
    except ValueError:
        case['error'] = 'SHAPE'
    cases.append(case)
json.dump(cases, sys.stdout)
