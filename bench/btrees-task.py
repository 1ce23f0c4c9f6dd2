"""The Python side of bench/btrees.ts. Each line read is a task ["insert", "OO"]; each line printed is the seconds it took and a
check value. The twin of btrees-task.mjs."""

import json
import sys
import time

import transaction
import ZODB
from BTrees.IIBTree import IIBTree
from BTrees.LOBTree import LOBTree
from BTrees.OOBTree import OOBTree

clock = time.process_time if sys.argv[1] == 'cpu' else time.perf_counter
COUNT = 100_000
numbers = list(range(COUNT))
seed = 12345
for i in range(COUNT - 1, 0, -1):
    seed = seed * 48271 % 2147483647
    j = seed % (i + 1)
    numbers[i], numbers[j] = numbers[j], numbers[i]
texts = [f'key {n:07}' for n in numbers]
RANDOM = {'OO': texts, 'LO': numbers, 'II': numbers}
ASCENDING = {family: sorted(keys) for family, keys in RANDOM.items()}
CLASSES = {'OO': OOBTree, 'LO': LOBTree, 'II': IIBTree}


def fill(tree, keys):
    n = 0
    for key in keys:
        tree[key] = n
        n += 1


db = ZODB.DB(None, cache_size=1_000_000)
root = db.open().root()
trees = {family: cls() for family, cls in CLASSES.items()}
root.update(trees)
transaction.commit()
for family in trees:
    fill(trees[family], RANDOM[family])
transaction.commit()


def stored(family):
    """A new tree of the connection, with a record of its own."""
    root['new'] = tree = CLASSES[family]()
    transaction.commit()
    return tree


def loaded(family):
    """A tree whose nodes are all loaded."""
    tree = trees[family]
    assert len(tree) > 0
    return tree


def insert(family, keys=RANDOM):
    tree = stored(family)

    def measured():
        fill(tree, keys[family])
        return tree[keys[family][77]]

    return measured


def replace(family):
    tree = loaded(family)

    def measured():
        n = 1
        for key in RANDOM[family]:
            tree[key] = n
            n += 1
        return tree[RANDOM[family][77]]

    return measured


def lookup(family):
    tree = loaded(family)

    def measured():
        total = 0
        for key in RANDOM[family]:
            total += tree[key]
        return total

    return measured


def scan(family):
    tree = loaded(family)

    def measured():
        total = 0
        for _ in range(10):
            for _, value in tree.items():
                total += value
        return total

    return measured


def ranges(family):
    tree, keys = loaded(family), ASCENDING[family]

    def measured():
        total = 0
        for n in range(1000):
            for _, value in tree.items(keys[n * 99], keys[n * 99 + 99]):
                total += value
        return total

    return measured


def delete(family):
    tree = loaded(family)

    def measured():
        for key in RANDOM[family]:
            del tree[key]
        return len(tree)

    return measured


TASKS = {
    'insert': insert, 'insert-ascending': lambda family: insert(family, ASCENDING), 'replace': replace,
    'lookup': lookup, 'scan': scan, 'ranges': ranges, 'delete': delete,
}

for line in sys.stdin:
    name, family = json.loads(line)
    measured = TASKS[name](family)
    started = clock()
    check = measured()
    seconds = clock() - started
    transaction.abort()
    print(json.dumps([seconds, check]), flush=True)
