"""Whether the objects of two databases are equal: touch.py ORIGINAL COPY. Runs on Python 2.7 and 3.

Every current record of ORIGINAL is unpickled beside the one of COPY. No class of the application is needed: each global
becomes a stub that keeps how it was called, and the state, items and keys that it was given. Equal are values of the same types in the
same order; floats by their bits, references by their form; and what is shared in one must be shared in the other.
"""
import collections
import io
import json
import struct
import sys

import zodbpickle
from ZODB.FileStorage import FileStorage
from ZODB.POSException import POSKeyError
from zodbpickle import fastpickle, slowpickle

PYTHON2 = sys.version_info[0] == 2


class Stub(object):
    """An object of any class: how it was made, and what it was then given."""

    form, arguments, state, items, pairs = 'call', (), None, None, None

    def __setstate__(self, state):
        assert self.state is None
        self.state = (state,)

    def append(self, item):
        self.items = (self.items or []) + [item]

    def extend(self, items):
        self.items = (self.items or []) + list(items)

    def __setitem__(self, key, value):
        self.pairs = (self.pairs or []) + [(key, value)]

    def parts(self):
        return [self.form, self.arguments, self.state, self.items, self.pairs]


class Global(type):
    """The stub of one class or function. Called, it makes a Stub; so does its __new__, and that is remembered."""

    def __call__(cls, *arguments, **keywords):
        return cls.made('call', arguments, keywords)

    def __basicnew__(cls):
        return cls.made('basicnew', (), {})

    def made(cls, form, arguments, keywords):
        stub = object.__new__(cls)
        stub.form, stub.arguments = form, (arguments, keywords)
        return stub


class Reference(object):
    """A persistent id, as it was written."""

    def __init__(self, pid):
        self.pid = pid

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return isinstance(other, Reference) and Comparison().same(self.pid, other.pid)


class Loader(object):
    """Unpickles records; one table of globals, so that a class is the same object in all of them."""

    def __init__(self):
        self.globals = {}

    def find(self, module, name):
        if (module, name) not in self.globals:
            new = lambda cls, *arguments, **keywords: cls.made('new', arguments, keywords)
            body = {'__module__': module, '__new__': staticmethod(new), 'spelled': (module, name)}
            self.globals[module, name] = Global(str('Stub'), (Stub,), body)
        return self.globals[module, name]

    def load(self, record):
        """Class metadata and state, and how many bytes are left after them."""
        source = io.BytesIO(record)
        unpickler = self.unpickler(source)
        cls, state = unpickler.load(), unpickler.load()
        return as_data(cls, state) + (len(record) - source.tell(),)

    def unpickler(self, source):
        loader = self

        class Unpickler(ordered_unpickler() if PYTHON2 else fastpickle.Unpickler):
            def find_class(self, module, name):
                return loader.find(module, name)

            def persistent_load(self, pid):
                return Reference(pid)

        return Unpickler(source)


def as_data(cls, state):
    """PersistentMapping changes the name that it had for its dict before ZODB 3.3, as Python's does."""
    named = cls[0] if isinstance(cls, tuple) else cls
    spelled = named.spelled if isinstance(named, Global) else named
    is_mapping = isinstance(spelled, tuple) and spelled[1] in ('PersistentMapping', 'hack')
    if is_mapping and isinstance(state, dict) and '_container' in state:
        state = type(state)(('data' if key == '_container' else key, state[key]) for key in state)
    return cls, state


def ordered_unpickler():
    """Python 2's, but dicts keep the order of the record, and a call without arguments is one of __basicnew__, as it was in 1999."""

    class Unpickler(slowpickle.Unpickler):
        dispatch = dict(slowpickle.Unpickler.dispatch)

        def load_empty_dictionary(self):
            self.append(collections.OrderedDict())

        def load_dict(self):
            mark = self.marker()
            items = self.stack[mark + 1:]
            self.stack[mark:] = [collections.OrderedDict(zip(items[::2], items[1::2]))]

        def load_reduce(self):
            arguments = self.stack.pop()
            made = self.stack[-1]
            self.stack[-1] = made.__basicnew__() if arguments is None else made(*arguments)

        def _instantiate(self, cls, mark):
            arguments = tuple(self.stack[mark + 1:])
            self.stack[mark:] = [cls.made('instance', arguments, {})]

    for opcode, method in (
        ('}', Unpickler.load_empty_dictionary), ('d', Unpickler.load_dict), ('R', Unpickler.load_reduce),
    ):
        Unpickler.dispatch[opcode] = method
    return Unpickler


ATOMS = {type(None), bool, int, type(u''), str, bytes, bytearray, zodbpickle.binary, type(2 ** 80)}
SHARED = (list, dict, Stub)


class Comparison(object):
    """Of two values, step by step instead of by recursion: records may be deep."""

    def __init__(self):
        self.met, self.met_again, self.kept = {}, {}, []

    def same(self, first, second):
        return self.difference(first, second) is None

    def difference(self, first, second):
        """What is not equal, as text; None if everything is."""
        todo = [(first, second)]
        while todo:
            one, other = todo.pop()
            reason = self.step(one, other, todo)
            if reason:
                return '%s: %.80r and %.80r' % (reason, one, other)
        return None

    def step(self, one, other, todo):
        kind = type(one)
        if kind is not type(other):
            return 'types'
        if kind in ATOMS:
            return 'values' if one != other else None
        if kind is float:
            return 'floats' if struct.pack('>d', one) != struct.pack('>d', other) else None
        if kind is Global:
            return 'globals' if one is not other else None
        if isinstance(one, SHARED):
            known = self.met.get(id(one)), self.met_again.get(id(other))
            if known != (None, None):
                return None if known == (id(other), id(one)) else 'sharing'
            self.met[id(one)], self.met_again[id(other)] = id(other), id(one)
            self.kept.append((one, other))
        return self.contents(one, other, kind, todo)

    def contents(self, one, other, kind, todo):
        if kind is Reference:
            todo.append((one.pid, other.pid))
        elif isinstance(one, Stub):
            todo.extend(zip(one.parts(), other.parts()))
        elif kind in (list, tuple):
            if len(one) != len(other):
                return 'lengths'
            todo.extend(zip(one, other))
        elif issubclass(kind, dict):
            return self.pairs(one, other, todo)
        else:
            return 'unknown type'

    def pairs(self, one, other, todo):
        if len(one) != len(other):
            return 'lengths'
        todo.extend(zip(one.items(), other.items()))


def current(storage):
    """The newest record of every object that exists."""
    for oid in sorted(storage._index.keys()):
        try:
            yield oid, storage.load(oid, '')[0]
        except POSKeyError:
            pass


def main(original, copy):
    original, copy = [FileStorage(path, read_only=True) for path in (original, copy)]
    loader = Loader()
    objects, identical, equal, different = 0, 0, 0, []
    for oid, record in current(original):
        objects += 1
        again = copy.load(oid, '')[0]
        reason = Comparison().difference(loader.load(record), loader.load(again))
        if reason:
            different.append(['%016x' % int(struct.unpack('>Q', oid)[0]), reason])
        elif record == again:
            identical += 1
        else:
            equal += 1
    print(json.dumps({'objects': objects, 'identical': identical, 'equal': equal, 'different': different}))


if __name__ == '__main__':
    main(*sys.argv[1:])
