"""Writes the records that bench/pickle.ts measures: pickle-records.py FOLDER python2|python3.

One file for each kind, of records as ZODB writes them (a class and a state, one memo), each after its length in four bytes. Always the
same ones. Under Python 2 it writes the kind of Python 2's records, by cPickle's protocol 1 and zodbpickle's protocol 3.
"""
import os
import random
import struct
import sys
from io import BytesIO

from BTrees.IOBTree import IOBucket
from BTrees.OOBTree import OOBTree, OOBucket
from items import Item
from persistent.mapping import PersistentMapping

WORDS = (
    "content folder document page news event link image file topic collection article front index report title "
    "state published private pending visible archive draft review owner member manager editor reader site plone "
    "portal catalog search result summary detail annual quarter budget meeting agenda minutes project status task "
    "issue notes draft final version contact address phone street city country region product price order invoice"
).split()


class Reference(object):
    """Stands for a persistent object."""

    def __init__(self, number, cls):
        self.oid = struct.pack(">Q", number & 0x7F7F7F7F)
        self.cls = cls


def persistent_id(value):
    return (value.oid, value.cls) if isinstance(value, Reference) else None


def number(rng, most):
    return rng.randrange(most)


def words(rng, count):
    return " ".join(WORDS[number(rng, len(WORDS))] for _ in range(count))


def identifier(rng):
    return "%s-%s-%d" % (WORDS[number(rng, len(WORDS))], WORDS[number(rng, len(WORDS))], number(rng, 10000))


def path(rng):
    return "/" + "/".join(["plone", words(rng, 1), identifier(rng), identifier(rng)])


def pairs(keys, value):
    """The state of a bucket: keys and values in turn."""
    items = []
    for key in sorted(keys):
        items += [key, value(key)]
    return tuple(items)


def catalog_rows(rng):
    def row(key):
        return (
            identifier(rng), words(rng, 3).title(), words(rng, 9), "Document", path(rng), "published",
            1.2e9 + number(rng, 10**8) + 0.25, 1.2e9 + number(rng, 10**8), number(rng, 100000), number(rng, 10**7) * 1000,
            ("Anonymous", "Manager"), True, None, "%d KB" % number(rng, 300), 1 - 2 * number(rng, 2) * number(rng, 10**9),
        )

    start = number(rng, 10**9)
    return IOBucket, (pairs(range(start, start + 30), row), Reference(number(rng, 10**9), IOBucket))


def string_buckets(rng):
    keys = set(identifier(rng) for _ in range(30))
    return OOBucket, (pairs(keys, lambda key: (number(rng, 10**9), number(rng, 50), words(rng, 1))),)


def attributes(rng):
    state = {"attribute_%02d" % n: None for n in range(8)}
    for n in range(20):
        state[WORDS[n] + "_text"] = words(rng, 4)
    for n in range(10):
        state[WORDS[n] + "_count"] = number(rng, 10**5)
    state.update(
        title=words(rng, 5).title(), description=words(rng, 20), id=identifier(rng), effective=1.2e9 + number(rng, 10**8) + 0.5,
        subject=(words(rng, 1), words(rng, 1)), creators=[words(rng, 1)], __parent__=Reference(number(rng, 10**9), Item),
    )
    return Item, state


def small_mappings(rng):
    data = {}
    for n in range(6):
        data[identifier(rng)] = words(rng, 2)
        data["count_%d" % n] = number(rng, 1000)
    data.update(score=number(rng, 1000) / 8.0, active=True, parent=None, tags=[words(rng, 1), words(rng, 1)], size=(1, 2))
    data.update(total=float(number(rng, 100)), name=identifier(rng), other=identifier(rng))
    return PersistentMapping, {"data": data}


def dict_heavy(rng):
    history = tuple(
        {
            "action": ("publish", "submit", None)[number(rng, 3)], "actor": "admin", "comments": words(rng, number(rng, 4)),
            "review_state": ("published", "private", "pending")[number(rng, 3)], "time": 1.2e9 + number(rng, 10**8) + 0.125,
        }
        for _ in range(2 + number(rng, 5))
    )
    return PersistentMapping, {"data": {"simple_publication_workflow": history, "deletable": ({"time": None, "actor": words(rng, 1)},)}}


def reference_buckets(rng):
    keys = set(identifier(rng) for _ in range(30))
    return OOBucket, (pairs(keys, lambda key: Reference(number(rng, 10**9), Item)), Reference(number(rng, 10**9), OOBucket))


def btree_nodes(rng):
    items = [Reference(number(rng, 10**9), OOBucket)]
    for _ in range(39):
        items += [number(rng, 10**9), Reference(number(rng, 10**9), OOBucket)]
    return OOBTree, (tuple(items), Reference(number(rng, 10**9), OOBucket))


def floats(rng):
    return Item, {"values": [rng.random() * 1000 for _ in range(500)], "weights": [float(number(rng, 100)) for _ in range(100)]}


def long_texts(rng):
    text = words(rng, 100 + number(rng, 3000))
    if number(rng, 3) == 1:
        text = text.replace("e", u"\u00e9").replace("and", u"\u2014")
    elif number(rng, 3) == 1:
        text = u"".join(chr(0x4E00 + number(rng, 0x5000)) for _ in range(100 + number(rng, 5000)))
    return Item, {"text": text, "title": words(rng, 4)}


def big_bytes(rng):
    return Item, {"data": rng.getrandbits(8 << 10).to_bytes(1 << 10, "big") * (1 << 11)}


def dates(rng):
    from datetime import date, datetime, timedelta, timezone
    from decimal import Decimal

    def moment():
        return datetime(2000 + number(rng, 25), 1 + number(rng, 12), 1 + number(rng, 28), number(rng, 24), number(rng, 60),
                        number(rng, 60), number(rng, 10**6))

    orders = [
        {
            "ordered": moment(), "shipped": moment().replace(tzinfo=timezone.utc), "due": moment().date(),
            "price": Decimal(number(rng, 10**6)) / 100, "tax": Decimal("0.19"), "wait": timedelta(number(rng, 30), number(rng, 86400)),
        }
        for _ in range(5)
    ]
    return PersistentMapping, {"data": {"orders": orders, "since": date(2020, 1, 1 + number(rng, 28))}}


def sets(rng):
    return Item, {
        "ids": set(number(rng, 10**6) for _ in range(30)), "names": set(identifier(rng) for _ in range(10)),
        "roles": frozenset(["Manager", "Owner", words(rng, 1)]), "empty": set(),
        "pairs": set((number(rng, 100), words(rng, 1)) for _ in range(5)),
    }


def nested_lists(rng):
    def nested(depth):
        return [nested(depth - 1) if depth and number(rng, 2) else number(rng, 1000) for _ in range(4)]

    return Item, {"grid": [nested(3) for _ in range(20)]}


def python2(rng):
    which = number(rng, 4)
    if which == 0:
        return string_buckets(rng)
    if which == 1:
        return reference_buckets(rng)
    return attributes(rng) if which == 2 else small_mappings(rng)


KINDS = {
    "catalog rows": (catalog_rows, 200), "string buckets": (string_buckets, 300), "attribute-rich": (attributes, 400),
    "small mappings": (small_mappings, 600), "dict-heavy": (dict_heavy, 600), "reference buckets": (reference_buckets, 300),
    "BTree nodes": (btree_nodes, 300), "lists of floats": (floats, 100), "long texts": (long_texts, 100),
    "2 MiB bytes": (big_bytes, 4), "dates and Decimals": (dates, 300), "sets": (sets, 300), "nested small lists": (nested_lists, 200),
}


def pickler(file, protocol):
    if protocol == 1:
        from cPickle import Pickler
    else:
        from zodbpickle.pickle import Pickler
    made = Pickler(file, protocol)
    made.persistent_id = persistent_id
    return made


def write(folder, kind, make, count, protocols):
    rng = random.Random(kind)
    with open(os.path.join(folder, kind + ".records"), "wb") as out:
        for n in range(count):
            file = BytesIO()
            writer = pickler(file, protocols[n % len(protocols)])
            for value in make(rng):
                writer.dump(value)
            record = file.getvalue()
            out.write(struct.pack(">I", len(record)) + record)


folder, version = sys.argv[1:]
if version == "python2":
    write(folder, "Python 2 records", python2, 400, (1, 3))
else:
    for kind, (make, count) in KINDS.items():
        write(folder, kind, make, count, (3,))
