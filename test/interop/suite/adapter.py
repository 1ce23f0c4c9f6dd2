"""Storages of Node as ZODB storages: each call goes over a pipe to one Node process (server.ts), so that ZODB's own tests
judge them. What is here is only what the calls look like in Python; the lock on which a second transaction waits is the one
thing that a program of one thread does not have."""

import base64
import os
import pickle
import struct
import subprocess
import threading
import time

import ZODB.blob
from persistent.TimeStamp import TimeStamp
from ZODB import BaseStorage, POSException, interfaces
from ZODB.FileStorage import FileStorage as PythonFileStorage
from ZODB.FileStorage.FileStorage import FileStorageError, FileStorageQuotaError
from ZODB.FileStorage.format import CorruptedError
from ZODB.fsIndex import fsIndex
from ZODB.utils import p64, u64, z64
from zc.lockfile import LockError
from zope.interface import alsoProvides, implementer

NODE = os.environ['ZODB_NODE'].split('\n')


class Node:
    """The process and the pipe to it. Threads take turns, a callback of the one whose call is being answered may call again."""

    def __init__(self):
        self.process = subprocess.Popen(NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.RLock()

    def __call__(self, name, *args, callback=None):
        with self.lock:
            self._send(name, *args)
            while True:
                kind, *rest = self._receive()
                if kind == 'ok':
                    return rest[0]
                if kind == 'error':
                    raise error(*rest)
                try:
                    callback(*rest)
                except BaseException as exception:
                    self._send('raise', repr(exception))
                    self._receive()
                    raise
                self._send('return')

    def _send(self, *message):
        data = pickle.dumps(message, 3)
        self.process.stdin.write(struct.pack('>I', len(data)) + data)
        self.process.stdin.flush()

    def _receive(self):
        head = self.process.stdout.read(4)
        if len(head) < 4:
            raise SystemExit('the Node process has ended with %s' % self.process.wait())
        return pickle.loads(self.process.stdout.read(struct.unpack('>I', head)[0]))


def error(code, message, oid, serials, errors):
    """The exception that Python's FileStorage raises where ours has this code."""
    if code == 'POS_KEY':
        return POSException.POSKeyError(oid)
    if code == 'CONFLICT':
        return POSException.ConflictError(message, oid=oid, serials=serials)
    if code == 'READ_CONFLICT':
        return POSException.ReadConflictError(message, oid=oid, serials=serials)
    if code == 'UNDO':
        return POSException.UndoError(message, oid)
    if code == 'MULTIPLE_UNDO':
        return POSException.MultipleUndoErrors(errors)
    if code == 'READ_ONLY':
        return POSException.ReadOnlyError(message)
    if code == 'STORAGE_TRANSACTION':
        return POSException.StorageTransactionError(message)
    if code == 'LOCK':
        return LockError(message)
    if code == 'QUOTA':
        return FileStorageQuotaError(message)
    if code == 'CORRUPTED':
        return CorruptedError(message)
    if code == '':
        return RuntimeError(message)
    return FileStorageError('%s (%s)' % (message, code))


node = Node()
CLOCK = time.time
FEATURES = (
    interfaces.IStorage,
    interfaces.IStorageRestoreable,
    interfaces.IStorageIteration,
    interfaces.IStorageUndoable,
    interfaces.IStorageCurrentRecordIteration,
    interfaces.IExternalGC,
)


def text(value):
    return value if isinstance(value, bytes) else value.encode('utf-8')


def extension_of(data):
    return pickle.loads(data) if data else {}


class TransactionRecord(BaseStorage.TransactionRecord):
    def __init__(self, tid, user, description, extension, size, status, records):
        super().__init__(tid, status, user, description, extension)
        self.records = records

    def __iter__(self):
        return iter([BaseStorage.DataRecord(*record) for record in self.records])


class Iterator:
    def __init__(self, storage, start, stop):
        self.iterator = node('iterate', storage, start, stop)

    def __iter__(self):
        return self

    def __next__(self):
        found = self.iterator is not None and node('next', self.iterator)
        if not found:
            self.iterator = None
            raise StopIteration
        return TransactionRecord(*found)

    def close(self):
        self.iterator = None


@implementer(*FEATURES)
class NodeStorage:
    kind = 'file'

    def __init__(self, file_name, create=False, read_only=False, blob_dir=None, pack_gc=True, quota=None):
        options = {'readOnly': bool(read_only)}
        if not read_only:
            options['create'] = 'new' if create else True
        if blob_dir:
            options['blobDir'] = self.blob_dir = os.path.abspath(blob_dir)
        if quota:
            options['quota'] = quota
        self._file_name = file_name
        self._path = os.path.abspath(file_name)
        self._read_only = bool(read_only)
        self._pack_gc = pack_gc
        self._handle = node('open', self.kind, self._path, options)
        self._transaction = None
        self._commit_lock = threading.Lock()
        self._ts = TimeStamp(self.lastTransaction())
        if blob_dir:
            alsoProvides(self, interfaces.IBlobStorageRestoreable)
            self._temporary = self._call('blobTemporaryFolder')
            # Of the layouts only what names of files are, to compare them.
            self.fshelper = ZODB.blob.FilesystemHelper(self.blob_dir)

    def _call(self, name, *args, **options):
        return node(name, self._handle, *args, **options)

    # What it is.

    def getName(self):
        return self._file_name

    def sortKey(self):
        return self._file_name

    def isReadOnly(self):
        return self._read_only

    def supportsUndo(self):
        return True

    def registerDB(self, wrapper):
        pass

    def __len__(self):
        return self._call('length')

    def getSize(self):
        return self._call('size')

    def close(self):
        self._call('close')

    # Reading.

    def loadBefore(self, oid, tid):
        return self._call('load', oid, tid)

    def load(self, oid, version=''):
        return self._call('load', oid, None)[:2]

    def loadSerial(self, oid, serial):
        return self._call('loadSerial', oid, serial)

    def getTid(self, oid):
        return self._call('getTid', oid)

    def lastTransaction(self):
        return self._call('lastTransaction')

    def lastInvalidations(self, count):
        return self._call('lastInvalidations', count)

    def iterator(self, start=None, stop=None):
        return Iterator(self._handle, start, stop)

    def record_iternext(self, next=None):
        return self._call('recordNext', next)

    def loadBlob(self, oid, serial):
        if not serial:
            raise POSException.POSKeyError(oid, serial)
        return self._call('loadBlob', oid, serial)

    def openCommittedBlobFile(self, oid, serial, blob=None):
        path = self.loadBlob(oid, serial)
        return open(path, 'rb') if blob is None else ZODB.blob.BlobFile(path, 'r', blob)

    def temporaryDirectory(self):
        return self._temporary

    def history(self, oid, size=1):
        return [
            dict(
                time=TimeStamp(tid).timeTime(), user_name=user, description=description, tid=tid, size=size,
                **extension_of(extension)
            )
            for tid, user, description, extension, size in self._call('history', oid, size)
        ]

    def undoLog(self, first=0, last=-20, filter=None):
        if last < 0:
            last = first - last
        entries = [
            dict(
                id=base64.encodebytes(tid).rstrip(), time=TimeStamp(tid).timeTime(), user_name=user,
                size=size, description=description, **extension_of(extension)
            )
            for tid, user, description, extension, size
            in (self._call('undoLog', first, last - first) if filter is None else self._call('undoLog', 0, 1 << 30))
        ]
        if filter is None:
            return entries
        return [entry for entry in entries if filter(entry)][first:last]

    def undoInfo(self, first=0, last=-20, specification=None):
        wanted = specification and (lambda entry: all(entry.get(k) == v for k, v in specification.items()))
        return self.undoLog(first, last, wanted or None)

    # Committing.

    def new_oid(self):
        return self._call('newOid')

    def tpc_transaction(self):
        return self._transaction

    def tpc_begin(self, transaction, tid=None, status=' '):
        if self._read_only:
            raise POSException.ReadOnlyError()
        if self._transaction is transaction:
            raise POSException.StorageTransactionError('Duplicate tpc_begin calls for same transaction')
        self._commit_lock.acquire()
        try:
            if tid is None and time.time is not CLOCK:
                # Tests turn Python's clock, of which Node knows nothing.
                now = time.time()
                self._ts = TimeStamp(*(time.gmtime(now)[:5] + (now % 60,))).laterThan(self._ts)
                tid = self._ts.raw()
            texts = text(transaction.user), text(transaction.description), transaction.extension_bytes
            self._tid = self._call('begin', texts, tid, status)
            self._ts = TimeStamp(self._tid)
            self._transaction = transaction
        except BaseException:
            self._commit_lock.release()
            raise

    def _step(self, transaction, name, *args, **options):
        if self._read_only:
            raise POSException.ReadOnlyError()
        if transaction is not self._transaction:
            raise POSException.StorageTransactionError(self, transaction)
        return self._call(name, *args, **options)

    def store(self, oid, oldserial, data, version, transaction):
        self._store(transaction, data, 'store', oid, oldserial or z64, data)

    def _store(self, transaction, data, name, oid, *args):
        try:
            self._step(transaction, name, oid, *args)
        except POSException.ReadConflictError:
            raise
        except POSException.ConflictError as conflict:
            raise POSException.ConflictError(oid=oid, serials=conflict.serials, data=data) from conflict

    def restore(self, oid, serial, data, version, prev_txn, transaction):
        self._step(transaction, 'restore', oid, data, prev_txn)

    def deleteObject(self, oid, oldserial, transaction):
        self._store(transaction, None, 'deleteObject', oid, oldserial)

    def storeBlob(self, oid, oldserial, data, blobfilename, version, transaction):
        self._store(transaction, data, 'storeBlob', oid, oldserial or z64, data, os.path.abspath(blobfilename))

    def restoreBlob(self, oid, serial, data, blobfilename, prev_txn, transaction):
        self._step(transaction, 'restoreBlob', oid, data, os.path.abspath(blobfilename), prev_txn)

    def checkCurrentSerialInTransaction(self, oid, serial, transaction):
        self._step(transaction, 'checkCurrent', oid, serial)

    def undo(self, transaction_id, transaction):
        tid = base64.decodebytes(transaction_id + b'\n')
        return self._tid if transaction is self._transaction else None, self._step(transaction, 'undo', tid)

    def tpc_vote(self, transaction):
        return self._step(transaction, 'vote')

    def tpc_finish(self, transaction, f=None):
        try:
            return self._step(transaction, 'finish', callback=f or (lambda tid: None))
        finally:
            self._over(transaction)

    def tpc_abort(self, transaction):
        if transaction is not self._transaction:
            return
        try:
            self._call('abort')
        finally:
            self._over(transaction)

    def _over(self, transaction):
        if transaction is self._transaction:
            self._transaction = None
            self._commit_lock.release()

    def pack(self, t, referencesf, gc=None):
        if self._read_only:
            raise POSException.ReadOnlyError()
        before = TimeStamp(*time.gmtime(t)[:5] + (t % 60,)).raw()
        with self._commit_lock:
            self._call('pack', before, self._pack_gc if gc is None else bool(gc))

    def copyTransactionsFrom(self, other):
        if isinstance(other, NodeStorage):
            node('copy', other._handle, self._handle)
        elif hasattr(self, 'blob_dir'):
            ZODB.blob.copyTransactionsFromTo(other, self)
        else:
            BaseStorage.copy(other, self)

    # What tests look at beside all that.

    @property
    def _oid(self):
        return p64(u64(self.new_oid()) - 1)

    @property
    def _saved(self):
        return os.path.exists(self._path + '.index')

    def __getattr__(self, name):
        """What is in the file, as Python's FileStorage sees it that opens it now."""
        if name not in ('_index', '_lookup_pos', '_read_data_header', '_file'):
            raise AttributeError(name)
        if name != '_file':
            self.reader = PythonFileStorage(self._path, read_only=True)
        return getattr(self.reader, name)
