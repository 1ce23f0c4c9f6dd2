"""Prints generated arrays of numpy: JSON of [pickle in hexadecimal, repr]. Arguments: how many, and a seed."""
import binascii
import json
import random
import sys

import numpy
from zodbpickle import pickle

count, seed = int(sys.argv[1]), int(sys.argv[2])
random.seed(seed)
generator = numpy.random.RandomState(seed)


def array():
    shape = tuple(random.choice((1, 2, 3, 5, 12)) for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))))
    size = int(numpy.prod(shape))
    kind = random.choice(('f2', 'f4', 'f8', 'f8', 'c16', '>f4', 'i1', 'u2', 'i8', '>i4', '?', 'U', 'S', 'M8[D]', 'M8[us]', 'm8[s]'))
    if 'f' in kind:
        power = random.choice((-6, -3, 0, 0, 2) + ((5, 9, 12) if kind != 'f2' else ()))
        values = numpy.round(generator.randn(size) * 10.0 ** power, random.choice((0, 1, 3, 8, 12))).astype(kind)
        if size > 1 and random.randrange(5) == 0:
            values[0] = random.choice((numpy.nan, numpy.inf, -numpy.inf, 0))
    elif kind == 'c16':
        values = generator.randn(size) + 1j * numpy.round(generator.randn(size), 2)
    elif kind == '?':
        values = generator.rand(size) > 0.5
    elif kind == 'U':
        values = numpy.array([random.choice(('a', 'abc', "it's", '\xe9', '')) for _ in range(size)], dtype='U4')
    elif kind == 'S':
        values = numpy.array([random.choice((b'a', b'ab', b'')) for _ in range(size)], dtype='S2')
    else:
        high = 10 ** (5 if 'D' in kind else random.choice((2, 9)))
        values = generator.randint(-high, high, size).astype('i8').astype(kind)
    return values.reshape(shape)


print(json.dumps([[binascii.hexlify(pickle.dumps(value, 3)).decode(), repr(value)] for value in (array() for _ in range(count))]))
