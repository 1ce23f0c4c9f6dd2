"""Writes index files of the forms that earlier ZODBs wrote, beside this script:

    .peers/zodb/bin/python test/filestorage/old-index/write.py py3
    .peers/py27/bin/python test/filestorage/old-index/write.py py2

Each says: position 5000, and 120 objects, whose oids are 65536 * i + (0, 1, 7) for i from 0 to 39, at positions
100 + 10 * i + (0, 1, 7).
"""
import os
import sys

from ZODB.fsIndex import fsIndex
from ZODB.utils import p64
from zodbpickle import pickle

folder = os.path.dirname(os.path.abspath(__file__))
name = sys.argv[1]
protocol = {'py2': 1, 'py3': 3}[name]
entries = {p64(65536 * i + k): 100 + 10 * i + k for i in range(40) for k in (0, 1, 7)}
index = fsIndex(entries)


def save(form, index):
    with open(os.path.join(folder, '%s-%s.index' % (name, form)), 'wb') as f:
        pickle.Pickler(f, protocol).dump({'index': index, 'pos': 5000, 'oid': b'\0' * 8})


save('dict', entries)
save('list', index)
fsIndex.__getstate__ = lambda self: {'_data': self._data}
save('trees', index)
