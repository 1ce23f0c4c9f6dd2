// Random graphs of values, with sharing and cycles, of what Python can load: the same for the same seed.

import {
  Decimal,
  float,
  PersistentRef,
  PyByteArray,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDict,
  PyFrozenSet,
  PyObject,
  PySet,
  PyTimeDelta,
  PyTimeZone,
  type PyTuple,
  pyGlobal,
  tuple,
} from '../../../src/pickle/index.ts';

/** Whole numbers below a bound. */
export type Random = (bound: number) => number;

/** A seeded source (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const WORDS = [
  '',
  'a',
  'é',
  'word',
  'two words',
  '€',
  '\ud83d\ude00',
  '\udfff',
  'x'.repeat(300),
  'ein längerer Text '.repeat(3),
];
const INTS = [
  0,
  1,
  255,
  256,
  65535,
  65536,
  -1,
  -256,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 40,
  -(2 ** 40),
  Number.MAX_SAFE_INTEGER,
  2n ** 63n,
  -(2n ** 63n),
  2n ** 64n,
  -(2n ** 2040n),
];
const FLOATS = [0.5, -0, 1e300, Number.POSITIVE_INFINITY, 5e-324];

function scalar(random: Random): unknown {
  switch (random(14)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return INTS[random(INTS.length)];
    case 3:
      return random(1 << 20) - (1 << 19);
    case 4:
      return float(random(10));
    case 5:
      return FLOATS[random(FLOATS.length)];
    case 6:
      return Uint8Array.from({ length: [0, 1, 2, 8, 255, 256, 400][random(7)] as number }, () =>
        random(256),
      );
    case 7:
      return pyGlobal('shapes', ['Plain', 'Items', 'Keys'][random(3)] as string);
    case 8:
      return new PersistentRef(
        tuple<unknown>(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, random(5)), pyGlobal('shapes', 'Plain')),
      );
    case 9:
      return value(random);
    default:
      return random(3) === 0
        ? `${WORDS[random(WORDS.length)]}${random(20)}`
        : WORDS[random(WORDS.length)];
  }
}

function value(random: Random): unknown {
  switch (random(9)) {
    case 0:
      return new PyDateTime(
        1 + random(9999),
        1 + random(12),
        1 + random(28),
        random(24),
        random(60),
        random(60),
        random(1e6),
      );
    case 1:
      return new PyDate(1 + random(9999), 1 + random(12), 1 + random(28));
    case 2:
      return new PyTimeDelta(random(1000) - 500, random(86400), random(1e6));
    case 3:
      return new Decimal(`${random(1000)}.${random(1000)}`);
    case 4:
      return new PyComplex(random(10), random(10) / 4);
    case 5:
      return new PyByteArray(Uint8Array.from({ length: random(4) }, () => random(256)));
    case 6:
      // in the order in which Python has small ints in a set
      return new PySet([0, 1, 2, 3, 4, 5, 6, 7].filter(() => random(2) === 0));
    case 7:
      return new PyFrozenSet(random(2) === 0 ? [] : [random(8)]);
    default:
      return new PyDateTime(2000, 1, 1, 1, 1, 1, 1, { tzinfo: PyTimeZone.utc });
  }
}

function key(random: Random, index: number): unknown {
  const kinds = [
    () => `key ${index}`,
    () => index,
    () => tuple('key', index),
    () => Uint8Array.of(index, 1, index >> 8),
  ];
  return (kinds[random(kinds.length)] as () => unknown)();
}

/** A graph of up to `most` containers; the first leads to most of the others. */
export function graph(random: Random, most: number): unknown {
  const count = 1 + random(most);
  const containers: object[] = Array.from({ length: count }, () => empty(random));
  for (const [i, container] of containers.entries()) {
    // tuples only hold what stands after them, and lists: one that holds itself directly cannot be made in Python
    const part = (): unknown => {
      if (random(3) > 0 || count === 1) return scalar(random);
      const other = containers[random(count)] as object;
      const later = containers.indexOf(other) > i;
      return later || !isTuple(container) || !isTuple(other) ? other : scalar(random);
    };
    fill(container, random, part);
  }
  return containers[0];
}

function isTuple(value: object): boolean {
  return Array.isArray(value) && Object.getPrototypeOf(value) !== Array.prototype;
}

const SIZES = [0, 1, 2, 3, 4, 5, 12];

function empty(random: Random): object {
  switch (random(9)) {
    case 0:
    case 1:
      return [];
    case 2:
      return new PyDict();
    case 3:
    case 4:
      return tuple();
    case 5:
      return new PyObject('newobj', pyGlobal('shapes', 'Plain'), tuple(), { state: new PyDict() });
    case 6:
      return new PyObject('newobj', pyGlobal('shapes', 'Items'), tuple(), { listItems: [] });
    case 7:
      return new PyObject('newobj', pyGlobal('shapes', 'Keys'), tuple(), {
        dictItems: new PyDict(),
      });
    default:
      return new PyObject('newobj', pyGlobal('shapes', 'Slots'), tuple(), {
        state: tuple<unknown>(null, new PyDict()),
      });
  }
}

function fill(container: object, random: Random, part: () => unknown): void {
  const size =
    random(100) === 0
      ? ([999, 1000, 1001][random(3)] as number)
      : (SIZES[random(SIZES.length)] as number);
  const numbers = Array.from({ length: size }, (_, i) => i);
  if (Array.isArray(container)) for (const _ of numbers) container.push(part());
  else if (container instanceof PyDict)
    for (const i of numbers) container.set(key(random, i), part());
  else if (container instanceof PyObject) {
    const { listItems, dictItems, state } = container;
    if (listItems !== undefined) for (const _ of numbers) listItems.push(part());
    if (dictItems instanceof PyDict) for (const i of numbers) dictItems.set(key(random, i), part());
    if (state instanceof PyDict) {
      for (let i = 0; i < size % 20; i++) state.set(`attribute${i}`, part());
      // an object without attributes has no state
      if (state.size === 0) container.hasState = false;
    } else if (Array.isArray(state)) {
      const slots = (state as PyTuple)[1] as PyDict;
      slots.set('slot0', part());
      if (random(2) === 0) slots.set('slot1', part());
    }
  }
}
