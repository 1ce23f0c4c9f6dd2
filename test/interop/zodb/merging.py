"""Conflicts of classes that resolve them themselves: the record that each leads to, or that it is refused.

`make FILE`: a database with an object for each case. `play FILE`: for each case two connections change the object, and the
outcome is printed as JSON: the record as hexadecimal digits, or null.
"""
import json
import sys
import types

import ZODB
import ZODB.FileStorage
import transaction
from persistent import Persistent
from persistent.mapping import PersistentMapping
from persistent.wref import WeakRef
from ZODB.POSException import ConflictError


class Counter(Persistent):
    def __init__(self):
        self.count = 1
        self.ref = None

    def _p_resolveConflict(self, old, committed, new):
        return dict(committed, count=committed['count'] + new['count'] - old['count'])


class Comparing(Counter):
    """Merges only if both sides refer to what the old state referred to."""

    def _p_resolveConflict(self, old, committed, new):
        if committed['ref'] == old['ref'] and new['ref'] == old['ref']:
            return Counter._p_resolveConflict(self, old, committed, new)
        raise AssertionError('not reached: references that differ cannot be compared')


class Raising(Counter):
    def _p_resolveConflict(self, old, committed, new):
        raise ValueError('no')


class Plain(Persistent):
    count = 1


module = types.ModuleType('merging')
for cls in (Counter, Comparing, Raising, Plain):
    cls.__module__ = 'merging'
    setattr(module, cls.__name__, cls)
sys.modules['merging'] = module


def changes(root):
    """What the two sides do, by the name of the case."""
    targets = root['targets']

    def both(one, two):
        return one, two

    def add(n):
        def change(o):
            o.count = o.count + n
        return change

    def refer(make):
        def change(o):
            o.count = o.count + 1
            o.ref = make(o)
        return change

    target = lambda o, i: o._p_jar.root()['targets'][i]
    return {
        'counter': both(add(5), add(7)),
        'counter with references': both(refer(lambda o: target(o, 0)), refer(lambda o: target(o, 1))),
        'counter with a reference in a tuple': both(
            refer(lambda o: (1, target(o, 0))), add(2)),
        'counter with a reference as a key': both(refer(lambda o: {target(o, 2): 1}), add(2)),
        'counter with a reference in a set': both(refer(lambda o: {target(o, 2)}), add(2)),
        'counter with a weak reference': both(refer(lambda o: WeakRef(target(o, 0))), add(2)),
        'comparing equal': both(add(5), add(7)),
        'comparing different': both(refer(lambda o: target(o, 1)), add(7)),
        'raising': both(add(1), add(2)),
        'plain': both(add(1), add(2)),
    }


CLASSES = {'counter': Counter, 'comparing': Comparing, 'raising': Raising, 'plain': Plain}


def make(path):
    db = ZODB.DB(path)
    root = db.open().root()
    root['targets'] = [PersistentMapping(), PersistentMapping(), Plain()]
    root['cases'] = PersistentMapping()
    for name in changes(root):
        case = CLASSES[name.split()[0]]()
        if name.startswith('comparing'):
            case.ref = root['targets'][0]
        root['cases'][name] = case
    transaction.commit()
    db.close()


def play(path):
    db = ZODB.DB(path)
    outcomes = {}
    managers = [transaction.TransactionManager() for _ in range(2)]
    one, two = [db.open(manager) for manager in managers]
    for name, acts in changes(one.root()).items():
        for manager in managers:
            manager.begin()
        objects = [c.root()['cases'][name] for c in (one, two)]
        for act, obj in zip(acts, objects):
            act(obj)
        managers[0].commit()
        try:
            managers[1].commit()
            outcomes[name] = db.storage.load(objects[0]._p_oid)[0].hex()
        except ConflictError:
            managers[1].abort()
            outcomes[name] = None
    db.close()
    print(json.dumps(outcomes))


{'make': make, 'play': play}[sys.argv[1]](sys.argv[2])
