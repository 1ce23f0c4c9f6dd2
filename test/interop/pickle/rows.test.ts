// The types that databases hold, as the ZODB of four Pythons writes them: a row for each type and way to spell it.

import { expect } from 'chai';
import {
  describe as describeValue,
  type Kinds,
  NumpyArray,
  NumpyDType,
  type NumpyScalar,
  type PickleDialect,
  Pickler,
  type PyDict,
  PyObject,
  Unpickler,
} from '../../../src/pickle/index.ts';
import { toHex } from '../../hex.ts';
import { fromHex } from '../../pickle/raw.ts';
import { type PeerName, peer } from '../peers.ts';

type Row = [name: string, hex: string, repr: string | null];

function again(record: Uint8Array, dialect: PickleDialect, exact: boolean): Uint8Array {
  const unpickler = new Unpickler({ exact });
  const pickler = new Pickler({ dialect });
  const pickles: [value: unknown, kinds: Kinds | undefined][] = [];
  for (let at = 0; at < record.length; at = unpickler.position) {
    pickles.push([unpickler.load(record, at), unpickler.kinds]);
  }
  for (const [value, kinds] of pickles) pickler.dump(value, kinds);
  return pickler.take();
}

function valueIn(record: Uint8Array): unknown {
  const unpickler = new Unpickler({ exact: true });
  unpickler.load(record);
  const state = unpickler.load(record, unpickler.position) as PyDict<string, PyDict>;
  return state.get('data')?.get('value');
}

/** What is in an array, a scalar or a dtype of numpy. */
function elements(value: unknown): string {
  if (Array.isArray(value)) return value.map(elements).join();
  if (value instanceof NumpyDType) return describeValue(value);
  const { dtype, ...array } = value as NumpyArray | NumpyScalar;
  const content = value instanceof NumpyArray ? value.toArray() : (value as NumpyScalar).value;
  return describeValue([dtype.str, 'shape' in array ? [...array.shape] : null, content]);
}

/** Rows with a class of their own here; all others are descriptions of objects. */
const KNOWN =
  /^(set|frozenset|empty set|bytearray|empty bytearray|complex|slice|range|date|dates|time|timedelta|utc|timezone|named timezone|Decimal|UUIDs?|Fraction|large Fraction|OrderedDict|empty OrderedDict|defaultdict|Counter|empty Counter|deque|empty deque|ZoneInfo|pytz|numpy (array|Fortran|long|scalar|text|datetime|timedelta|dtype|aligned))\b(?! with attributes| subclass)/;

const PYTHON3: readonly (readonly [name: PeerName, least: number, generic: RegExp])[] = [
  ['wendelin', 200, /^(large )?Fraction$/],
  ['zodb', 200, /^$/],
  ['zodb313', 210, /^$/],
];

describe('Rows of types, written by ZODB', () => {
  for (const [name, least, generic] of PYTHON3) {
    const python = peer(name);

    describe(`on Python 3, the peer ${name}`, () => {
      let rows: Row[];

      before(function () {
        this.timeout(60_000);
        rows = python.runJson<Row[]>('pickle/rows.py');
        expect(rows.length).to.be.greaterThan(least);
      });

      it('go back to the same bytes', () => {
        for (const [type, hex] of rows) {
          expect(toHex(again(fromHex(hex), 'python3', false)), type).to.equal(hex);
          expect(toHex(again(fromHex(hex), 'python3', true)), `${type}, exact`).to.equal(hex);
        }
      });

      it('have classes of their own where they are well known', () => {
        const known = rows.filter(([type]) => KNOWN.test(type) && !generic.test(type));
        expect(known.length).to.be.greaterThan(80);
        for (const [type, hex] of known) {
          expect(valueIn(fromHex(hex)), type).not.to.be.instanceOf(PyObject);
        }
      });

      it('are described as by repr', () => {
        let compared = 0;
        for (const [type, hex, text] of rows) {
          if (text === null) continue;
          compared += 1;
          expect(describeValue(valueIn(fromHex(hex)), { maxLength: 1e7 }), type).to.equal(text);
        }
        expect(compared).to.be.greaterThan(150);
      });
    });
  }

  describe('on Python 2', () => {
    const [python, zodb] = [peer('py27'), peer('zodb')];

    let rows: Row[];

    before(function () {
      this.timeout(60_000);
      rows = python.runJson<Row[]>('pickle/rows.py');
      expect(rows.length).to.be.greaterThan(190);
    });

    it('go back to the same bytes, with the places in the memo that Python 2 gave', () => {
      for (const [type, hex] of rows) {
        expect(toHex(again(fromHex(hex), 'python2', false)), type).to.equal(hex);
      }
    });

    it('have classes of their own, arrays with the values that Python 3 wrote', () => {
      const [arrays, others] = [new Map<string, string>(), new Set<string>()];
      for (const [type, hex] of zodb.runJson<Row[]>('pickle/rows.py')) {
        if (/^numpy (?!record|masked|StringDType)/.test(type)) {
          arrays.set(type, elements(valueIn(fromHex(hex))));
        }
      }
      for (const [type, hex] of rows) {
        const value = valueIn(fromHex(hex));
        if (!KNOWN.test(type)) continue;
        if (value instanceof PyObject) others.add(type);
        else if (arrays.has(type)) expect(elements(value), type).to.equal(arrays.get(type));
      }
      expect([...others].join()).to.equal('');
      expect(arrays.size).to.be.greaterThan(30);
    });

    it('are described as by repr', () => {
      let compared = 0;
      for (const [type, hex, text] of rows) {
        if (text === null) continue;
        compared += 1;
        expect(describeValue(valueIn(fromHex(hex))), type).to.equal(text);
      }
      expect(compared).to.be.greaterThan(20);
    });
  });
});
