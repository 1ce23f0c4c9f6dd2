"""Random basic indexing, judged by numpy: indexing.py SEED COUNT prints a list of cases as JSON."""
import json
import random
import sys

import numpy as np

rnd = random.Random(int(sys.argv[1]))


def bound(length):
    return None if rnd.random() < 0.3 else rnd.randint(-length - 3, length + 3)


def random_index(length):
    if rnd.random() < 0.35 and length > 0:
        # sometimes out of range
        return rnd.randint(-length - (rnd.random() < 0.05), length - (rnd.random() < 0.95))
    step = rnd.choice([None, None, 1, 2, 3, -1, -1, -2, -5, 7])
    return {'slice': [bound(length), bound(length), step]}


def to_python(index):
    if isinstance(index, dict):
        return slice(*index['slice'])
    return {'newaxis': None, 'ellipsis': Ellipsis}.get(index, index)


cases = []
for _ in range(int(sys.argv[2])):
    shape = [rnd.choice([0, 1, 2, 3, 5, 7]) for _ in range(rnd.randint(1, 4))]
    order = rnd.choice('CF')
    array = np.arange(int(np.prod(shape)), dtype='<i4').reshape(shape, order='C').copy(order=order)
    indexes = [random_index(length) for length in shape[: rnd.randint(0, len(shape))]]
    if rnd.random() < 0.3:
        indexes.insert(rnd.randint(0, len(indexes)), 'ellipsis')
    while rnd.random() < 0.25:
        indexes.insert(rnd.randint(0, len(indexes)), 'newaxis')
    if rnd.random() < 0.05:
        indexes += [0] * (len(shape) + 1)
    case = {'shape': shape, 'order': order, 'indexes': indexes}
    try:
        result = array[tuple(to_python(index) for index in indexes)]
        case['result'] = {'shape': list(np.shape(result)), 'values': np.asarray(result).tolist()}
        if isinstance(result, np.ndarray) and result.size > 0:
            case['result']['strides'] = list(result.strides)
    except IndexError:
        case['error'] = 'INDEX'
    cases.append(case)
json.dump(cases, sys.stdout)
