"""Prints generated values, one a line: the pickle in hexadecimal, and the repr as JSON. Arguments: how many, and a seed.

Values hold each other, themselves, and one another twice.
"""
import binascii
import collections
import datetime
import decimal
import fractions
import json
import math
import random
import struct
import sys
import unicodedata
import uuid

from zodbpickle import pickle

count, seed = int(sys.argv[1]), int(sys.argv[2])
random.seed(seed)
QUOTES = ['', "'", '"', '\'"', '\\', '\n\r\t', '\x00\x07\x1b\x7f', '\xa0\xad\xe9\xff', '\u2028\u20ac\u3000', '\ud800', '\udfff', '\U0001f600', '\U000e0001']


def text():
    pieces = [random.choice(QUOTES)]
    for _ in range(random.randrange(4)):
        # what is no character in this Python may be one elsewhere
        character = chr(random.choice((random.randrange(0x80), random.randrange(0x3000), random.randrange(0x110000))))
        if unicodedata.category(character) != 'Cn':
            pieces.append(character)
    random.shuffle(pieces)
    return ''.join(pieces)


def number():
    kind = random.randrange(5)
    if kind == 0:
        return struct.unpack('d', struct.pack('Q', random.getrandbits(64)))[0]
    if kind == 1:
        return random.choice((0.0, -0.0, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 123456789.0, float('inf'), float('-inf'), float('nan')))
    return round(random.uniform(-10, 10) * 10 ** random.randrange(-8, 25), random.randrange(6)) + 0.0


def integer():
    return random.choice((-1, 1)) * random.getrandbits(random.choice((1, 8, 16, 31, 53, 54, 64, 200)))


def zone():
    if random.randrange(3) == 0:
        return random.choice((None, datetime.timezone.utc))
    offset = datetime.timedelta(seconds=random.randrange(-86399, 86400), microseconds=random.choice((0, 0, 5)))
    return datetime.timezone(offset) if random.randrange(2) else datetime.timezone(offset, text().encode('ascii', 'ignore').decode())


def clock():
    return [random.randrange(24), random.randrange(60), random.choice((0, random.randrange(60))), random.choice((0, random.randrange(10**6)))]


def day():
    return datetime.date.fromordinal(random.randrange(1, datetime.date.max.toordinal() + 1))


def decimal_text():
    return '%s%d.%0*dE%d' % (random.choice(('', '-')), random.randrange(10**6), random.randrange(1, 6), random.randrange(10), random.randrange(-40, 40))


LEAVES = [
    lambda: None, lambda: True, lambda: False, integer, integer, number, number, text, text,
    lambda: bytes(random.choice((random.getrandbits(8), 34, 39, 92, 65)) for _ in range(random.randrange(6))),
    lambda: bytearray(random.getrandbits(8) for _ in range(random.randrange(4))),
    lambda: complex(number(), number()),
    day,
    lambda: datetime.time(*clock(), tzinfo=zone()),
    lambda: datetime.datetime.combine(day(), datetime.time(*clock()), zone()),
    lambda: datetime.timedelta(random.randrange(-10**9 + 1, 10**9), random.randrange(86400), random.choice((0, random.randrange(10**6)))),
    lambda: datetime.timedelta(random.randrange(-2, 2), random.choice((0, 1))),
    zone,
    lambda: decimal.Decimal(decimal_text()),
    lambda: decimal.Decimal(random.choice(('NaN', '-Infinity', '0', '-0E+5', 'sNaN12'))),
    lambda: uuid.UUID(int=random.getrandbits(random.choice((8, 128)))),
    lambda: fractions.Fraction(integer(), 1 + abs(integer())),
    lambda: range(integer(), integer(), random.choice((1, -1, 7))),
    lambda: slice(random.choice((None, integer())), random.choice((None, text())), random.choice((None, 2))),
    lambda: random.choice((int, dict, ValueError, list, Ellipsis, NotImplemented, type(None))),
    lambda: ValueError(*[integer() for _ in range(random.randrange(3))]),
]


def leaf():
    return random.choice(LEAVES)()


def key():
    while True:
        value = leaf()
        try:
            hash(value)
        except TypeError:
            continue
        if value == value:
            return value


def container(made, depth):
    def part():
        if made and random.randrange(4) == 0:
            return random.choice(made)
        return value(made, depth + 1)

    size = random.choice((0, 1, 1, 2, 3, 5))
    kind = random.randrange(10)
    if kind == 0:
        new = tuple(part() for _ in range(size))
    elif kind == 1:
        new = set(key() for _ in range(size))
    elif kind == 2:
        new = frozenset(key() for _ in range(size))
    elif kind == 3:
        new = collections.OrderedDict((key(), part()) for _ in range(size))
    elif kind == 4:
        new = collections.defaultdict(random.choice((None, list, int)), {key(): part() for _ in range(size)})
    elif kind == 5:
        new = collections.Counter({key(): integer() for _ in range(size)})
    elif kind == 6:
        new = collections.deque((part() for _ in range(size)), random.choice((None, 5, 7)))
    elif kind < 8:
        new = []
        made.append(new)
        new.extend(part() for _ in range(size))
        return new
    else:
        new = {}
        made.append(new)
        for _ in range(size):
            new[key()] = part()
        return new
    return new


def value(made, depth=0):
    return container(made, depth) if depth < 4 and random.randrange(3) else leaf()


written = 0
while written < count:
    one = value([])
    try:
        hexadecimal = binascii.hexlify(pickle.dumps(one, 3)).decode()
    except RecursionError:
        continue
    print(hexadecimal, json.dumps(repr(one)))
    written += 1
