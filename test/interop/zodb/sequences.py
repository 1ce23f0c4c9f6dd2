"""Python's side of the sequences of operations on objects: one long process that reads a command a line, as JSON.

    {"do": "play", "file": ..., "blobs": ..., "distinct": ..., "operations": [...]}   makes the database and does the operations
                                                                     on it; the outcome of each
    {"do": "causes", "pairs": [[python, node], ...]}                 why two records (in hex) are not equal: see cause_of
    {"do": "whole", "file": ..., "tid": ...}                         whether all trees are whole as of that transaction

Operations and values are those of sequence-language.ts and sequence-operations.ts.
"""
import base64
import datetime
import decimal
import importlib
import io
import json
import logging
import os
import pickletools
import sys
import types
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'btrees'))

import transaction
import ZODB
from BTrees.Length import Length
from persistent import Persistent
from persistent.list import PersistentList
from persistent.mapping import PersistentMapping
from persistent.wref import WeakRef
from ZODB.blob import Blob
from ZODB.FileStorage import FileStorage
from ZODB.POSException import ConflictError, POSError
from ZODB.utils import p64, u64, z64

import small
from apply import apply

zoo = types.ModuleType('zoo')
sys.modules['zoo'] = zoo

FIRST_TID = 0x03f0_0000_0000_0000
STEP = 1 << 32


class Item(Persistent):
    """Attributes, and nothing else."""


class Fields(Persistent):
    """What a constructor gives, in its order."""

    def __init__(self):
        self.first = 1
        self.second = 'two'
        self.third = None


class Counter(Persistent):
    def __init__(self):
        self.count = 0

    def _p_resolveConflict(self, old, committed, new):
        return dict(committed, count=committed['count'] + new['count'] - old['count'])


class Dictionary(PersistentMapping):
    pass


class Row(PersistentList):
    pass


for cls in Item, Fields, Counter, Dictionary, Row:
    cls.__module__ = 'zoo'
    setattr(zoo, cls.__name__, cls)

CLASSES = {cls.__name__: cls
           for cls in (Item, Fields, Counter, Dictionary, Row, PersistentMapping, PersistentList, Length, Blob)}


class Storage(FileStorage):
    """Transactions a minute apart, whatever the clock says."""

    def tpc_begin(self, transaction, tid=None, status=' '):
        last = u64(self.lastTransaction())
        super().tpc_begin(transaction, tid or p64(last + STEP if last else FIRST_TID), status)

    def _fsync(self, *args):
        pass


class Reasons(logging.Handler):
    """Why the merge of a conflict was refused."""

    last = None

    def emit(self, record):
        error = sys.exc_info()[1]
        Reasons.last = getattr(error, 'reason', None)


log = logging.getLogger('ZODB.ConflictResolution')
log.setLevel(logging.DEBUG)
log.propagate = False
log.addHandler(Reasons())
logging.getLogger().addHandler(logging.NullHandler())


def lost(obj):
    """Whether a new object had its state only in a savepoint of a transaction that was given up."""
    return isinstance(obj, Persistent) and obj._p_oid is None and obj._p_changed is None


class Player:
    def __init__(self, db, distinct):
        self.db = db
        self.distinct = distinct
        self.managers = [transaction.TransactionManager() for _ in range(2)]
        self.connections = [db.open(manager) for manager in self.managers]
        self.savepoints = [[], []]
        self.held = [{}, {}]

    def play(self, operation):
        self.side = operation['c']
        self.connection = self.connections[self.side]
        self.manager = self.managers[self.side]
        self.root = self.connection.root()
        Reasons.last = None
        try:
            return getattr(self, 'do_' + operation['do'])(operation)
        except (POSError, ConflictError, KeyError) as error:
            self.manager.abort()
            self.savepoints[self.side] = []
            # Objects that were added have lost their state.
            self.held[self.side].clear()
            outcome = [type(error).__name__]
            if isinstance(error, ConflictError):
                outcome += [error.oid and error.oid.hex(), Reasons.last]
            return outcome
        except Exception as error:
            # In a tree that was damaged anything may happen.
            self.manager.abort()
            return [repr(error)]

    # Where objects are, and what values mean.

    def find(self, place):
        at = self.held[self.side].get(place['held']) if 'held' in place else self.root.get(place['root'])
        for name in place['path']:
            if isinstance(at, (Item, Fields)):
                at = getattr(at, name, None)
            elif isinstance(at, PersistentMapping):
                at = at.get(name)
            else:
                return None
            if lost(at):
                return None
        return at if isinstance(at, Persistent) and not lost(at) else None

    def value(self, spec):
        if not isinstance(spec, dict):
            # Equal texts are one object, unless the sequence is about those that are not.
            if type(spec) is str:
                return spec.encode().decode() if self.distinct else sys.intern(spec)
            return spec
        (kind, v), = spec.items()
        return getattr(self, 'make_' + kind)(v)

    def values(self, specs):
        return [self.value(each) for each in specs]

    make_int = staticmethod(int)
    make_float = staticmethod(float.fromhex)
    make_list = values
    make_bytes = staticmethod(bytes.fromhex)

    def make_tuple(self, v):
        return tuple(self.values(v))

    def make_dict(self, v):
        return {self.value(key): self.value(value) for key, value in v}

    def make_set(self, v):
        return set(self.values(v))

    def make_frozenset(self, v):
        return frozenset(self.values(v))

    def make_bytearray(self, v):
        return bytearray.fromhex(v)

    def make_complex(self, v):
        return complex(*map(float.fromhex, v))

    def make_datetime(self, v):
        zone = datetime.timezone(datetime.timedelta(minutes=v['minutes'])) if 'minutes' in v else None
        return datetime.datetime(*v['fields'], tzinfo=zone, fold=v.get('fold', 0))

    def make_date(self, v):
        return datetime.date(*v)

    def make_time(self, v):
        return datetime.time(*v)

    def make_timedelta(self, v):
        return datetime.timedelta(*v)

    make_decimal = staticmethod(decimal.Decimal)
    make_uuid = staticmethod(uuid.UUID)

    def make_ellipsis(self, v):
        return Ellipsis

    def make_range(self, v):
        return list(range(v))

    def make_object(self, place):
        return self.find(place)

    def make_weak(self, place):
        target = self.find(place)
        return None if target is None else WeakRef(target)

    def make_new(self, v):
        if 'family' in v:
            name = v['family'] + v['type']
            if v['small']:
                return getattr(small, 'Small' + name)()
            return getattr(importlib.import_module(f'BTrees.{v["family"]}BTree'), name)()
        made = CLASSES[v['class']]()
        for name, value in v.get('attributes', ()):
            setattr(made, sys.intern(name), self.value(value))
        return made

    def on(self, operation, *kinds):
        found = self.find(operation['on'])
        return found if isinstance(found, kinds) else None

    # Operations. What cannot be done to what is there, is not done; the outcome says so.

    def do_put(self, operation):
        self.root[self.value(operation['name'])] = self.value(operation['value'])

    def do_remove(self, operation):
        if operation['name'] not in self.root:
            return 'nothing'
        del self.root[operation['name']]

    def do_add(self, operation):
        made = self.value(operation['value'])
        if made is None:
            return 'nothing'
        self.connection.add(made)
        self.held[self.side][operation['slot']] = made
        return made._p_oid.hex()

    def do_hold(self, operation):
        found = self.find(operation['on'])
        if found is None:
            return 'nothing'
        self.held[self.side][operation['slot']] = found

    def do_attribute(self, operation):
        found = self.on(operation, Item, Fields, Dictionary, Row)
        if found is None:
            return 'nothing'
        setattr(found, sys.intern(operation['name']), self.value(operation['value']))

    def do_forget(self, operation):
        found = self.on(operation, Item, Dictionary, Row)
        if found is None or getattr(found, operation['name'], self) is self:
            return 'nothing'
        delattr(found, operation['name'])

    def do_again(self, operation):
        """Takes an attribute away and gives it back: it comes last."""
        found = self.on(operation, Item, Fields)
        value = getattr(found, operation['name'], self)
        if found is None or value is self:
            return 'nothing'
        delattr(found, operation['name'])
        setattr(found, operation['name'], value)

    def do_inside(self, operation):
        """Changes a list or dictionary that stands in an object, and says so."""
        found = self.on(operation, Item)
        value = None if found is None else getattr(found, operation['name'], None)
        if type(value) is list:
            value.append(self.value(operation['value']))
        elif type(value) is dict:
            value[self.value(operation['key'])] = self.value(operation['value'])
        else:
            return 'nothing'
        found._p_changed = True

    def do_count(self, operation):
        found = self.on(operation, Counter, Length)
        if found is None:
            return 'nothing'
        if isinstance(found, Length):
            found.change(operation['by'])
            return found()
        found.count += operation['by']
        return found.count

    def do_mapping(self, operation):
        found = self.on(operation, PersistentMapping)
        if found is None:
            return 'nothing'
        what, key = operation['what'], operation.get('key')
        if what == 'set':
            found[self.value(key)] = self.value(operation['value'])
        elif what == 'clear':
            found.clear()
        elif key not in found:
            return 'nothing'
        else:
            del found[key]

    def do_list(self, operation):
        found = self.on(operation, PersistentList)
        if found is None:
            return 'nothing'
        what, at, value = operation['what'], operation['at'], operation.get('value')
        if what == 'push':
            found.append(self.value(value))
        elif what == 'insert':
            found.insert(min(at, len(found)), self.value(value))
        elif what == 'reverse':
            found.reverse()
        elif what == 'fill':
            found[:] = range(at)
        elif what == 'clear':
            found.clear()
        elif at >= len(found):
            return 'nothing'
        elif what == 'set':
            found[at] = self.value(value)
        elif what == 'delete':
            del found[at]
        else:
            found.pop()

    def do_tree(self, operation):
        found = self.find(operation['on'])
        if found is None or type(found).__name__.removeprefix('Small') != operation['family'] + operation['type']:
            return 'nothing'
        for step in operation['steps']:
            apply(found, operation['family'], operation['kind'], step)
        return len(found)

    def do_write(self, operation):
        found = self.on(operation, Blob)
        if found is None:
            return 'nothing'
        with found.open(operation['mode']) as file:
            file.write(operation['text'].encode())

    def do_changed(self, operation):
        found = self.find(operation['on'])
        if found is None:
            return 'nothing'
        what = operation['what']
        # An object that was never stored would lose its state.
        stored = found._p_jar is not None and found._p_serial != z64
        if what == 'changed':
            found._p_changed = True
        elif what == 'unchanged':
            found._p_changed = False
        elif what == 'deactivate' and stored:
            found._p_deactivate()
        elif what == 'invalidate' and stored:
            found._p_invalidate()
        return self.seen_state(found)

    def do_current(self, operation):
        found = self.find(operation['on'])
        if found is None or found._p_jar is None:
            return 'nothing'
        found._p_activate()
        self.connection.readCurrent(found)

    def do_see(self, operation):
        found = self.find(operation['on'])
        if found is None:
            return 'nothing'
        return [self.seen_state(found), self.seen(found)]

    def seen_state(self, found):
        return [type(found).__name__, found._p_oid and found._p_oid.hex(), found._p_jar is not None, bool(found._p_changed)]

    def seen(self, found):
        if isinstance(found, (PersistentMapping, PersistentList)):
            return [len(found), [str(key) for key in found][:20] if isinstance(found, PersistentMapping) else 0]
        if isinstance(found, Length):
            return found()
        if isinstance(found, Blob):
            with found.open('r') as file:
                return file.read().decode()
        if isinstance(found, Counter):
            return found.count
        if isinstance(found, (Item, Fields)):
            found._p_activate()
            return [[name, isinstance(value, WeakRef) and self.weak(value)] for name, value in found.__dict__.items()]
        return len(found)

    def weak(self, reference):
        target = reference()
        return None if target is None else target._p_oid and target._p_oid.hex()

    def do_note(self, operation):
        self.manager.get().note(operation['text'])
        self.manager.get().user = operation['text']

    def do_savepoint(self, operation):
        self.savepoints[self.side].append(self.manager.savepoint())

    def do_rollback(self, operation):
        known = self.savepoints[self.side]
        if not known:
            return 'nothing'
        at = operation['to'] % len(known)
        del known[at + 1:]
        known[at].rollback()

    def do_end(self, operation):
        self.savepoints[self.side] = []
        if operation['how'] == 'commit':
            self.manager.commit()
        elif operation['how'] == 'abort':
            self.manager.abort()
        else:
            self.manager.begin()

    def do_cache(self, operation):
        self.connection.cacheMinimize()

    def do_undo(self, operation):
        # All but the transaction that made the root.
        log = self.db.undoLog(0, 10, lambda entry: base64.b64decode(entry['id']) != p64(FIRST_TID))
        entries = log[operation['first']:operation['first'] + operation['count']]
        if not entries:
            return 'nothing'
        manager = transaction.TransactionManager()
        try:
            self.db.undoMultiple([entry['id'] for entry in entries], manager.begin())
            manager.commit()
        except POSError as error:
            manager.abort()
            return type(error).__name__


def play(command):
    db = ZODB.DB(Storage(command['file'], blob_dir=command.get('blobs')))
    player = Player(db, command['distinct'])
    outcomes = [player.play(operation) for operation in command['operations']]
    for manager in player.managers:
        manager.abort()
    db.close()
    return outcomes


def whole(command):
    db = ZODB.DB(FileStorage(command['file'], read_only=True, blob_dir=command.get('blobs')))
    connection = db.open(transaction.TransactionManager(), at=bytes.fromhex(command['tid']))
    oids = [record.oid for txn in db.storage.iterator() for record in txn]
    try:
        for oid in oids:
            try:
                check = getattr(connection.get(oid), '_check', None)
                if check:
                    check()
            except KeyError:
                pass
        return True
    except AssertionError:
        return False
    finally:
        connection.close()
        db.close()


SINGLETONS = 'builtins Ellipsis', 'builtins NotImplemented'


def canonical(record, fold=True, oids=False):
    """
    The opcodes of a record, memo numbers in the order of their first use; every text and every singleton only once.
    Without `fold`, that of datetimes does not count; with `oids`, equal ones are written once, too.
    """
    source, out = io.BytesIO(record), []
    memo, numbers, count, pending = {}, {}, 0, None
    for _ in range(2):
        for opcode, argument, _ in pickletools.genops(source):
            name = opcode.name
            if name in ('BINPUT', 'LONG_BINPUT'):
                if pending in numbers:
                    memo[argument] = numbers[pending]
                else:
                    memo[argument] = numbers[pending or count] = count
                    count += 1
                pending = None
                continue
            pending = None
            if name in ('BINGET', 'LONG_BINGET'):
                out.append(('GET', memo[argument]))
            elif (name == 'BINUNICODE' or name == 'GLOBAL' and argument in SINGLETONS
                    or oids and name == 'SHORT_BINBYTES' and len(argument) == 8):
                pending = name, argument
                out.append(('GET', numbers[pending]) if pending in numbers else pending)
            elif name == 'SHORT_BINBYTES' and len(argument) == 10 and not fold:
                out.append((name, argument[:2] + bytes([argument[2] & 127]) + argument[3:]))
            else:
                out.append((name, argument))
    return out


def cause_of(python, node):
    """
    Why records are not equal: `texts` or `oids` that are equal and distinct, `singletons` that are written anew each time,
    the `fold` of a datetime; null if they differ in anything else.
    """
    if canonical(python) == canonical(node):
        more = python.count(b'cbuiltins\nEllipsis') > node.count(b'cbuiltins\nEllipsis')
        return 'singletons' if more else 'texts'
    if canonical(python, oids=True) == canonical(node, oids=True):
        return 'oids'
    return 'fold' if canonical(python, False, True) == canonical(node, False, True) else None


def causes(command):
    return [cause_of(*map(bytes.fromhex, pair)) for pair in command['pairs']]


COMMANDS = {'play': play, 'whole': whole, 'causes': causes}
for line in sys.stdin:
    command = json.loads(line)
    print(json.dumps(COMMANDS[command['do']](command)), flush=True)
