"""Persistent lists: `read FILE` prints the class and items of root['list'], `change FILE` changes it."""

import json
import sys

import transaction
import ZODB

command, file = sys.argv[1:]
db = ZODB.DB(file)
items = db.open().root()['list']
if command == 'change':
    items.append('from Python')
    items[0] = 2.0
    transaction.commit()
print(json.dumps([f'{type(items).__module__}.{type(items).__name__}', list(items)]))
db.close()
