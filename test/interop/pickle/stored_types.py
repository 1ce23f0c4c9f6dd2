"""Prints pickles of the types that databases hold, as this Python's zodbpickle writes them: JSON of [name, hex, repr]."""
import array
import binascii
import collections
import datetime
import decimal
import fractions
import functools
import json
import re
import sys
import uuid

import numpy
from zodbpickle import pickle

CASES = []


def case(name, value):
    CASES.append([name, binascii.hexlify(pickle.dumps(value, 3)).decode(), repr(value)])


class Plain(object):
    def method(self):
        pass


class Slots(object):
    __slots__ = ('a', 'b')


class Ints(list):
    pass


class Names(dict):
    pass


class Members(set):
    pass


class Text(str):
    pass


Point = collections.namedtuple('Point', 'x y')

plain = Plain()
plain.a, plain.b = 1, [plain]
slots = Slots()
slots.a = 1
ints = Ints([1, 2])
ints.name = 'n'
names = Names(a=1)
names.name = 'n'

for name, value in sorted({
    'object': plain, 'object without attributes': Plain(), 'slots': slots, 'slots, none set': Slots(),
    'list subclass': ints, 'long list subclass': Ints(range(1001)), 'dict subclass': names, 'set subclass': Members([1]),
    'str subclass': Text('t'), 'namedtuple': Point(1, 2.0),
    'complex': 1 + 2j, 'slice': slice(1, None, 2), 'datetime': datetime.datetime(2024, 1, 31, 12, 30, 15, 123456),
    'date': datetime.date(2024, 2, 29), 'time': datetime.time(1, 2, 3), 'timedelta': datetime.timedelta(-1, 5, 7),
    'Decimal': decimal.Decimal('1.50'), 'UUID': uuid.UUID(int=2**100 + 1), 'Fraction': fractions.Fraction(1, 3),
    'OrderedDict': collections.OrderedDict([('b', 1), ('a', 2)]), 'defaultdict': collections.defaultdict(list, {1: [2]}),
    'Counter': collections.Counter('aab'), 'deque': collections.deque([1, 2]), 'deque with maxlen': collections.deque([1], 3),
    'pattern': re.compile('a+'), 'partial': functools.partial(int, base=2), 'exception': ValueError('v', 1),
    'array': array.array('d', [1.0, 2.0]), 'set': set([1, 2]), 'frozenset': frozenset([1, 2]), 'bytearray': bytearray(b'ab'),
    'empty bytearray': bytearray(),
    'numpy array': numpy.arange(6.0).reshape(2, 3), 'numpy object array': numpy.array([1, 'a', None], dtype=object),
    'numpy Fortran array': numpy.asfortranarray(numpy.arange(6).reshape(2, 3)), 'numpy scalar': numpy.float64(1.5),
    'numpy dtype': numpy.dtype('>i4'), 'numpy structured dtype': numpy.dtype([('a', '<f8'), ('b', 'S3')]),
    'numpy datetime': numpy.datetime64('2024-01-31'), 'numpy record array': numpy.rec.array([(1, 2.0)], names='a,b'),
}.items()):
    case(name, value)

if sys.version_info[0] == 3:
    case('range', range(1, 9, 2))
    case('Ellipsis', ...)
    case('utc', datetime.timezone.utc)
    case('named zone', datetime.timezone(datetime.timedelta(hours=1), 'X'))
    case('datetime with a zone', datetime.datetime(2024, 1, 31, tzinfo=datetime.timezone.utc))
    case('bound method', plain.method)
    case('OSError', FileNotFoundError(2, 'gone', 'f'))
    import pathlib
    import types
    case('path', pathlib.PurePosixPath('/a/b'))
    case('namespace', types.SimpleNamespace(a=1))
    case('generic alias', list[int])

print(json.dumps(CASES))
