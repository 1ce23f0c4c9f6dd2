"""Blobs as objects, and copies of databases with blobs.

    blobs.py write FILE BLOBS NAME TEXT    root[NAME] is a blob with this text; committed in two savepoints
    blobs.py append FILE BLOBS NAME TEXT   appends to it
    blobs.py read FILE BLOBS               the texts of all, as JSON, read the way applications do
    blobs.py copy FILE BLOBS FILE2 BLOBS2  copyTransactionsFrom into a new storage
"""
import json
import logging
import sys

import transaction
import ZODB
from ZODB.blob import Blob
from ZODB.FileStorage import FileStorage

logging.disable(logging.CRITICAL)


def write(db, name, text):
    with db.transaction() as connection:
        blob = connection.root()[name] = Blob()
        with blob.open('w') as file:
            file.write(text[:3].encode())
        connection.transaction_manager.savepoint()
        with blob.open('a') as file:
            file.write(text[3:].encode())
        connection.transaction_manager.savepoint()


def append(db, name, text):
    with db.transaction() as connection:
        with connection.root()[name].open('a') as file:
            file.write(text.encode())


def read(db):
    with db.transaction() as connection:
        texts = {}
        for name, blob in connection.root().items():
            with blob.open() as file:
                texts[name] = file.read().decode()
            with open(blob.committed(), 'rb') as file:
                assert file.read().decode() == texts[name]
        print(json.dumps(texts))


command, file, blobs, *rest = sys.argv[1:]
if command == 'copy':
    source = FileStorage(file, blob_dir=blobs, read_only=True)
    target = FileStorage(rest[0], blob_dir=rest[1])
    target.copyTransactionsFrom(source)
    target.close()
    source.close()
else:
    db = ZODB.DB(FileStorage(file, blob_dir=blobs))
    {'write': write, 'append': append, 'read': read}[command](db, *rest)
    db.close()
