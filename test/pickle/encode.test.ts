import { expect } from 'chai';
import {
  decode,
  decodeAll,
  encode,
  float,
  PersistentRef,
  PickleError,
  Pickler,
  PyByteArray,
  PyDict,
  PyExtension,
  PyFloat,
  PyFrozenSet,
  PyObject,
  PySet,
  PyString2,
  pyGlobal,
  tuple,
} from '../../src/pickle/index.ts';
import { failure, fromHex, le, raw, text } from './raw.ts';

const CLS = pyGlobal('m', 'C');
const again: unknown[] = [1];

/** What a value is written as, PROTO and STOP left out. */
const WRITTEN: readonly [what: string, value: unknown, pickle: string][] = [
  ['None', null, 'N'],
  ['True', true, '\x88'],
  ['False', false, '\x89'],
  ['0', 0, 'K\x00'],
  ['255', 255, 'K\xff'],
  ['256', 256, 'M\x00\x01'],
  ['65535', 65535, 'M\xff\xff'],
  ['65536', 65536, 'J\x00\x00\x01\x00'],
  ['-1', -1, 'J\xff\xff\xff\xff'],
  ['-1 as a bigint', -1n, 'J\xff\xff\xff\xff'],
  ['2 as a bigint', 2n, 'K\x02'],
  ['2**31 - 1', 2 ** 31 - 1, 'J\xff\xff\xff\x7f'],
  ['2**31', 2 ** 31, '\x8a\x05\x00\x00\x00\x80\x00'],
  ['-2**31', -(2 ** 31), 'J\x00\x00\x00\x80'],
  ['-2**31 - 1', -(2 ** 31) - 1, '\x8a\x05\xff\xff\xff\x7f\xff'],
  ['-2**39', -(2 ** 39), '\x8a\x05\x00\x00\x00\x00\x80'],
  ['-2**63', -(2n ** 63n), '\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80'],
  ['an int of 255 bytes', 2n ** 2032n, `\x8a\xff${'\0'.repeat(254)}\x01`],
  ['an int of 256 bytes', 2n ** 2040n, `\x8b\x00\x01\x00\x00${'\0'.repeat(255)}\x01`],
  ['1.5', 1.5, 'G?\xf8\x00\x00\x00\x00\x00\x00'],
  ['3.0', float(3), 'G@\x08\x00\x00\x00\x00\x00\x00'],
  ['-0.0', -0, 'G\x80\x00\x00\x00\x00\x00\x00\x00'],
  ['2.0**53', 2 ** 53, 'GC@\x00\x00\x00\x00\x00\x00'],
  [
    'a NaN of other bits',
    new PyFloat(Number.NaN, 0xfff8000000000001n),
    'G\xff\xf8\x00\x00\x00\x00\x00\x01',
  ],
  ['empty text', '', 'X\x00\x00\x00\x00q\x00'],
  ['text', 'é', 'X\x02\x00\x00\x00\xc3\xa9q\x00'],
  ['a lone surrogate', '\ud800a', 'X\x04\x00\x00\x00\xed\xa0\x80aq\x00'],
  ['a character beyond 16 bits', '😀\udc00', 'X\x07\x00\x00\x00\xf0\x9f\x98\x80\xed\xb0\x80q\x00'],
  ['the same text twice', ['ab', 'ab'], ']q\x00(X\x02\x00\x00\x00abq\x01h\x01e'],
  ['no bytes', new Uint8Array(), 'C\x00q\x00'],
  ['bytes', raw('ab'), 'C\x02abq\x00'],
  ['a Buffer', globalThis.Buffer?.from('ab') ?? Uint8Array.of(0x61, 0x62), 'C\x02abq\x00'],
  ['256 bytes', raw('x'.repeat(256)), `B\x00\x01\x00\x00${'x'.repeat(256)}q\x00`],
  ['equal bytes that are two', [raw('ab'), raw('ab')], ']q\x00(C\x02abq\x01C\x02abq\x02e'],
  ['equal bytes of length 1', [raw('a'), raw('a')], ']q\x00(C\x01aq\x01h\x01e'],
  ['an empty tuple', tuple(), ')'],
  ['a tuple of 1', tuple(1), 'K\x01\x85q\x00'],
  ['a tuple of 3', tuple(1, 2, 3), 'K\x01K\x02K\x03\x87q\x00'],
  ['a tuple of 4', tuple(1, 2, 3, 4), '(K\x01K\x02K\x03K\x04tq\x00'],
  ['an empty list', [], ']q\x00'],
  ['a list of 1', [1], ']q\x00K\x01a'],
  ['a list of 2', [1, 2], ']q\x00(K\x01K\x02e'],
  ['a list twice', [again, again], ']q\x00(]q\x01K\x01ah\x01e'],
  ['an empty dict', new PyDict(), '}q\x00'],
  ['a dict of 1', new PyDict([[1, null]]), '}q\x00K\x01Ns'],
  [
    'a dict of 2',
    new PyDict([
      [1, null],
      [2, null],
    ]),
    '}q\x00(K\x01NK\x02Nu',
  ],
  ['a Map', new Map([[1, null]]), '}q\x00K\x01Ns'],
  ['a plain object', { a: 1 }, '}q\x00X\x01\x00\x00\x00aq\x01K\x01s'],
  [
    'an object without a prototype',
    Object.assign(Object.create(null), { a: 1 }),
    '}q\x00X\x01\x00\x00\x00aq\x01K\x01s',
  ],
  ['a set', new PySet([1]), 'cbuiltins\nset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03'],
  ['a Set', new Set([1]), 'cbuiltins\nset\nq\x00]q\x01K\x01a\x85q\x02Rq\x03'],
  ['a frozenset', new PyFrozenSet(), 'cbuiltins\nfrozenset\nq\x00]q\x01\x85q\x02Rq\x03'],
  ['an empty bytearray', new PyByteArray(), 'cbuiltins\nbytearray\nq\x00)Rq\x01'],
  [
    'a bytearray',
    new PyByteArray(raw('a')),
    'cbuiltins\nbytearray\nq\x00C\x01aq\x01\x85q\x02Rq\x03',
  ],
  ['a global twice', [CLS, CLS], ']q\x00(cm\nC\nq\x01h\x01e'],
  ['a str of Python 2', new PyString2(raw('\xe9')), 'U\x01\xe9q\x00'],
  [
    'a long str of Python 2',
    new PyString2(raw('x'.repeat(256))),
    `T\x00\x01\x00\x00${'x'.repeat(256)}q\x00`,
  ],
  [
    'extension codes',
    [1, 256, 65536].map((code) => new PyExtension(code)),
    ']q\x00(\x82\x01\x83\x00\x01\x84\x00\x00\x01\x00e',
  ],
  ['a call', new PyObject('reduce', CLS, tuple(1)), 'cm\nC\nq\x00K\x01\x85q\x01Rq\x02'],
  ['a call without arguments of its own', new PyObject('basicnew', CLS), 'cm\nC\nq\x00NRq\x01'],
  ['a new object', new PyObject('newobj', CLS), 'cm\nC\nq\x00)\x81q\x01'],
  [
    'the state None',
    new PyObject('newobj', CLS, tuple(), { state: null }),
    'cm\nC\nq\x00)\x81q\x01Nb',
  ],
  [
    'items, keys and state',
    new PyObject('newobj', CLS, tuple(), {
      listItems: [1, 2],
      dictItems: new PyDict([[3, 4]]),
      state: new PyDict(),
    }),
    'cm\nC\nq\x00)\x81q\x01(K\x01K\x02eK\x03K\x04s}q\x02b',
  ],
  [
    'a new object with keyword arguments',
    new PyObject('newobj_ex', CLS, tuple(), { kwargs: new PyDict() }),
    'ccopyreg\n__newobj_ex__\nq\x00cm\nC\nq\x01)}q\x02\x87q\x03Rq\x04',
  ],
  ['an old-style instance by INST', new PyObject('inst', CLS, tuple(1)), '(K\x01im\nC\nq\x00'],
  ['an old-style instance by OBJ', new PyObject('obj', CLS, tuple(1)), '(cm\nC\nq\x00K\x01oq\x01'],
  [
    'a reference',
    new PersistentRef(tuple(raw('12345678'), CLS)),
    'C\x0812345678q\x00cm\nC\nq\x01\x86q\x02Q',
  ],
  [
    'two references to one object',
    [tuple(raw('12345678'), CLS), tuple(raw('12345678'), CLS)].map((pid) => new PersistentRef(pid)),
    ']q\x00(C\x0812345678q\x01cm\nC\nq\x02\x86q\x03Qh\x01h\x02\x86q\x04Qe',
  ],
  [
    'a weak reference',
    new PersistentRef(['w', tuple(raw('12345678'))]),
    ']q\x00(X\x01\x00\x00\x00wq\x01C\x0812345678q\x02\x85q\x03eQ',
  ],
];

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i % 200);
const items = (n: number): string => 'K\x05'.repeat(n);
const pairs = (n: number, from = 0): string =>
  Array.from({ length: n }, (_, i) => `M${le(from + i + 256, 2)}N`).join('');

/** Batches: what follows the PUT of the empty container. */
const BATCHES: readonly [size: number, list: string, dict: string, items: string, keys: string][] =
  [
    [1, `${items(1)}a`, `${pairs(1)}s`, `${items(1)}a`, `${pairs(1)}s`],
    [999, `(${items(999)}e`, `(${pairs(999)}u`, `(${items(999)}e`, `(${pairs(999)}u`],
    [1000, `(${items(1000)}e`, `(${pairs(1000)}u(u`, `(${items(1000)}e`, `(${pairs(1000)}u`],
    [
      1001,
      `(${items(1000)}e(${items(1)}e`,
      `(${pairs(1000)}u(${pairs(1, 1000)}u`,
      `(${items(1000)}e${items(1)}a`,
      `(${pairs(1000)}u${pairs(1, 1000)}s`,
    ],
    [
      2000,
      `(${items(1000)}e(${items(1000)}e`,
      `(${pairs(1000)}u(${pairs(1000, 1000)}u(u`,
      `(${items(1000)}e(${items(1000)}e`,
      `(${pairs(1000)}u(${pairs(1000, 1000)}u`,
    ],
    [
      2001,
      `(${items(1000)}e(${items(1000)}e(${items(1)}e`,
      `(${pairs(1000)}u(${pairs(1000, 1000)}u(${pairs(1, 2000)}u`,
      `(${items(1000)}e(${items(1000)}e${items(1)}a`,
      `(${pairs(1000)}u(${pairs(1000, 1000)}u${pairs(1, 2000)}s`,
    ],
  ];

describe('Encoding', () => {
  for (const [what, value, pickle] of WRITTEN) {
    it(`writes ${what}`, () => {
      expect(text(encode(value))).to.equal(`\x80\x03${pickle}.`);
    });
  }

  for (const [size, list, dict, listItems, dictItems] of BATCHES) {
    it(`writes ${size} items in batches, an object's differently from a list's`, () => {
      const values = count(size).map(() => 5);
      const keys = new PyDict(values.map((_, i) => [i + 256, null]));
      const object = (parts: object): PyObject => new PyObject('newobj', CLS, tuple(), parts);
      const start = '\x80\x03cm\nC\nq\x00)\x81q\x01';
      expect(text(encode(values))).to.equal(`\x80\x03]q\x00${list}.`);
      expect(text(encode(keys))).to.equal(`\x80\x03}q\x00${dict}.`);
      expect(text(encode(object({ listItems: values })))).to.equal(`${start}${listItems}.`);
      expect(text(encode(object({ dictItems: keys })))).to.equal(`${start}${dictItems}.`);
    });
  }

  it('numbers the memo in one byte up to 255, then in four', () => {
    const names = Array.from({ length: 256 }, (_, i) => `${i}`);
    const written = text(encode([names, names[254], names[255]]));
    expect(written).to.contain('254r\x00\x01\x00\x00').and.to.contain('253q\xff');
    expect(written.endsWith('j\x00\x01\x00\x00j\x01\x01\x00\x00e.')).to.equal(true);
  });

  it('writes globals of an extension registry by their codes, which is read with it again', () => {
    const codes = [1, 255, 256, 65535, 65536, 0x7fff_ffff];
    const extensions = new Map(codes.map((code) => [code, pyGlobal('m', `C${code}`)]));
    const values = [...extensions.values()];
    const written = encode([...values, values[0]], { extensions });
    expect(text(written)).to.equal(
      '\x80\x03]q\x00(\x82\x01\x82\xff\x83\x00\x01\x83\xff\xff\x84\x00\x00\x01\x00\x84\xff\xff\xff\x7f\x82\x01e.',
    );
    expect(decode(written, { extensions })).to.deep.equal([...values, values[0]]);
    expect(encode(decode(written))).to.deep.equal(written);
    for (const code of [0, -1, 1.5, 2 ** 31]) {
      const wrong = new Map([[code, CLS]]);
      expect(() => encode(1, { extensions: wrong })).to.throw(PickleError, /extensions/);
    }
    expect(() => encode(1, { extensions: new Map([[1, 'm.C']]) as never })).to.throw(PickleError);
  });

  it('writes references by their hook without tuples, the class by GET once it is known', () => {
    const pickler = new Pickler({
      reference: (value) =>
        value instanceof Map ? { oid: value.get('oid'), cls: value.get('cls') } : undefined,
    });
    const to = (oid: bigint, cls?: unknown) =>
      new Map<string, unknown>([
        ['oid', oid],
        ['cls', cls],
      ]);
    pickler.dump([to(1n, CLS), to(1n, CLS), to(2n), to(3n, tuple('m', 'C'))]);
    const oid = (n: number) => `C\x08\0\0\0\0\0\0\0${String.fromCharCode(n)}`;
    expect(text(pickler.take())).to.equal(
      `\x80\x03]q\x00(${oid(1)}q\x01cm\nC\nq\x02\x86q\x03Qh\x01h\x02\x86q\x04Q${oid(2)}q\x05Q` +
        `${oid(3)}q\x06X\x01\0\0\0mq\x07X\x01\0\0\0Cq\x08\x86q\x09\x86q\x0aQe.`,
    );
  });

  it('knows strings again that were chosen to collide in its tables', () => {
    // 31 * first + second is the same for all of these pairs, so all words of them have one hash
    const pairs = ['Aa', 'BB'];
    let words = [''];
    for (let length = 0; length < 12; length++)
      words = words.flatMap((word) => pairs.map((pair) => word + pair));
    const written = encode([words, words.map((word) => `${word}`)]);
    const [once, again] = decode(written) as [string[], string[]];
    expect(again).to.deep.equal(once);
    expect(written.length).to.be.lessThan(words.length * (24 + 5 + 5 + 5) + 200);
    const long = Array.from(
      { length: 40 },
      (_, i) => 'x'.repeat(400) + String.fromCharCode(0x4e00 + i),
    );
    expect(decode(encode([long, [...long]]))).to.deep.equal([long, long]);
    expect(encode([long, [...long]]).length).to.be.lessThan(40 * 430);
  });

  it('goes on with its memo from one pickle to the next, until it is cleared', () => {
    const pickler = new Pickler();
    pickler.dump(CLS);
    pickler.dump([CLS]);
    expect(text(pickler.take())).to.equal('\x80\x03cm\nC\nq\x00.\x80\x03]q\x01h\x00a.');
    pickler.clearMemo();
    pickler.dump(CLS);
    expect(text(pickler.take())).to.equal('\x80\x03cm\nC\nq\x00.');
  });

  it('asks for persistent ids, of objects inside ids too', () => {
    class Item {
      readonly oid: bigint;
      constructor(oid: bigint) {
        this.oid = oid;
      }
    }
    const cls = new Item(2n);
    const pickler = new Pickler({
      persistentId: (value) =>
        value instanceof Item ? (value === cls ? value.oid : tuple(value.oid, cls)) : undefined,
    });
    pickler.dump([new Item(1n), new Item(1n)]);
    const first = '\0\0\0\0\0\0\0\x01';
    const second = '\0\0\0\0\0\0\0\x02';
    expect(text(pickler.take())).to.equal(
      `\x80\x03]q\x00(C\x08${first}q\x01C\x08${second}q\x02Q\x86q\x03Qh\x01h\x02Q\x86q\x04Qe.`,
    );
  });

  it('undoes a tuple that one of its items has written already', () => {
    const inner: unknown[] = [];
    const pair = tuple<unknown>(inner, 1);
    inner.push(pair);
    expect(text(encode(pair))).to.equal('\x80\x03]q\x00h\x00K\x01\x86q\x01aK\x0100h\x01.');
    const long = tuple<unknown>(inner, 1, 2, 3);
    inner[0] = long;
    expect(text(encode(long))).to.equal(
      '\x80\x03(]q\x00(h\x00K\x01K\x02K\x03tq\x01aK\x01K\x02K\x031h\x01.',
    );
    const read = decode(encode(long)) as unknown[];
    expect((read[0] as unknown[])[0]).to.equal(read);
  });

  it('writes an object once that its own arguments lead back to', () => {
    const item = new PyObject('newobj', CLS);
    const set = new PySet<unknown>([item]);
    item.state = new PyDict([['in', set]]);
    item.hasState = true;
    const read = decode(encode(set)) as PySet<PyObject>;
    const [member] = read;
    const dict = member?.state as PyDict;
    expect(dict.get('in')).to.equal(read);
  });

  const functions: readonly [what: string, value: unknown, named: string][] = [
    ['undefined', undefined, 'undefined'],
    ['a hole in an array', new Array(1), 'undefined'],
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('s'), 'symbol'],
    ['an object of an unknown class', new (class Odd {})(), 'Odd'],
    ['another typed array', new Float64Array(1), 'Float64Array'],
    // Written, nobody could read them any more.
    ['a plain object as a key', new PyDict([[{}, 1]]), 'a plain object cannot be a key'],
    ['a plain object as a key of a Map', new Map([[{}, 1]]), 'a plain object cannot be a key'],
    ['an array as a key of a Map', new Map([[[1], 1]]), 'a list cannot be a key'],
    ['a list in a tuple as a key of a Map', new Map([[tuple([1]), 1]]), 'a list cannot be a key'],
    ['bytearrays as keys of a Map', new Map([[new PyByteArray(), 1]]), 'PyByteArray cannot be'],
    ['an array in a Set', new Set([[1]]), 'a list cannot be a key'],
    ['a Map in a Set', new Set([new Map()]), 'a Map cannot be a key'],
    ['a plain object in a PySet', new PySet([{}]), 'a plain object cannot be a key'],
  ];
  for (const [what, value, named] of functions) {
    it(`refuses ${what}, and says where it stands`, () => {
      const error = failure(() => encode(new PyDict([['key', [0, value]]]), { oid: 1n }));
      expect(error.code).to.equal('PICKLE_VALUE');
      expect(error.message).to.contain(named).and.contain('["key"][1]');
      expect(error.oid).to.equal(1n);
    });
  }

  it('writes nothing of a pickle that failed, and starts a new memo', () => {
    const pickler = new Pickler();
    pickler.dump('a');
    expect(() => pickler.dump(['b', undefined])).to.throw();
    pickler.dump('b');
    expect(text(pickler.take())).to.equal(
      '\x80\x03X\x01\x00\x00\x00aq\x00.\x80\x03X\x01\x00\x00\x00bq\x00.',
    );
    const large = new Uint8Array(70_000);
    pickler.clearMemo();
    pickler.dump(large);
    expect(() => pickler.dump([large, new Uint8Array(70_000), undefined])).to.throw();
    pickler.dump('b');
    const [first, second] = decodeAll(pickler.take()) as [Uint8Array, string];
    expect([first.length, second]).to.deep.equal([70_000, 'b']);
  });

  it('manages 20 000 levels of lists, dicts, tuples and objects, there and back', () => {
    const wraps: readonly ((inner: unknown) => unknown)[] = [
      (inner) => [inner],
      (inner) => new PyDict([['k', inner]]),
      (inner) => tuple(inner),
      (inner) => new PyObject('newobj', CLS, tuple(), { state: inner }),
      (inner) => new PySet([tuple(inner)]),
    ];
    for (const wrap of wraps) {
      let value: unknown = 1.0;
      for (let i = 0; i < 20_000; i++) value = wrap(value);
      const pickle = encode(value);
      expect(encode(decode(pickle)).length).to.equal(pickle.length);
    }
  });

  it('ends with an error where a value leads into itself without end', () => {
    const endless = tuple<unknown>(1);
    endless[0] = endless;
    expect(failure(() => encode(endless)).code).to.equal('PICKLE_LIMIT');
  });

  it('takes what was written as bytes of their own, of any size', () => {
    const pickler = new Pickler();
    const taken: Uint8Array[] = [];
    for (const size of [10, 70_000, 3_000_000, 5]) {
      pickler.clearMemo();
      pickler.dump(new Uint8Array(size).fill(7));
      taken.push(pickler.take());
    }
    expect(taken.map((pickle) => (decode(pickle) as Uint8Array).length)).to.deep.equal([
      10, 70_000, 3_000_000, 5,
    ]);
    expect(taken[0]).to.deep.equal(fromHex('8003430a0707070707070707070771002e'));
  });
});
