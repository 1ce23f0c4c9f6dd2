// Values of another realm: in a node:vm context, as Jest and the Node REPL run programs, Object, Map and all other classes are
// others than the library's.

import { createContext, runInContext, runInThisContext } from 'node:vm';
import { expect } from 'chai';
import { DB, MappingStorage } from '../../src/main.ts';
import {
  decode,
  describe as describeValue,
  disassemble,
  encode,
  float,
  PyDict,
  toJS,
} from '../../src/pickle/index.ts';
import { toHex } from '../hex.ts';

const context = createContext({ float });

function foreign(source: string): unknown {
  return runInContext(`(${source})`, context);
}

function own(source: string): unknown {
  return runInThisContext(`({ float }) => (${source})`)({ float });
}

const VALUES: readonly string[] = [
  '{ a: 1, b: { c: [1.5, "x"] } }',
  '{}',
  'Object.assign(Object.create(null), { a: 1 })',
  'JSON.parse(\'{"a": {"b": null}}\')',
  '[1, [2, [3]]]',
  'new Map([["a", 1], [2, new Map([[1, 2]])]])',
  'new Map()',
  'new (class Index extends Map {})([[1, "one"]])',
  'new Set([1, "two", null])',
  'new Set()',
  'new Date(Date.UTC(2024, 0, 31, 12, 30, 15, 123))',
  'new Uint8Array([1, 2, 255])',
  'new Uint8Array(100_000).fill(7)',
  'new Map([[new Uint8Array([1, 2]), "bytes"]])',
  '[{ deep: new Set([new Date(0)]) }, new Map([[{ a: 1 }, 1]])].slice(0, 1)',
  '{ whole: float(3), in: new Map([["x", float(4)]]) }',
];

describe('Values of another realm', () => {
  for (const dialect of ['python3', 'python2'] as const) {
    it(`are encoded like those of the library's, in the dialect ${dialect}`, () => {
      for (const source of VALUES) {
        const value = foreign(source);
        expect(toHex(encode(value, { dialect })), source).to.equal(
          toHex(encode(own(source), { dialect })),
        );
      }
    });
  }

  it('are written once where they stand twice', () => {
    for (const source of ['new Map([[1, 2]])', 'new Set([1])', '{ a: 1 }', 'new Uint8Array(9)']) {
      const twice = `((value) => [value, value])(${source})`;
      expect(toHex(encode(foreign(twice))), source).to.equal(toHex(encode(own(twice))));
    }
  });

  it('are described and become plain data like those of the library', () => {
    for (const source of VALUES) {
      expect(describeValue(foreign(source)), source).to.equal(describeValue(own(source)));
      expect(JSON.stringify(toJS(foreign(source))), source).to.equal(
        JSON.stringify(toJS(own(source))),
      );
    }
  });

  it('keep whole numbers as floats when they are encoded again', () => {
    const value = foreign('{ price: 2.5 }') as { price: unknown };
    encode(value);
    value.price = 4;
    expect(toHex(encode(value))).to.equal(toHex(encode({ price: float(4) })));
  });

  it('are keys of dicts as their bytes say, and refused where they cannot be', () => {
    const dict = new PyDict([[foreign('new Uint8Array([1, 2])'), 'found']]);
    expect(dict.get(Uint8Array.of(1, 2))).to.equal('found');
    for (const source of ['new Map()', 'new Set()', '[]']) {
      expect(() => new PyDict([[foreign(source), 1]]), source)
        .to.throw()
        .with.property('code', 'PICKLE_VALUE');
    }
  });

  it('are refused where they are of a class that no pickle knows, also under a false name', () => {
    for (const source of [
      'new (class Own {})()',
      'new Error("no")',
      'new WeakMap()',
      'new Float64Array(2)',
      '({ __proto__: { inherited: 1 }, a: 1 })',
      '({ __proto__: class {}.prototype, get [Symbol.toStringTag]() { return "Map" } })',
      '({ __proto__: class {}.prototype, get [Symbol.toStringTag]() { return "Date" } })',
      '({ __proto__: class {}.prototype, get [Symbol.toStringTag]() { return "Uint8Array" } })',
    ]) {
      expect(() => encode(foreign(source)), source)
        .to.throw()
        .with.property('code', 'PICKLE_VALUE');
    }
  });

  it('are pickles, too, whose bytes are copied', () => {
    for (const pickle of [
      foreign('new Uint8Array([0x80, 3, 0x43, 2, 1, 2, 0x2e])') as Uint8Array,
      Buffer.from([0x80, 3, 0x43, 2, 1, 2, 0x2e]),
      Buffer.from([0x55, 2, 0x80, 0xff, 0x2e]),
      Buffer.from([0x96, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x2e]),
    ]) {
      const hex = toHex(pickle);
      const before = describeValue(decode(pickle));
      const value = decode(pickle);
      expect([...disassemble(pickle)].at(-1)?.name).to.equal('STOP');
      pickle.fill(0);
      expect(describeValue(value), hex).to.equal(before);
    }
  });

  it('are stored in a database', () => {
    const db = new DB(new MappingStorage());
    const value = foreign('{ list: [1], map: new Map([["a", new Set([2])]]), when: new Date(0) }');
    db.transaction(({ root }) => root.set('value', value));
    db.cacheMinimize();
    expect(describeValue(db.open().root.get('value'))).to.equal(
      "{'list': [1], 'map': {'a': {2}}, 'when': datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)}",
    );
    db.close();
  });
});
