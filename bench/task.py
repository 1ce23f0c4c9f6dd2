"""One measured task in a process of its own: task.py NAME FILE. Prints seconds, peak memory in MiB and a check value."""
import json
import sys
import time

import transaction


def open_database(path):
    """Opens and closes; the check is the number of objects."""
    import ZODB

    def measured():
        db = ZODB.DB(path)
        count = len(db.storage)
        db.close()
        return count

    return measured


def load(path):
    """Loads every object and reads one attribute of it."""
    import ZODB

    root = ZODB.DB(path).open().root()

    def measured():
        total = 0
        for group in root["groups"].values():
            for item in group.values():
                total += item.attribute00
        return total

    return measured


def commit_small(path):
    """1000 transactions, each changing one object."""
    import ZODB

    root = ZODB.DB(path).open().root()
    items = list(root["groups"][0].values())[:1000]

    def measured():
        for item in items:
            item.attribute00 += 1
            transaction.commit()
        return sum(item.attribute00 for item in items)

    return measured


def commit_large(path):
    """One transaction that changes 20 000 objects."""
    import ZODB

    root = ZODB.DB(path, cache_size=50000).open().root()
    groups = list(root["groups"].values())[:20]
    items = [item for group in groups for item in group.values()]
    for item in items:
        item._p_activate()

    def measured():
        for item in items:
            item.attribute00 += 1
        transaction.commit()
        return sum(item.attribute00 for item in items)

    return measured


def pack(path):
    """Packs to now, with garbage collection; the check is the size afterwards."""
    from ZODB.FileStorage import FileStorage
    from ZODB.serialize import referencesf

    storage = FileStorage(path)

    def measured():
        storage.pack(time.time(), referencesf)
        return storage.getSize()

    return measured


def scan(path):
    """The sum of the whole array, block by block as it is touched."""
    from wendelin.lib.zodb import dbopen

    array = dbopen(path)["A"]

    return lambda: array[:].sum()


def touched(view):
    """The sum of one element of each block, in an order that no read-ahead foresees."""
    blocks = len(view) >> 18
    total = 0.0
    for n in range(blocks):
        total += view[n * 7919 % blocks << 18]
    return total


def touch(path):
    """Touches each stored block of the array once."""
    from wendelin.lib.zodb import dbopen

    view = dbopen(path)["A"][:]
    return lambda: touched(view)


def touch_holes(path):
    """Touches each of 1024 blocks that are not stored once."""
    import numpy
    from wendelin.bigarray.array_zodb import ZBigArray
    from wendelin.lib.zodb import dbopen

    root = dbopen(path)
    root["B"] = array = ZBigArray((1024 << 18,), numpy.float64)
    transaction.commit()
    view = array[:]
    return lambda: touched(view)


def write(path, mebibytes=512):
    """A new array of 512 MiB: filled, committed."""
    import numpy
    from wendelin.bigarray.array_zodb import ZBigArray
    from wendelin.lib.zodb import dbopen

    root = dbopen(path)
    root["B"] = array = ZBigArray((mebibytes << 17,), numpy.float64)
    transaction.commit()
    values = numpy.arange(1 << 18, dtype=numpy.float64) + 0.5

    def measured():
        view = array[:]
        for start in range(0, len(array), len(values)):
            view[start : start + len(values)] = values
        transaction.commit()
        return int(len(array))

    return measured


TASKS = {
    "open": open_database, "load": load, "commit-small": commit_small, "commit-large": commit_large,
    "pack": pack,
    "scan": scan, "touch": touch, "touch-holes": touch_holes, "write": write,
}
measured = TASKS[sys.argv[1]](sys.argv[2])
started = time.perf_counter()
check = measured()
seconds = time.perf_counter() - started
# getrusage begins with the figure of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
print(json.dumps({"seconds": seconds, "peak": peak, "check": float(check)}))
