"""Python's side of the alternating sequences: one long process that reads a command a line, as JSON, and answers so.

    {"do": "make", "class": ..., "value": ..., "refs": [...]}   the record of such an object, in hex
    {"do": "step", "file": ..., "blobs": ..., "step": {...}}    does the step, and says how it ended
    {"do": "see", "file": ..., "full": false}                   fstest's verdict, and a hash of all that can be read
"""
import base64
import hashlib
import io
import json
import logging
import os
import sys
import tempfile
import time
import types

from persistent import Persistent
from ZODB._compat import PersistentPickler
from ZODB.Connection import TransactionMetaData
from ZODB.FileStorage.fspack import PackError
from ZODB.FileStorage.FileStorage import FileIterator, FileStorage
from ZODB.POSException import ConflictError, MultipleUndoErrors, POSKeyError, ReadConflictError, UndoError
from ZODB.scripts import fstest
from ZODB.serialize import referencesf

logging.disable(logging.CRITICAL)
# What is on the disk after a loss of power is no part of this.
sys.modules['ZODB.FileStorage.FileStorage'].fsync = None

classes = types.ModuleType('sequences_classes')
sys.modules['sequences_classes'] = classes


class Plain(Persistent):
    """Nothing merges its changes."""


class Counter(Persistent):
    def _p_resolveConflict(self, old, committed, new):
        merged = dict(committed)
        merged['value'] = committed['value'] + new['value'] - old['value']
        return merged


for cls in Plain, Counter:
    cls.__module__ = classes.__name__
    setattr(classes, cls.__name__, cls)


class Reference:
    def __init__(self, oid, cls):
        self.pid = (oid, cls)


def make(command):
    cls = getattr(classes, command['class'])
    out = io.BytesIO()
    pickler = PersistentPickler(lambda obj: obj.pid if isinstance(obj, Reference) else None, out, 3)
    pickler.dump(cls)
    pickler.dump({'value': command['value'],
                  'refs': [Reference(bytes.fromhex(oid), Plain) for oid in command['refs']]})
    return out.getvalue().hex()


def step(command):
    storage = FileStorage(command['file'], blob_dir=command.get('blobs'))
    try:
        return STEPS[command['step']['kind']](storage, command['step'])
    finally:
        storage.close()


def commit(storage, step):
    metadata = TransactionMetaData(*(bytes.fromhex(step[name]) for name in ('user', 'description')))
    metadata.extension_bytes = bytes.fromhex(step['extension'])
    storage.tpc_begin(metadata, bytes.fromhex(step['tid']), step['status'])
    done = []
    try:
        for operation in step['operations']:
            done.append(OPERATIONS[operation['kind']](storage, metadata, operation))
        if step['end'] == 'abort':
            storage.tpc_abort(metadata)
            return {'done': done}
        resolved = storage.tpc_vote(metadata)
        if step['end'] == 'abort after vote':
            storage.tpc_abort(metadata)
        else:
            storage.tpc_finish(metadata)
        return {'done': done, 'resolved': [oid.hex() for oid in resolved or ()]}
    except Exception as error:
        storage.tpc_abort(metadata)
        return {'done': done, 'error': error_name(error)}


def error_name(error):
    for cls in ReadConflictError, ConflictError, MultipleUndoErrors, UndoError, POSKeyError:
        if isinstance(error, cls):
            return cls.__name__
    raise error


def store(storage, metadata, operation):
    oid, serial, data = (bytes.fromhex(operation[name]) for name in ('oid', 'serial', 'data'))
    storage.store(oid, serial, data, '', metadata)


def delete(storage, metadata, operation):
    storage.deleteObject(bytes.fromhex(operation['oid']), bytes.fromhex(operation['serial']), metadata)


def check(storage, metadata, operation):
    oid, serial = (bytes.fromhex(operation[name]) for name in ('oid', 'serial'))
    storage.checkCurrentSerialInTransaction(oid, serial, metadata)


def undo(storage, metadata, operation):
    _, oids = storage.undo(base64.b64encode(bytes.fromhex(operation['tid'])), metadata)
    return sorted(oid.hex() for oid in oids)


def restore(storage, metadata, operation):
    data, data_tid = (operation[name] and bytes.fromhex(operation[name]) for name in ('data', 'dataTid'))
    storage.restore(bytes.fromhex(operation['oid']), storage._tid, data, '', data_tid, metadata)


def file_with(storage, content):
    handle, name = tempfile.mkstemp(dir=storage.temporaryDirectory())
    with os.fdopen(handle, 'wb') as file:
        file.write(bytes.fromhex(content))
    return name


def store_blob(storage, metadata, operation):
    oid, serial, data = (bytes.fromhex(operation[name]) for name in ('oid', 'serial', 'data'))
    storage.storeBlob(oid, serial, data, file_with(storage, operation['content']), '', metadata)


def restore_blob(storage, metadata, operation):
    data, data_tid = (operation[name] and bytes.fromhex(operation[name]) for name in ('data', 'dataTid'))
    storage.restoreBlob(bytes.fromhex(operation['oid']), storage._tid, data,
                        file_with(storage, operation['content']), data_tid, metadata)


def pack(storage, step):
    try:
        storage.pack(step['time'], referencesf, gc=step['gc'])
    except (KeyError, PackError, AssertionError) as error:
        # A reference to nothing, or, without garbage collection, an undo of what is packed away.
        return {'done': [], 'error': type(error).__name__}
    return {'done': []}


STEPS = {'commit': commit, 'pack': pack}
OPERATIONS = {'store': store, 'delete': delete, 'check': check, 'undo': undo, 'restore': restore,
              'storeBlob': store_blob, 'restoreBlob': restore_blob}


def see(command):
    try:
        fstest.check(command['file'])
        verdict = 'no errors detected'
    except fstest.FormatError as error:
        verdict = str(error)
    lines = list(seen(command['file']))
    text = '\n'.join(lines)
    return {'verdict': verdict, 'hash': hashlib.sha1(text.encode()).hexdigest(),
            'text': text if command['full'] else ''}


def seen(path):
    """Everything that can be read, a line each."""
    tids, oids = [], []
    for txn in FileIterator(path):
        tids.append(txn.tid)
        status = txn.status if isinstance(txn.status, str) else txn.status.decode()
        yield ' '.join(['txn', txn.tid.hex(), repr(status), txn.user.hex(), txn.description.hex(), txn.extension_bytes.hex()])
        for record in txn:
            oids.append(record.oid)
            yield ' '.join(['record', record.oid.hex(), record.tid.hex(), hexed(record.data), hexed(record.data_txn)])
    oids = sorted(set(oids))
    storage = FileStorage(path, read_only=True)
    yield ' '.join(['last', storage.lastTransaction().hex(), str(len(storage)), str(storage.getSize())])
    for oid in oids:
        yield ' '.join(['current', oid.hex(), *attempt(lambda: storage.load(oid))])
        yield ' '.join(['tid', *attempt(lambda: [storage.getTid(oid)])])
        for before in tids + [b'\x7f' + b'\xff' * 7]:
            yield ' '.join(['before', before.hex(), *attempt(lambda: storage.loadBefore(oid, before))])
        for entry in storage.history(oid, 1000):
            yield ' '.join(['history', entry['tid'].hex(), entry['user_name'].hex(), entry['description'].hex(), str(entry['size'])])
    for entry in storage.undoLog(0, 1000):
        tid = base64.b64decode(entry['id'])
        yield ' '.join(['undo', tid.hex(), entry['user_name'].hex(), entry['description'].hex(), str(entry['size'])])
    for tid, changed in storage.lastInvalidations(5):
        yield ' '.join(['invalidation', tid.hex(), *(oid.hex() for oid in changed)])
    storage.close()


def attempt(call):
    try:
        found = call()
    except POSKeyError:
        return ['POSKeyError']
    return ['younger'] if found is None else map(hexed, found)


def hexed(value):
    return '-' if value is None else value.hex()


COMMANDS = {'make': make, 'step': step, 'see': see}
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(COMMANDS[command['do']](command)), flush=True)
