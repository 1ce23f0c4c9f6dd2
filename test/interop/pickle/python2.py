"""Pickles of Python 2: `python2.py write` prints [name, protocol, hex, text] for values that tell str, unicode, int, long and binary
apart; `python2.py read` loads the hexadecimal texts of a JSON list on standard input and prints the text of each.

The text says of each value what type it is. Protocols 1 and 2 are cPickle's, 3 is zodbpickle's.
"""
import cPickle
import datetime
import decimal
import json
import sys
import uuid
from binascii import hexlify, unhexlify

import zodbpickle
from zodbpickle import fastpickle as pickle


class Old:
    def __init__(self, value):
        self.value = value


class New(object):
    def __init__(self, value):
        self.value = value


class Items(list):
    pass


for cls in (Old, New, Items):
    cls.__module__ = 'shapes'
sys.modules['shapes'] = sys.modules['__main__']


def text(value):
    kind = type(value).__name__
    if isinstance(value, (list, tuple)):
        inside = ', '.join(text(item) for item in value)
    elif isinstance(value, (set, frozenset)):
        inside = ', '.join(sorted(text(item) for item in value))
    elif isinstance(value, dict):
        inside = ', '.join(sorted('%s: %s' % (text(k), text(v)) for k, v in value.items()))
    else:
        inside = '' if hasattr(value, '__dict__') else repr(value)
    if hasattr(value, '__dict__'):
        inside += ' ' + text(value.__dict__)
        kind = value.__class__.__name__
    return '%s(%s)' % (kind, inside)


def cases():
    binary = zodbpickle.binary
    shared = ('a pair', u'of both')
    itself = []
    itself.append((itself, 1))
    yield 'str', ['', 'a', 'ab', 'x' * 255, 'x' * 256, '\xe9', '\x00\xff', 'ab']
    yield 'unicode', [u'', u'a', u'ab', u'\xe9', u'\u20ac', u'\U0001f600', u'ab']
    yield 'both', ['name', u'name', u'other', 'name', 'caf\xc3\xa9', u'caf\xe9']
    yield 'unicode keys', {u'one': 1, u'two': u'zwei', 'three': 'drei', u'vier': '4'}
    yield 'int', [0, 1, 255, 256, 65536, -1, 2**31 - 1, -2**31, 2**31, 2**62, -2**63]
    yield 'long', [0, 0L, 1L, -1L, 2**31 * 1L, 2**70, -2**70, 5, 5L]
    yield 'only long', (1L, 2L, -300L)
    yield 'long values', {'a': 1L, 'b': 1, 3L: 'c'}
    yield 'float', [1.0, 1, 2.5, -0.0, float('inf')]
    yield 'bool', [True, False, None, 1]
    yield 'tuples', [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((1,),))]
    yield 'shared', [shared, shared, [shared]]
    yield 'itself', itself
    yield 'binary', [binary('12345678'), '12345678', binary('\xff'), {'b': binary('x'), 's': 'x'}]
    yield 'set', [set(['a', u'\xe9', 1L]), frozenset([1, 2])]
    yield 'bytearray', [bytearray('ab\xe9'), bytearray()]
    yield 'old', Old({u'a': 'b'})
    yield 'new', [New(u'text'), New('text'), New(5L)]
    yield 'items', Items(['a', u'a'])
    yield 'datetime', [datetime.datetime(2005, 6, 7, 8, 9, 10, 11), datetime.date(2005, 6, 200 // 10)]
    yield 'decimal', [decimal.Decimal('1.50'), complex(1, 2.5)]
    yield 'uuid', uuid.UUID(int=5)
    yield 'state', New(({u'k': 1L}, None))
    for size in (999, 1000, 1001, 2000, 2001):
        yield 'list of %d' % size, range(size)
        yield 'dict of %d' % size, dict.fromkeys(range(size))
    yield 'many strings', ['n%d' % i for i in range(300)] + ['n0', 'n299']


def dumps(value, protocol):
    return pickle.dumps(value, 3) if protocol == 3 else cPickle.dumps(value, protocol)


if sys.argv[1] == 'write':
    print(json.dumps([
        [name, protocol, hexlify(dumps(value, protocol)), '' if name == 'itself' else text(value)]
        for name, value in cases() for protocol in (1, 2, 3) if protocol == 3 or name != 'binary'
    ]))
else:
    texts = []
    for name, digits in json.load(sys.stdin):
        value = pickle.loads(unhexlify(digits))
        if name == 'itself':
            assert value[0][0] is value
        texts.append('' if name == 'itself' else text(value))
    print(json.dumps(texts))
