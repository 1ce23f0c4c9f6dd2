import { expect } from 'chai';
import {
  Decimal,
  decode,
  encode,
  Fraction,
  float,
  NumpyArray,
  NumpyScalar,
  PersistentRef,
  PyByteArray,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDeque,
  PyDict,
  PyExtension,
  PyFrozenSet,
  PyObject,
  PyOrderedDict,
  PyRange,
  PySet,
  PyString2,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  pyGlobal,
  type ToJSOptions,
  toJS,
  tuple,
  UUID,
  ZoneInfo,
} from '../../src/pickle/index.ts';
import { failure } from './raw.ts';

const moment = new PyDateTime(2024, 1, 31, 12, 30, 15, 123456);
const price = new PyObject('newobj', pyGlobal('shop', 'Price'), tuple(5), {
  state: new PyDict([['currency', 'EUR']]),
});

const CASES: readonly [what: string, value: unknown, plain: unknown, options?: ToJSOptions][] = [
  ['scalars', [null, true, 1, 1.5, 'a'], [null, true, 1, 1.5, 'a']],
  ['floats', float(3), 3],
  ['large ints', 2n ** 64n, 2n ** 64n],
  ['large ints as numbers', 2n ** 64n, 2 ** 64, { bigInts: 'number' }],
  ['large ints as text', [2n ** 64n, 1], ['18446744073709551616', 1], { bigInts: 'text' }],
  ['tuples', tuple(1, tuple(2)), [1, [2]]],
  ['dicts', new PyDict([['a', [1]]]), { a: [1] }],
  ['dicts of other keys', new PyDict([[1, 'a']]), new Map([[1, 'a']])],
  ['dicts as Maps', new PyDict([['a', 1]]), new Map([['a', 1]]), { dicts: 'map' }],
  [
    'dicts as objects',
    new PyDict<unknown, unknown>([
      [1, 'a'],
      [tuple(1, 'x'), 2],
      [null, 3],
    ]),
    { '1': 'a', "(1, 'x')": 2, None: 3 },
    { dicts: 'object' },
  ],
  ['ordered dicts', new PyOrderedDict([['a', 1]]), { a: 1 }],
  ['sets', new PySet([1, 'a']), new Set([1, 'a'])],
  ['frozensets', new PyFrozenSet([1]), new Set([1])],
  ['deques', new PyDeque([1, tuple(2)]), [1, [2]]],
  ['bytes', Uint8Array.of(1), Uint8Array.of(1)],
  ['bytearrays', new PyByteArray(Uint8Array.of(1)), Uint8Array.of(1)],
  ['strings of Python 2', new PyString2(Uint8Array.of(0x61, 0xe9)), 'aé'],
  ['moments', moment, new Date('2024-01-31T12:30:15.123Z')],
  ['moments as text', moment, '2024-01-31 12:30:15.123456', { dates: 'text' }],
  [
    'moments with a zone',
    new PyDateTime(2024, 7, 1, 12, 0, 0, 0, { tzinfo: new ZoneInfo('Europe/Berlin') }),
    new Date('2024-07-01T10:00:00Z'),
  ],
  [
    'moments of a zone that is not known',
    new PyDateTime(2024, 7, 1, 12, 0, 0, 0, { tzinfo: pyGlobal('my', 'zone') }),
    '2024-07-01 12:00:00',
  ],
  ['dates', new PyDate(2024, 1, 31), new Date('2024-01-31T00:00:00Z')],
  ['times', new PyTime(1, 2), '01:02:00'],
  ['timedeltas', new PyTimeDelta(1, 1, 500_000), 86_401.5],
  ['timezones', PyTimeZone.utc, 'UTC'],
  ['Decimals', new Decimal('1.50'), '1.50'],
  [
    'Decimals as numbers',
    [new Decimal('1.50'), new Fraction(1, 4)],
    [1.5, 0.25],
    { decimals: 'number' },
  ],
  ['fractions', new Fraction(1, 3), '1/3'],
  ['UUIDs', new UUID(5n), '00000000-0000-0000-0000-000000000005'],
  ['complex numbers', new PyComplex(1, 2), { real: 1, imag: 2 }],
  ['ranges', new PyRange(1, 5), { start: 1, stop: 5, step: 1 }],
  ['classes', pyGlobal('m', 'C'), 'm.C'],
  ['extensions', new PyExtension(5), '<extension 5>'],
  [
    'arrays of numpy',
    new NumpyArray(Int32Array.of(1, 2, 3, 4), [2, 2]),
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['scalars of numpy', new NumpyScalar(Float64Array.of(1.5)), 1.5],
  ['objects', price, { python: 'shop.Price', args: [5], state: { currency: 'EUR' } }],
  ['objects by a hook', [price], ['mine'], { object: () => 'mine' }],
  [
    'references',
    new PersistentRef(tuple(Uint8Array.of(1), pyGlobal('m', 'C'))),
    "<persistent (b'\\x01', m.C)>",
  ],
  [
    'objects of JavaScript',
    { a: tuple(1), b: new Map([['k', tuple(2)]]) },
    { a: [1], b: { k: [2] } },
  ],
];

describe('Plain JavaScript data', () => {
  for (const [what, value, plain, options] of CASES) {
    it(`is made of ${what}`, () => {
      expect(toJS(value, options)).to.deep.equal(plain);
    });
  }

  it('has no tuples and no dicts of ours left', () => {
    const plain = toJS(decode(encode([tuple(1), { a: tuple(2) }]))) as unknown[];
    expect(Object.getPrototypeOf(plain[0])).to.equal(Array.prototype);
    expect(Object.getPrototypeOf(plain[1])).to.equal(Object.prototype);
  });

  it('is shared where the values were, also in themselves', () => {
    const shared = [1];
    const loop: unknown[] = [shared, tuple(shared)];
    loop.push(loop, new PyDict([['loop', loop]]));
    const plain = toJS(loop) as [unknown, unknown[], unknown, { loop: unknown }];
    expect(plain[1][0]).to.equal(plain[0]);
    expect(plain[2]).to.equal(plain);
    expect(plain[3].loop).to.equal(plain);
    expect(shared).to.deep.equal([1]);
  });

  it('has the key __proto__ as any other', () => {
    const plain = toJS(new PyDict([['__proto__', { polluted: true }]])) as object;
    expect(Object.getPrototypeOf(plain)).to.equal(Object.prototype);
    expect(Object.keys(plain)).to.deep.equal(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it('leaves objects of classes that are registered or unknown here', () => {
    class Own {}
    const own = new Own();
    expect((toJS([own]) as unknown[])[0]).to.equal(own);
  });

  it('may be nested as deep as memory allows', () => {
    let value: unknown[] = [];
    for (let i = 0; i < 100_000; i++) value = [value];
    let plain = toJS(value) as unknown[];
    let depth = 0;
    for (; plain.length > 0; depth++) plain = plain[0] as unknown[];
    expect(depth).to.equal(100_000);
  });

  it('refuses keys that would be one, and options that there are not', () => {
    const dict = new PyDict<unknown, number>([
      [1, 1],
      ['1', 2],
    ]);
    expect(failure(() => toJS(dict, { dicts: 'object' }))).to.include({ code: 'PICKLE_VALUE' });
    for (const options of [{ dicts: 'x' }, { dates: 1 }, { decimals: null }, { bigInts: '' }]) {
      const error = failure(() => toJS(1, options as never));
      expect(error.message).to.include(Object.keys(options)[0] as string);
    }
  });
});
