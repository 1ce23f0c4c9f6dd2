"""Python's DemoStorage on the files that Node's was used on.

    demo.py base FILE BLOBS                          makes a database: 'kept', 'changed' and a blob
    demo.py read BASE BLOBS CHANGES CHANGESBLOBS     all of the root, over both, as JSON
    demo.py write BASE BLOBS CHANGES CHANGESBLOBS NAME TEXT    root[NAME] = TEXT, and appends it to the blob
    demo.py undo BASE BLOBS CHANGES CHANGESBLOBS     undoes the last transaction
"""
import json
import logging
import sys

import transaction
import ZODB
from persistent.mapping import PersistentMapping
from ZODB.blob import Blob
from ZODB.DemoStorage import DemoStorage
from ZODB.FileStorage import FileStorage

logging.disable(logging.CRITICAL)
command, base, blobs, *rest = sys.argv[1:]

if command == 'base':
    db = ZODB.DB(FileStorage(base, blob_dir=blobs))
    with db.transaction() as connection:
        connection.root()['kept'] = PersistentMapping({'text': 'base'})
        connection.root()['blob'] = blob = Blob()
        with blob.open('w') as file:
            file.write(b'base')
    db.close()
    sys.exit()

changes, changes_blobs, *rest = rest
db = ZODB.DB(DemoStorage(base=FileStorage(base, blob_dir=blobs, read_only=True),
                         changes=FileStorage(changes, blob_dir=changes_blobs)))
with db.transaction() as connection:
    root = connection.root()
    if command == 'read':
        with root['blob'].open() as file:
            text = file.read().decode()
        found = {name: dict(value) for name, value in root.items() if name != 'blob'}
        print(json.dumps({**found, 'blob': text, 'oids': sorted(value._p_oid.hex() for value in root.values())}))
    elif command == 'write':
        name, text = rest
        root[name] = PersistentMapping({'text': text})
        with root['blob'].open('a') as file:
            file.write(text.encode())
    else:
        db.undo(db.undoLog(0, 1)[0]['id'])
        transaction.commit()
db.close()
