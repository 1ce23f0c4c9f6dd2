// The containers of Python's collections module that have an order, a default or an end: dicts and a list with something more.

import { adoptItems, PyDict, rawItems } from './dict.ts';
import { defineKey, isHashable, unhashable } from './key.ts';
import { isIntIn, type KnownType } from './known-type.ts';
import { PyObject, PyTuple, pyGlobal, tuple } from './values.ts';

/** collections.OrderedDict: as a PyDict, which has an order too, but another type in Python. */
export class PyOrderedDict<K = unknown, V = unknown> extends PyDict<K, V> {}

/** collections.Counter: how often each key was counted. */
export class PyCounter<K = unknown, V = unknown> extends PyDict<K, V> {}

/** collections.defaultdict: a dict that names what makes the value of a missing key. It is not called here. */
export class PyDefaultDict<K = unknown, V = unknown> extends PyDict<K, V> {
  /** A PyGlobal such as `builtins.list`, or null. */
  factory: unknown;

  constructor(factory: unknown = null, entries?: Iterable<readonly [K, V]> | null) {
    super(entries);
    this.factory = factory;
  }
}

/** collections.deque: items, of which the oldest leave where there is a `maxlen`. */
export class PyDeque<T = unknown> {
  /** Neither `maxlen` nor anything else is looked at when this is changed. */
  readonly items: T[];
  readonly maxlen: number | undefined;

  /** Holds the array that it is given, without a copy. */
  constructor(items: T[] = [], maxlen?: number) {
    this.items = items;
    this.maxlen = maxlen;
  }

  get length(): number {
    return this.items.length;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.items[Symbol.iterator]();
  }
}

for (const { prototype } of [PyOrderedDict, PyCounter, PyDefaultDict]) {
  defineKey<PyDict>(prototype, unhashable);
}
defineKey<PyDeque>(PyDeque.prototype, unhashable);

/** The dict of an object that is nothing but a call and dict items. */
function onlyDictItems(object: PyObject): unknown[] | undefined {
  if (object.form !== 'reduce' || object.hasState || object.listItems !== undefined) return;
  if (object.dictItems === undefined) return [];
  return object.dictItems instanceof PyDict ? rawItems(object.dictItems) : undefined;
}

/** A dict over the same items, which a change of one changes in the other. */
function plainDict(dict: PyDict): PyDict {
  return PyDict.fromItems(rawItems(dict));
}

/** Dicts and deques as Python 2 wrote them: their items are an argument, a list. */
const asArgument = new WeakSet<object>();

function pairsOf(list: unknown): unknown[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const items: unknown[] = [];
  for (const pair of list) {
    const isPair = Array.isArray(pair) && pair.length === 2 && !(pair instanceof PyTuple);
    if (!isPair || !isHashable(pair[0])) return undefined;
    items.push(pair[0], pair[1]);
  }
  return items;
}

function asOrderedArgument(list: unknown): PyOrderedDict | undefined {
  const items = pairsOf(list);
  if (items === undefined) return undefined;
  const dict = adoptItems(new PyOrderedDict(), items);
  asArgument.add(dict);
  // of equal keys only one would be written again
  return dict.size === items.length / 2 ? dict : undefined;
}

const ORDERED_DICT: KnownType = {
  callable: pyGlobal('collections', 'OrderedDict'),
  prototype: PyOrderedDict.prototype,
  fromPickle(object) {
    const items = onlyDictItems(object);
    if (items === undefined || object.args.length > 1) return undefined;
    if (object.args.length === 0) return adoptItems(new PyOrderedDict(), items);
    return items.length === 0 ? asOrderedArgument(object.args[0]) : undefined;
  },
  toPickle(dict: PyOrderedDict) {
    if (asArgument.has(dict)) {
      return new PyObject('reduce', ORDERED_DICT.callable, tuple(Array.from(dict)));
    }
    return new PyObject('reduce', ORDERED_DICT.callable, tuple(), { dictItems: plainDict(dict) });
  },
};

const DEFAULT_DICT: KnownType = {
  callable: pyGlobal('collections', 'defaultdict'),
  prototype: PyDefaultDict.prototype,
  fromPickle(object) {
    const items = onlyDictItems(object);
    if (items === undefined || object.args.length > 1) return undefined;
    // defaultdict() has no argument: None as one is never written
    if (object.args.length === 1 && object.args[0] === null) return undefined;
    return adoptItems(new PyDefaultDict(object.args[0] ?? null), items);
  },
  toPickle(dict: PyDefaultDict) {
    const args = dict.factory === null ? tuple() : tuple(dict.factory);
    return new PyObject('reduce', DEFAULT_DICT.callable, args, { dictItems: plainDict(dict) });
  },
};

const COUNTER: KnownType = {
  callable: pyGlobal('collections', 'Counter'),
  prototype: PyCounter.prototype,
  fromPickle(object) {
    const [counts] = object.args;
    if (onlyDictItems(object)?.length !== 0 || object.args.length !== 1) return undefined;
    if (!(counts instanceof PyDict)) return undefined;
    return adoptItems(new PyCounter(), rawItems(counts));
  },
  toPickle(dict: PyCounter) {
    return new PyObject('reduce', COUNTER.callable, tuple(plainDict(dict)));
  },
};

function dequeOf(items: unknown[], { length, 1: maxlen }: PyTuple): PyDeque | undefined {
  if (length > 1 && !isIntIn(maxlen, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  const deque = new PyDeque(items, maxlen as number | undefined);
  asArgument.add(deque);
  return deque;
}

const DEQUE: KnownType = {
  callable: pyGlobal('collections', 'deque'),
  prototype: PyDeque.prototype,
  fromPickle(object) {
    const { args, listItems } = object;
    if (object.form !== 'reduce' || object.hasState || object.dictItems !== undefined) return;
    if (args.length === 0) return new PyDeque(listItems);
    const [empty, maxlen] = args;
    if (Array.isArray(empty) && !(empty instanceof PyTuple)) {
      return listItems === undefined ? dequeOf(empty, args) : undefined;
    }
    return args.length === 2 &&
      empty instanceof PyTuple &&
      empty.length === 0 &&
      isIntIn(maxlen, 0, Number.MAX_SAFE_INTEGER)
      ? new PyDeque(listItems, maxlen)
      : undefined;
  },
  toPickle(deque: PyDeque) {
    const { items, maxlen } = deque;
    if (asArgument.has(deque)) {
      const args = maxlen === undefined ? tuple(items) : tuple<unknown>(items, maxlen);
      return new PyObject('reduce', DEQUE.callable, args);
    }
    const args = maxlen === undefined ? tuple() : tuple<unknown>(tuple(), maxlen);
    return new PyObject('reduce', DEQUE.callable, args, { listItems: items });
  },
};

export const COLLECTION_TYPES: readonly KnownType[] = [ORDERED_DICT, DEFAULT_DICT, COUNTER, DEQUE];
