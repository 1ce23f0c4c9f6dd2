"""Makes the databases that are measured: prepare.py objects|graph FILE COUNT, or prepare.py array FILE MEBIBYTES."""
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


def prepare_graph(path, count):
    """COUNT objects of 150 bytes with dense oids, a thousand a transaction: groups of references; then a tenth again."""
    from ZODB.Connection import TransactionMetaData
    from ZODB.FileStorage import FileStorage
    from ZODB.utils import p64

    storage = FileStorage(path, create=True)
    serials = {}

    def record(oids):
        state = b"\x80\x03}q\x01(X\x04\0\0\0refsq\x02]q\x03("
        state += b"".join(b"C\x08" + p64(oid) + b"h\0\x86Q" for oid in oids) + b"eX\x04\0\0\0fill"
        length = max(1, 115 - len(state))
        return b"\x80\x03cbench\nItem\nq\0." + state + b"B" + length.to_bytes(4, "little") + b"x" * length + b"u."

    def store(records):
        transaction = TransactionMetaData()
        storage.tpc_begin(transaction)
        for oid, data in records:
            storage.store(p64(oid), serials.get(oid // 1000, b"\0" * 8), data, "", transaction)
        storage.tpc_vote(transaction)
        return storage.tpc_finish(transaction)

    for start in range(0, count, 1000):
        head = range(1000, count, 1000) if start == 0 else ()
        records = [(start, record([*head, *range(start + 1, start + 1000)]))]
        records += [(oid, record([start])) for oid in range(start + 1, start + 1000)]
        tid = store(records)
        serials[start // 1000] = tid
    for start in range(0, count, 10000):
        store([(oid, record([start])) for oid in range(start + 1, start + 1000)])
    storage.close()


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


{"objects": prepare_objects, "graph": prepare_graph, "array": prepare_array}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
