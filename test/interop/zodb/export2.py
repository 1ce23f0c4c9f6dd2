"""Export files and Python 2. `python2.7 export2.py make DIR`: a database with objects and their export.
`python2.7 export2.py read FILE`: what Python 2 sees of the objects `top` and `other` in a database, with their types.
`python3 export2.py three DIR`: an export of Python 3."""
import collections
import datetime
import decimal
import json
import os
import sys

import ZODB
import transaction
from BTrees.OOBTree import OOBTree
from persistent.mapping import PersistentMapping
from ZODB.utils import u64


def objects():
    inner = PersistentMapping({'name': 'inner', 'n': 3.0})
    top = PersistentMapping({
        'text': 'text', 'unicode': u'\xe9', 'large': 2**40, 'float': 2.0, 'inner': inner, 'again': [inner, inner],
        'set': set([1, 2]), 'frozen': frozenset(['x']), 'bytearray': bytearray(b'a\xff'), 'complex': 1 + 2j,
        'when': datetime.datetime(2024, 1, 31, 12), 'decimal': decimal.Decimal('1.50'),
        'ordered': collections.OrderedDict([('b', 1), ('a', 2)]), 'error': KeyError('gone'), 'gone': FileError(2, 'none'),
        'class': dict, 'tree': OOBTree(dict(('k%03d' % i, i) for i in range(100))),
    })
    inner['up'] = top
    return top


FileError = OSError if sys.version_info[0] == 2 else FileNotFoundError


def shown(value):
    """Without the order of sets and dicts, and the addresses of objects."""
    if isinstance(value, PersistentMapping):
        return 'the same'
    if isinstance(value, (set, frozenset)):
        return '%s(%s)' % (type(value).__name__, ', '.join(sorted(map(repr, value))))
    if isinstance(value, OOBTree):
        return 'OOBTree(%d): %r' % (len(value), value['k042'])
    if isinstance(value, list):
        return '[%s]' % ', '.join(shown(item) for item in value)
    return '%s: %r' % (type(value).__name__, value)


def make(folder, name):
    db = ZODB.DB(os.path.join(folder, name + '.fs'))
    root = db.open().root()
    root['top'] = objects()
    transaction.commit()
    root['top']._p_jar.exportFile(root['top']._p_oid, os.path.join(folder, name + '.zexp'))
    print(u64(root['top']._p_oid))
    db.close()


def read(path):
    db = ZODB.DB(path)
    root = db.open().root()
    seen = {}
    for name in ('top', 'other'):
        seen[name] = dict((key, shown(value)) for key, value in root[name].items())
        inner = root[name]['inner']
        assert inner['up'] is root[name] and root[name]['again'][0] is inner and root[name]['again'][1] is inner
        seen[name]['n'] = shown(inner['n'])
    db.close()
    print(json.dumps(seen))


if sys.argv[1] == 'read':
    read(sys.argv[2])
else:
    make(sys.argv[2], sys.argv[1])
