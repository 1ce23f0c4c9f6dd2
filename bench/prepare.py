"""Makes the databases that are measured: prepare.py objects FILE COUNT, or prepare.py array FILE MEBIBYTES."""
import sys

import transaction


def prepare_objects(path, count):
    """COUNT objects of 20 attributes, in mappings of a thousand."""
    import ZODB
    from persistent.mapping import PersistentMapping

    from items import Item

    db = ZODB.DB(path)
    root = db.open().root()
    root["groups"] = groups = PersistentMapping()
    for start in range(0, count, 1000):
        groups[start] = group = PersistentMapping()
        for number in range(start, start + 1000):
            group[number] = item = Item()
            for n in range(20):
                setattr(item, "attribute%02d" % n, [number + n, number / 8 + 0.1, "text of %d" % number, None][n % 4])
        transaction.commit()
    db.close()


def prepare_array(path, mebibytes):
    """A float64 array of so many MiB that no block compresses or is a hole, written as ZBlk0."""
    import numpy
    from wendelin.bigarray.array_zodb import ZBigArray
    from wendelin.lib.zodb import dbclose, dbopen

    root = dbopen(path)
    root["A"] = array = ZBigArray((mebibytes << 17,), numpy.float64)
    transaction.commit()
    random = numpy.random.RandomState(1)
    for start in range(0, mebibytes << 17, 64 << 17):
        part = array[start : start + (64 << 17)]
        part[:] = random.random_sample(len(part))
        transaction.commit()
    dbclose(root)


{"objects": prepare_objects, "array": prepare_array}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
