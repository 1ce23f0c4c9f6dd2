"""Opens each data file named on standard input, for reading and then for writing, and prints as JSON the transactions that
it has for each, as hex digits."""
import json
import os
import sys
import warnings

from ZODB.FileStorage import FileStorage
from ZODB.FileStorage.format import CorruptedDataError

warnings.simplefilter('ignore')


def tids(path, read_only):
    storage = FileStorage(path, read_only=read_only)
    found = []
    try:
        for transaction in storage.iterator():
            found.append(transaction.tid.hex())
    except CorruptedDataError:
        # Its iterator, unlike its opening, stumbles over less than a header behind the last transaction.
        if not read_only:
            raise
    finally:
        storage.close()
    return found


result = []
for line in sys.stdin:
    path = line.strip()
    seen = [tids(path, True), tids(path, False)]
    result.append(seen)
    for name in os.listdir(os.path.dirname(path)):
        if name.startswith(os.path.basename(path) + '.'):
            os.unlink(os.path.join(os.path.dirname(path), name))
print(json.dumps(result))
