"""Prints pickles as zodbpickle writes them, each with what the value is: JSON of [name, hex, neutral form, repr]."""
import json
import sys

from zodbpickle import pickle

from neutral import neutral

CASES = {}


def case(name, value):
    CASES[name] = value


if hasattr(sys, 'set_int_max_str_digits'):
    sys.set_int_max_str_digits(0)
for value in [None, True, False, 0, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -2**31, -2**31 - 1, -2**39, 2**53 - 1,
              2**53, 2**63, -2**63, -2**63 - 1, 2**64, 2**2040, -2**2040, 2**2039 - 1, 2**4000]:
    case('int %.40s' % value if len(str(value)) < 40 else 'int of %d digits' % len(str(value)), value)
for value in [0.0, -0.0, 1.0, 1.5, 1e300, 5e-324, float('inf'), float('-inf'), float('nan'), 2.0**53]:
    case('float %r' % value, value)
for value in ['', 'a', 'é', '\x00', '€', '\U0001f600', '\ud800', '\udfff a', 'x' * 255, 'x' * 256, 'é' * 70000]:
    case('str %a of %d' % (value[:5], len(value)), value)
for length in [0, 1, 2, 255, 256, 70000]:
    case('bytes of %d' % length, bytes(i % 251 for i in range(length)))
    case('bytearray of %d' % length, bytearray(i % 251 for i in range(length)))
for count in range(6):
    case('tuple of %d' % count, tuple(range(count)))
for count in [0, 1, 2, 999, 1000, 1001, 1999, 2000, 2001]:
    case('list of %d' % count, list(range(count)))
    case('dict of %d' % count, {i: None for i in range(count)})
    case('set of %d' % count, set(range(count)))
    case('frozenset of %d' % count, frozenset(range(count)))
for count in [254, 255, 256, 257, 258, 65535, 65536, 65537]:
    names = ['n%d' % i for i in range(count)]
    case('%d entries in the memo' % count, names + [names[0], names[-1], names])

shared = [1]
case('a list that stands twice', [shared, shared, (shared,)])
loop = []
loop.append(loop)
case('a list in itself', loop)
loop = {}
loop['self'] = loop
case('a dict in itself', loop)
for count in range(1, 6):
    inner = []
    outer = tuple([inner] + [0] * (count - 1))
    inner.append(outer)
    case('a tuple of %d in itself' % count, outer)
    case('a list in a tuple of %d in it' % count, inner)
case('keys', {None: 0, True: 1, 2: 2, 2.5: 3, 'a': 4, b'a': 5, (1, 'a'): 6, frozenset([1]): 7, 2**70: 8})
case('equal bytes that are two', [bytes([1, 2]), bytes([1, 2])])
case('bytes of length 1 twice', [b'a', b'a', b'', b''])
case('classes', [dict, list, dict])

print(json.dumps([[name, pickle.dumps(value, 3).hex(), neutral(value, {}), repr(value)] for name, value in CASES.items()]))
