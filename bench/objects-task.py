"""The Python side of bench/objects.ts: objects-task.py FOLDER CLOCK. Each line read names a task; each line printed is the seconds it
took and a check value. The twin of objects-task.mjs. With `prepare` in the place of the clock it makes the database of
100 000 objects that both read."""

import json
import os
import sys
import time
import types

import transaction
import ZODB
import ZODB.FileStorage
from BTrees.LOBTree import LOBTree
from persistent import Persistent
from persistent.mapping import PersistentMapping
from ZODB.utils import p64, u64

FOLDER, CLOCK = sys.argv[1:]
seconds = time.process_time if CLOCK == 'cpu' else time.perf_counter

COUNT = 3000
MANY = 100_000
SMALL_COMMITS = 100
WORDS = [bytes((n * 31 + i * 7) % 251 for i in range(90)) for n in range(COUNT)]

shootout = types.ModuleType('shootout')
sys.modules['shootout'] = shootout


class PObject(Persistent):
    """The object of zodbshootout: `attr` is 1, in the class until it is first set."""

    attr = 1

    def __init__(self, data):
        self.data = data


class Item(Persistent):
    def __init__(self, number):
        self.number = number
        self.title = f'object number {number}'
        self.tags = ['all', 'of', 'them', str(number % 7)]
        self.data = bytes(number % 256 for _ in range(60))


for cls in (PObject, Item):
    cls.__module__ = 'shootout'
    setattr(shootout, cls.__name__, cls)

filestorage = sys.modules['ZODB.FileStorage.FileStorage']
fsync = filestorage.fsync


def path(name):
    return os.path.join(FOLDER, f'python-{name}.fs')


def database(name):
    return ZODB.DB(path(name), cache_size=COUNT + 400)


def connected(db, work):
    """Runs `work` with a connection that is opened and closed again, as each of zodbshootout's steps does."""
    connection = db.open()
    result = work(connection.root())
    connection.close()
    return result


def fresh(name):
    for end in '', '.index', '.lock', '.tmp':
        if os.path.exists(path(name) + end):
            os.remove(path(name) + end)
    db = database(name)

    def begin(root):
        root['speedtest'] = PersistentMapping()
        transaction.commit()

    connected(db, begin)
    return db


def add(db):
    def work(root):
        mapping = root['speedtest']
        for n in range(COUNT):
            mapping[n] = PObject(WORDS[n])
        transaction.commit()
        return len(mapping)

    return connected(db, work)


def update(db):
    def work(root):
        for item in root['speedtest'].values():
            item.attr = 1
        transaction.commit()
        return COUNT

    return connected(db, work)


def read(db):
    def work(root):
        got = 0
        for item in root['speedtest'].values():
            got += item.attr
        return got

    return connected(db, work)


def minimize(db):
    connection = db.open()
    connection.cacheMinimize()
    connection.close()


shared = None


def reading():
    """The database that is read: made once, by add and update."""
    global shared
    if shared is None:
        shared = fresh('read')
        add(shared)
        update(shared)
    return shared


def opened(file):
    storage = filestorage.FileStorage(os.path.join(FOLDER, file), read_only=True)
    return ZODB.DB(storage, cache_size=2 * MANY)


def add_task():
    db = fresh('add')
    return lambda: add(db), db.close


def update_task():
    db = fresh('update')
    add(db)
    minimize(db)
    return lambda: update(db), db.close


def commits_task():
    db = fresh('commits')
    add(db)

    def work(root):
        mapping = root['speedtest']
        for n in range(SMALL_COMMITS):
            mapping[n].attr = 1
            transaction.commit()
        return SMALL_COMMITS

    return lambda: connected(db, work), db.close


def nothing():
    pass


def warm():
    global shared
    reading().close()
    shared = database('read')
    return lambda: read(shared), nothing


def cold():
    minimize(reading())
    return lambda: read(shared), nothing


def hot():
    read(reading())
    minimize(shared)
    return lambda: read(shared), nothing


def steamin():
    read(reading())
    return lambda: sum(read(shared) for _ in range(20)), nothing


def random_load():
    db = opened('many.fs')
    connection = db.open()
    first = u64(connection.root()['first']._p_oid)

    def measured():
        total = 0
        for n in range(MANY):
            total += connection.get(p64(first + n * 7919 % MANY)).number
        return total

    return measured, db.close


def first_walk():
    db = opened('many.fs')
    connection = db.open()

    def measured():
        total = 0
        for item in connection.root()['tree'].values():
            total += item.number
        return total

    return measured, db.close


def prepare():
    db = ZODB.DB(os.path.join(FOLDER, 'many.fs'))
    connection = db.open()
    root = connection.root()
    items = [Item(number) for number in range(MANY)]
    for item in items:
        connection.add(item)
    root['first'] = items[0]
    root['tree'] = tree = LOBTree(dict(enumerate(items)))
    transaction.commit()
    # what random load counts on
    first = u64(items[0]._p_oid)
    assert all(u64(item._p_oid) == first + item.number for item in tree.values())
    db.close()


TASKS = {
    'add': add_task, 'update': update_task, 'commits': commits_task, 'warm': warm, 'cold': cold, 'hot': hot,
    'steamin': steamin, 'random load': random_load, 'first walk': first_walk,
}

if CLOCK == 'prepare':
    prepare()
    sys.exit()

for line in sys.stdin:
    name, safe = json.loads(line)
    filestorage.fsync = fsync if safe else None
    measured, after = TASKS[name]()
    started = seconds()
    check = measured()
    taken = seconds() - started
    after()
    print(json.dumps([taken, check]), flush=True)
