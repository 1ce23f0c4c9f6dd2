"""Prints as JSON the transactions of a data file, as decimal numbers, with the number of their records; after fstest."""
import json
import sys

from ZODB.FileStorage import FileStorage
from ZODB.scripts import fstest

path = sys.argv[1]
fstest.check(path)
storage = FileStorage(path, read_only=True)
print(json.dumps([[str(int(t.tid.hex(), 16)), len(list(t))] for t in storage.iterator()]))
