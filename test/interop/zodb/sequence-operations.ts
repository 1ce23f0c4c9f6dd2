// Random sequences of operations on objects: what two connections to one database do, in turn. Values and operations are
// JSON, which sequence-player.ts plays in Node and sequences.py in Python.

import type { Random } from '../../random.ts';
import type { Operation, Place, Sequence, Tree, Value } from './sequence-language.ts';

export const TREE_TYPES = ['BTree', 'TreeSet', 'BTree', 'TreeSet', 'Bucket', 'Set'] as const;
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const ATTRIBUTES = ['left', 'right', 'some', 'more', 'parts', 'x'];
const CLASSES = [
  'Item',
  'Item',
  'Fields',
  'Counter',
  'Dictionary',
  'Row',
  'PersistentMapping',
  'PersistentList',
  'Length',
];
const MAPPINGS = ['Dictionary', 'PersistentMapping'];
const LISTS = ['Row', 'PersistentList'];
const COUNTERS = ['Counter', 'Length'];
/** The classes that an operation changes, where these are not all. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  attribute: ['Item', 'Fields', 'Dictionary', 'Row'],
  forget: ['Item', 'Dictionary', 'Row'],
  again: ['Item', 'Fields'],
  inside: ['Item'],
  count: COUNTERS,
  mapping: MAPPINGS,
  list: LISTS,
};
const SLOTS = 3;
const KEYS = 4000;
const SMALL_KEYS = 60;

/** Sequence `number` of those that begin at a seed. */
export function sequence(
  random: Random,
  seed: number,
  trees: readonly Tree[],
  { blobs, distinct }: { readonly blobs: boolean; readonly distinct: boolean },
): Sequence {
  const drawn = new Drawing(random, trees, blobs, distinct);
  const operations = drawn.beginning();
  const length = 30 + random.below(30);
  for (let i = 0; i < length; i++) operations.push(drawn.operation());
  for (const c of [0, 1] as const) operations.push({ c, do: 'end', how: 'commit' });
  return { seed, trees, blobs, distinct, operations };
}

class Drawing {
  readonly #random: Random;
  readonly #trees: readonly Tree[];
  readonly #blobs: boolean;
  readonly #distinct: boolean;
  #texts = 0;
  #c: 0 | 1 = 0;
  /** Of which class the objects in the root are, if nothing was taken back. */
  readonly #classes: Map<string, string>;

  constructor(random: Random, trees: readonly Tree[], blobs: boolean, distinct: boolean) {
    this.#random = random;
    this.#trees = trees;
    this.#blobs = blobs;
    this.#distinct = distinct;
    const classes = [
      ['Item'],
      MAPPINGS,
      LISTS,
      random.chance(50) ? ['Fields'] : ['Item'],
      COUNTERS,
    ];
    this.#classes = new Map(NAMES.map((name, i) => [name, random.of(classes[i] as string[])]));
  }

  /** What both connections know before they begin: the trees, and a few objects. */
  beginning(): Operation[] {
    const operations: Operation[] = this.#trees.map((tree, i) =>
      this.#op('put', { name: `tree${i}`, value: { new: tree } }),
    );
    for (const i of this.#trees.keys()) operations.push(this.#change(i, 40));
    for (const [name, cls] of this.#classes)
      operations.push(this.#op('put', { name, value: this.#newObject(0, cls) }));
    if (this.#blobs)
      operations.push(this.#op('put', { name: 'blob', value: { new: { class: 'Blob' } } }));
    operations.push(this.#op('end', { how: 'commit' }));
    this.#c = 1;
    operations.push(this.#op('end', { how: 'begin' }));
    return operations;
  }

  operation(): Operation {
    const random = this.#random;
    if (random.chance(25)) this.#c = random.chance(50) ? 1 : 0;
    let at = random.below(TOTAL);
    for (const [name, weight] of WEIGHTS) {
      at -= weight;
      if (at < 0) return this.#named(name);
    }
    return this.#named('see');
  }

  #named(name: string): Operation {
    const random = this.#random;
    const on = this.#place(KINDS[name]);
    switch (name) {
      case 'put': {
        const key = random.of(NAMES);
        if (random.chance(30)) return this.#op(name, { name: key, value: this.#reference() });
        const cls = random.of(CLASSES);
        this.#classes.set(key, cls);
        return this.#op(name, { name: key, value: this.#newObject(0, cls) });
      }
      case 'remove':
        return this.#op(name, { name: random.of(NAMES) });
      case 'add':
        return this.#op(name, {
          slot: random.below(SLOTS),
          value: this.#newObject(0, random.of(CLASSES)),
        });
      case 'hold':
        return this.#op(name, { on, slot: random.below(SLOTS) });
      case 'attribute':
        return this.#op(name, { on, ...this.#attribute(0) });
      case 'forget':
        return this.#op(name, { on, name: random.of(ATTRIBUTES) });
      case 'again':
        return this.#op(name, { on, name: random.of([...ATTRIBUTES, 'first', 'second', 'third']) });
      case 'inside':
        return this.#op(name, {
          on,
          name: random.chance(80) ? 'parts' : random.of(ATTRIBUTES),
          key: this.#text(),
          value: this.#value(1),
        });
      case 'count':
        return this.#op(name, {
          on: random.chance(50) ? { root: 'e', path: [] } : on,
          by: random.below(20) - 5,
        });
      case 'mapping': {
        const what = random.of(['set', 'set', 'set', 'delete', 'clear']);
        return this.#op(name, { on, what, key: random.of(ATTRIBUTES), value: this.#value(0) });
      }
      case 'list': {
        const what = random.of([
          'push',
          'push',
          'insert',
          'set',
          'delete',
          'pop',
          'reverse',
          'clear',
          'fill',
        ]);
        const at =
          what === 'fill' ? random.of([0, 1, 2, 3, 999, 1000, 1001, 2000, 2001]) : random.below(5);
        return this.#op(name, { on, what, at, value: this.#value(1) });
      }
      case 'tree':
        return this.#change(random.below(this.#trees.length), 12);
      case 'write':
        return this.#blobs
          ? this.#op(name, {
              on: { root: 'blob', path: [] },
              mode: random.of(['w', 'a', 'r+']),
              text: `blob ${random.below(1000)}`,
            })
          : this.#named('attribute');
      case 'changed':
        return this.#op(name, {
          on,
          what: random.of(['changed', 'changed', 'unchanged', 'deactivate', 'invalidate']),
        });
      case 'rollback':
        return this.#op(name, { to: random.below(4) });
      case 'end':
        return this.#op(name, { how: random.of(['commit', 'commit', 'commit', 'abort', 'begin']) });
      case 'undo':
        return this.#op(name, {
          first: random.chance(70) ? 0 : random.below(4),
          count: random.chance(80) ? 1 : 2,
        });
      case 'note':
        return this.#op(name, { text: random.of(['', 'note', 'añadió', 'ж']) });
      default:
        return this.#op(name, { on });
    }
  }

  #op(name: string, more: object): Operation {
    return { c: this.#c, do: name, ...more };
  }

  #change(number: number, count: number): Operation {
    const random = this.#random;
    const tree = this.#trees[number] as Tree;
    const keys = tree.small ? SMALL_KEYS : 600;
    const stride = Math.floor(KEYS / keys);
    const plain = tree.type === 'Bucket' || tree.type === 'Set';
    const names = plain
      ? ['set', 'set', 'set', 'delete']
      : random.chance(50)
        ? ['set', 'set', 'set', 'insert', 'setdefault', 'delete']
        : ['set', 'delete', 'delete', 'delete', 'pop', 'popitem'];
    // Changes close to each other conflict, those far from each other can be merged.
    const from = random.below(keys);
    const width = random.chance(50) ? 8 : keys;
    const steps: [string, number, number][] = [];
    for (let i = random.below(count); i >= 0; i--) {
      const key = ((from + random.below(width)) % keys) * stride;
      // Even values are texts: two equal ones are one object here, and two in Python.
      steps.push([random.of(names), key, random.below(10) | 1]);
    }
    if (random.chance(2)) steps.push(['clear', 0, 0]);
    if (!plain && random.chance(10)) steps.push(['update', random.below(keys) * stride, 1]);
    return this.#op('tree', { on: { root: `tree${number}`, path: [] }, ...tree, steps });
  }

  /** Any place, most often one of an object that an operation on these classes can change. */
  #place(classes: readonly string[] = CLASSES): Place {
    const random = this.#random;
    const suitable = NAMES.filter((name) => classes.includes(this.#classes.get(name) as string));
    if (suitable.length > 0 && random.chance(70)) return { root: random.of(suitable), path: [] };
    const path: string[] = [];
    while (path.length < 3 && random.chance(20)) path.push(random.of(ATTRIBUTES));
    if (random.chance(10)) return { held: random.below(SLOTS), path };
    return { root: random.of(NAMES), path };
  }

  #reference(): Value {
    return this.#random.chance(15) ? { weak: this.#place() } : { object: this.#place() };
  }

  #attribute(depth: number): { name: string; value: Value } {
    const name = this.#random.of(ATTRIBUTES);
    const value = name === 'parts' ? this.#container(depth + 1) : this.#value(depth);
    return { name, value };
  }

  #newObject(depth: number, cls: string): Value {
    const random = this.#random;
    if (depth > 0 && random.chance(5))
      return {
        new: { family: random.of(['OO', 'II', 'LO']), type: 'BTree', small: random.chance(50) },
      };
    const attributes: [string, Value][] = [];
    if (cls === 'Item' || cls === 'Dictionary' || cls === 'Row')
      while (random.chance(depth === 0 ? 55 : 30))
        attributes.push(Object.values(this.#attribute(depth + 1)) as [string, Value]);
    return { new: { class: cls, attributes } };
  }

  #value(depth: number): Value {
    const random = this.#random;
    if (random.chance(35)) return this.#reference();
    if (depth < 3 && random.chance(25)) return this.#newObject(depth + 1, random.of(CLASSES));
    return depth < 3 && random.chance(25) ? this.#container(depth + 1) : this.#scalar();
  }

  #container(depth: number): Value {
    const random = this.#random;
    const values = (): Value[] => Array.from({ length: random.below(5) }, () => this.#value(depth));
    const members = (): Value[] =>
      [0, 1, 2, 3, 4].filter(() => random.chance(40)).map((n) => ({ int: String(n) }));
    switch (random.below(6)) {
      case 0:
        return { tuple: values() };
      case 1:
        return { dict: values().map((value) => [this.#scalarKey(), value]) };
      case 2:
        return { set: members() };
      case 3:
        return { frozenset: members() };
      case 4:
        return random.chance(30) ? { range: random.of([999, 1000, 1001, 2000]) } : { list: [] };
      default:
        return { list: values() };
    }
  }

  #scalarKey(): Value {
    this.#texts++;
    return this.#random.of<Value>([
      `k${this.#texts}`,
      { int: String(100 + this.#texts) },
      { bytes: `${this.#texts % 10}7ab` },
    ]);
  }

  #scalar(): Value {
    const random = this.#random;
    switch (random.below(16)) {
      case 0:
        return null;
      case 1:
        return random.chance(50);
      case 2:
      case 3:
        return { int: String(BigInt(random.below(300) - 20) * random.of(INTEGERS)) };
      case 4:
        return { float: random.of(FLOATS) };
      case 5:
        return { bytes: 'f00f'.repeat(random.of([0, 1, 2, 3, 127, 128, 130])) };
      case 6:
        return { bytearray: '00ff' };
      case 7:
        return { decimal: `${random.below(100)}.${10 + random.below(80)}` };
      case 8:
        return { date: [2000 + random.below(30), 1 + random.below(12), 1 + random.below(28)] };
      case 9: {
        const fields = [2001, 1 + random.below(12), 3, 4, 5, 6, random.below(1000)];
        const zone = random.chance(50) ? { minutes: random.of([0, 60, -330]) } : {};
        return { datetime: { fields, ...zone, ...(random.chance(2) ? { fold: 1 } : {}) } };
      }
      case 10:
        return random.of<Value>([
          { timedelta: [random.below(9), 5, 7] },
          { time: [1, 2, 3, random.below(9)] },
          { uuid: `12345678-1234-1234-1234-12345678900${random.below(10)}` },
          { complex: ['0x1.8p+0', '-0x1p+1'] },
          random.chance(50) ? { list: [{ ellipsis: 1 }, { ellipsis: 1 }] } : { tuple: [] },
        ]);
      default:
        return this.#text();
    }
  }

  // Equal texts only where it is known what comes of them.
  #text(): string {
    if (this.#distinct) return this.#random.of(['word', 'another word', 'ж']);
    this.#texts++;
    return this.#random.of([`text ${this.#texts}`, `añadió ${this.#texts}`, `𝛑${this.#texts}`]);
  }
}

const INTEGERS = [1n, 1n, 1n, 1000n, 2n ** 31n, 2n ** 40n, 2n ** 64n, -(2n ** 90n)];
/** As `float.hex` writes them. */
const FLOATS = [
  '0x0.0p+0',
  '-0x0.0p+0',
  '0x1.0p+0',
  '0x1.8p+1',
  '0x1.91eb851eb851fp+1',
  '0x1.0p+70',
  'inf',
];

/** How often each is chosen, beside the others. */
const WEIGHTS: readonly (readonly [name: string, weight: number])[] = [
  ['put', 6],
  ['remove', 2],
  ['add', 2],
  ['hold', 3],
  ['attribute', 14],
  ['forget', 4],
  ['again', 3],
  ['inside', 5],
  ['count', 5],
  ['mapping', 6],
  ['list', 6],
  ['tree', 12],
  ['write', 2],
  ['changed', 4],
  ['current', 2],
  ['see', 8],
  ['note', 1],
  ['savepoint', 4],
  ['rollback', 3],
  ['end', 14],
  ['cache', 2],
  ['undo', 4],
];
const TOTAL = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
/** What an operation may be. */
export const OPERATIONS: readonly string[] = WEIGHTS.map(([name]) => name);
