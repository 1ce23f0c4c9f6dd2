"""Prints records of the types that databases hold, as this Python's ZODB writes them: JSON of [name, hex, repr].

Each record is a PersistentMapping with the value in it. A repr is null where it has an address or another thing in it that the pickle does not say.
"""
import array
import binascii
import collections
import datetime
import decimal
import fractions
import functools
import json
import operator
import os
import re
import sys
import types
import uuid

from persistent.mapping import PersistentMapping
from ZODB.serialize import ObjectWriter

PYTHON3 = sys.version_info[0] == 3
CASES = []


def case(name, value, text=True):
    try:
        record = ObjectWriter().serialize(PersistentMapping({'value': value}))
    except Exception as error:
        # what this Python cannot write is no case of it
        sys.stderr.write('%s: %r\n' % (name, error))
        return
    CASES.append([name, binascii.hexlify(record).decode(), repr(value) if text else None])


class Plain(object):
    def method(self):
        pass


class Slots(object):
    __slots__ = ('a', 'b')


class SlotsAndDict(Slots):
    pass


class Ints(list):
    pass


class Names(dict):
    pass


class Members(set):
    pass


class Frozen(frozenset):
    pass


class Text(str):
    pass


class Number(int):
    pass


class Real(float):
    pass


class Couple(tuple):
    pass


class NewArgs(object):
    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __getnewargs__(self):
        return (1, 'two')


class NewArgsEx(NewArgs):
    def __getnewargs_ex__(self):
        return (1,), {'two': 3}


class State(object):
    def __getstate__(self):
        return 1.0

    def __setstate__(self, state):
        pass


class Old:
    def __init__(self, *args):
        self.args = args


class OldArgs(Old):
    def __getinitargs__(self):
        return (1, 2.0)


class Variadic(object):
    def __init__(self, *args):
        self.args = args
        self.pair = (3, 4.0)


class Failure(Exception):
    pass


class GoneError(EnvironmentError):
    pass


Point = collections.namedtuple('Point', 'x y')


def with_attributes(value, **attributes):
    for name, attribute in attributes.items():
        setattr(value, name, attribute)
    return value


for value in [None, True, False, 0, 255, 256, -1, 2**31 - 1, 2**31, -2**31, 2**63, -2**70, 2**2050, 0.0, -0.0, 1.0, 1.5, float('inf'),
              float('nan'), '', 'a', b'', b'ab', u'', u'a', u'\xe9\u20ac', (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], {}, {'a': 1}]:
    case('scalar or container', value, PYTHON3)
for count in (0, 1, 2, 999, 1000, 1001, 2000, 2001):
    case('list of %d' % count, list(range(count)), PYTHON3)
    case('dict of %d' % count, {i: None for i in range(count)}, PYTHON3)
    case('list subclass of %d' % count, Ints(range(count)), False)
    case('deque of %d' % count, collections.deque(range(count)), PYTHON3)
    case('set of %d' % count, set(range(count)), PYTHON3)

case('set', set([1]), PYTHON3)
case('empty set', set(), PYTHON3)
case('frozenset', frozenset([1, 2]), PYTHON3)
case('bytearray', bytearray(b'ab\xff'), PYTHON3)
case('empty bytearray', bytearray())
case('ASCII bytearray', bytearray(b'ab'))
case('complex', 1 + 2j)
case('complex of whole numbers', complex(3, -0.0))
case('slice', slice(1, None, 2))
case('range', range(1, 9, 2) if PYTHON3 else xrange(1, 9, 2), PYTHON3)
if PYTHON3:
    case('Ellipsis', Ellipsis)
    case('NotImplemented', NotImplemented)
    case('two of them', [Ellipsis, NotImplemented])
    case('type of None', type(None))
    case('type of Ellipsis', type(Ellipsis))
    case('type of NotImplemented', type(NotImplemented))
    case('bound method', Plain().method, False)
    case('classmethod', dict.fromkeys, False)
case('function', os.path.join, False)
case('built-in function', len, False)
case('class', dict, PYTHON3)
case('class of its own', Plain, False)
case('class of its own twice', [Plain, Plain()], False)

case('datetime', datetime.datetime(2024, 1, 31, 12, 30, 15, 123456))
case('datetime of bytes below 128', datetime.datetime(1, 1, 1))
case('date', datetime.date(2024, 2, 29))
case('time', datetime.time(1, 2, 3, 4))
case('time of nothing', datetime.time())
case('timedelta', datetime.timedelta(-1, 5, 7), PYTHON3)
case('dates in a list twice', [datetime.date(1999, 1, 1)] * 2)
if PYTHON3:
    case('utc', datetime.timezone.utc)
    case('timezone', datetime.timezone(datetime.timedelta(hours=-5)))
    case('named timezone', datetime.timezone(datetime.timedelta(hours=1), 'X'))
    case('datetime with a zone', datetime.datetime(2024, 1, 31, tzinfo=datetime.timezone.utc))
    case('time with a zone', datetime.time(1, tzinfo=datetime.timezone.utc))
case('Decimal', decimal.Decimal('-1.50'))
case('Decimals', [decimal.Decimal(text) for text in ('NaN', 'Infinity', '1E+30', '0E-10', '-0')])
case('UUID', uuid.UUID(int=2**100 + 1))
case('UUID of a small int', uuid.UUID(int=5))
case('UUIDs', [uuid.UUID(int=2**127), uuid.UUID(int=2**127 + 1)])
case('safe UUID', uuid.UUID(int=2**99, **({'is_safe': uuid.SafeUUID.safe} if PYTHON3 else {})), PYTHON3)
case('Fraction', fractions.Fraction(1, 3))
case('large Fraction', fractions.Fraction(-2**70, 3))

case('OrderedDict', collections.OrderedDict([('b', 1.0), ('a', 2)]), sys.version_info[:2] in ((3, 9), (3, 11)))
case('empty OrderedDict', collections.OrderedDict())
case('OrderedDict with attributes', with_attributes(collections.OrderedDict([(1, 2)]), x=1), False)
case('defaultdict', collections.defaultdict(list, {1: [2.0]}), PYTHON3)
case('defaultdict of nothing', collections.defaultdict())
case('Counter', collections.Counter('aab'))
case('empty Counter', collections.Counter())
case('deque', collections.deque([1, 2.0]))
case('deque with maxlen', collections.deque([1], 3))
case('empty deque with maxlen', collections.deque([], 3))
case('pattern', re.compile('a+'), PYTHON3)
case('pattern of bytes', re.compile(b'a+'), PYTHON3)
case('pattern with flags', re.compile('a', re.I | re.M | re.X), PYTHON3)
case('partial', functools.partial(int, '1', base=2), PYTHON3)
case('partial of nothing more', functools.partial(dict), PYTHON3)
case('exception', ValueError('v', 1))
case('exception of one argument', KeyError('k'), PYTHON3)
case('exception with attributes', with_attributes(Failure('x'), code=1.0), False)
case('exception of its own', GoneError(1, 'x'), False)
case('exceptions', [ValueError('a', 2), IOError(2, 'gone', 'name'), SyntaxError('odd', ('name', 1, 2, 'text')), StopIteration()], False)
case('OSError', OSError(2, 'gone'), PYTHON3)
case('OSError of a file', OSError(2, 'gone', 'name'), PYTHON3)
case('UnicodeError', UnicodeDecodeError('ascii', b'\xff', 0, 1, 'no'), PYTHON3)
case('array', array.array('d', [1.0, 2.0]), False)

case('object', with_attributes(Plain(), a=1, b=[2.0]), False)
case('object without attributes', Plain(), False)
case('object in itself', (lambda plain: with_attributes(plain, me=plain))(Plain()), False)
case('slots', with_attributes(Slots(), a=1), False)
case('slots, none set', Slots(), False)
case('slots and attributes', with_attributes(SlotsAndDict(), a=1, c=2.0), False)
case('new arguments', NewArgs(), False)
case('new keyword arguments', NewArgsEx(), False)
case('state that is a float', State(), False)
case('old-style instance', Old(1, 2.0), False)
case('old-style instance with arguments', OldArgs(1), False)
case('tuples as attributes', Variadic(1, 2.0), False)
case('list subclass', with_attributes(Ints([1, 2.0]), name='n'), False)
case('dict subclass', with_attributes(Names(a=1.0), name='n'), False)
case('empty dict subclass', Names(), False)
case('set subclass', Members([1.0]), False)
case('set subclass with attributes', with_attributes(Members([1]), name='n'), False)
case('frozenset subclass', Frozen([1]), False)
case('str subclass', Text('t'), False)
case('int subclass', Number(5), False)
case('float subclass', Real(2.0), False)
case('tuple subclass', Couple((1, 2.0)), False)
case('namedtuple', Point(1, 2.0), False)

if PYTHON3:
    import enum
    import pathlib

    class Colour(enum.Enum):
        RED = 1
        BLUE = 'b'

    class Order(enum.IntEnum):
        FIRST = 1

    class Bits(enum.Flag):
        A = 1
        B = 2

    case('Enum', [Colour.RED, Colour.BLUE, Colour.RED], False)
    case('IntEnum', Order.FIRST, False)
    case('Flag', Bits.A, False)
    case('Flag combination', Bits.A | Bits.B, False)
    case('path', pathlib.PurePosixPath('/a/b'))
    case('relative path', pathlib.PurePosixPath('a/b'))
    case('path of nothing', pathlib.PurePosixPath())
    case('path of this system', pathlib.Path('/a'))
    case('namespace', types.SimpleNamespace(a=1, b=[2.0]))
    case('generic alias', list[int])
    case('generic alias of two', dict[str, int])
    import zoneinfo
    try:
        case('ZoneInfo', zoneinfo.ZoneInfo('UTC'))
        case('datetime with a ZoneInfo', datetime.datetime(2024, 1, 31, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')))
    except zoneinfo.ZoneInfoNotFoundError:
        pass

try:
    import pytz
except ImportError:
    pass
else:
    case('pytz UTC', pytz.utc)
    case('pytz zone', pytz.timezone('Europe/Berlin'))
    case('pytz zone west', pytz.timezone('US/Eastern'))
    case('pytz zone without summer time', pytz.timezone('Etc/GMT+1'))
    case('pytz offset', pytz.FixedOffset(90))
    case('pytz moments', [pytz.timezone('US/Eastern').localize(datetime.datetime(2024, month, 1)) for month in (1, 7, 7)])
try:
    from DateTime import DateTime
except ImportError:
    pass
else:
    case('Zope DateTime', DateTime('2024-01-31 12:00:00 UTC'), False)

from ZODB.broken import find_global
from zope.interface import Interface, directlyProvides


class IThing(Interface):
    pass


Gone = find_global('no.such.module', 'Gone')
gone = Gone.__new__(Gone, 1)
gone.__setstate__({'a': 2.0})
case('broken object', gone, False)
thing = Plain()
directlyProvides(thing, IThing)
case('interface', IThing, False)
case('object that provides an interface', thing, False)

import numpy

case('numpy array', numpy.arange(6.0).reshape(2, 3), PYTHON3)
case('numpy array of ints', numpy.array([1, -200, 3]), PYTHON3)
case('numpy array of one', numpy.array(5), PYTHON3)
case('numpy array of nothing', numpy.zeros((0, 3)), PYTHON3)
case('numpy array of booleans', numpy.array([True, False]), PYTHON3)
case('numpy array, big-endian', numpy.array([1, 2], dtype='>i4'), sys.version_info[:2] >= (3, 11))
case('numpy array of complex', numpy.array([1 + 2j, complex(-0.0, -0.5)]), PYTHON3)
case('numpy array of float32', numpy.array([1.5, 0.1], dtype='f4'), PYTHON3)
case('numpy array of objects', numpy.array([1, 'a', None], dtype=object), PYTHON3)
case('numpy array of text', numpy.array(['ab', 'c'], dtype='U2'), PYTHON3)
case('numpy array of bytes', numpy.array([b'ab', b'c'], dtype='S2'), PYTHON3)
case('numpy array of structures', numpy.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')]), PYTHON3)
case('numpy array of days', numpy.array(['2024-01-31', '1969-12-31'], dtype='M8[D]'), PYTHON3)
case('numpy Fortran array', numpy.asfortranarray(numpy.arange(6).reshape(2, 3)), PYTHON3)
case('numpy arrays of one dtype', [numpy.zeros(1), numpy.zeros(2)], PYTHON3)
case('numpy long array', numpy.arange(2000.0), False)
for code in '?', 'i1', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16':
    case('numpy scalar %s' % code, numpy.array([1.5]).astype(code)[0], PYTHON3)
case('numpy text', numpy.array(['ab'], dtype='U2')[0], PYTHON3)
case('numpy datetime', numpy.datetime64('2024-01-31T12:30'), PYTHON3)
case('numpy timedelta', numpy.timedelta64(5, 'h'), PYTHON3)
for code in '>i4', 'f8', '?', 'S3', 'U5', 'O', 'M8[ns]', 'm8[25s]', [('a', '<f8'), ('b', 'S3')], [('a', 'i4', (2, 3)), ('b', 'u1')], [(('t', 'n'), 'u1')]:
    case('numpy dtype %s' % (code,), numpy.dtype(code), PYTHON3)
case('numpy aligned dtype', numpy.dtype([('a', 'i1'), ('b', 'f8')], align=True), False)
case('numpy record array', numpy.rec.array([(1, 2.0)], names='a,b'), False)
case('numpy masked array', numpy.ma.array([1, 2], mask=[0, 1]), False)
if hasattr(numpy, 'dtypes') and hasattr(numpy.dtypes, 'StringDType'):
    case('numpy StringDType', numpy.dtypes.StringDType(), False)

print(json.dumps(CASES))
