"""Loads each pickle of a JSON list of hexadecimal texts on standard input and prints its dump.

As ZODB does it: zodbpickle's C pickler, protocol 3, persistent ids by hook.
"""
import json
import sys
from io import BytesIO
from types import ModuleType

from zodbpickle import pickle

shapes = sys.modules['shapes'] = ModuleType('shapes')


class Plain(object):
    pass


class Items(list):
    pass


class Keys(dict):
    pass


class Slots(object):
    __slots__ = ('slot0', 'slot1')


for cls in (Plain, Items, Keys, Slots):
    cls.__module__ = 'shapes'
    setattr(shapes, cls.__name__, cls)


class Reference(object):
    def __init__(self, pid):
        self.pid = pid


def again(data):
    def persistent_id(value):
        return value.pid if type(value) is Reference else None

    unpickler = pickle.Unpickler(BytesIO(data))
    unpickler.persistent_load = Reference
    out = BytesIO()
    pickler = pickle.Pickler(out, 3)
    pickler.persistent_id = persistent_id
    pickler.dump(unpickler.load())
    return out.getvalue()


if __name__ == '__main__':
    sys.setrecursionlimit(5000)
    print(json.dumps([again(bytes.fromhex(text)).hex() for text in json.load(sys.stdin)]))
