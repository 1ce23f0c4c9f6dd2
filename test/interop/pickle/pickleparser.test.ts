// A second opinion in JavaScript, asked only where it is right: protocols 2 to 5, ints within 32 bits or positive ones below
// 2^53, ordinary text, bytes, floats, lists, tuples and dicts, sharing; no classes, references or strings of Python 2.

import { expect } from 'chai';
import fc from 'fast-check';
import { Parser } from 'pickleparser';
import {
  decode,
  disassemble,
  encode,
  PickleError,
  PyTuple,
  toJS,
} from '../../../src/pickle/index.ts';
import { corpusDatabases, corpusMissing, fileRecords } from '../../pickle/records.ts';

const OPCODES: ReadonlySet<string> = new Set(
  `PROTO FRAME STOP MARK POP POP_MARK BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET NONE NEWTRUE NEWFALSE BININT BININT1
   BININT2 LONG1 BINFLOAT BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 EMPTY_TUPLE TUPLE1 TUPLE2
   TUPLE3 TUPLE EMPTY_LIST APPEND APPENDS EMPTY_DICT SETITEM SETITEMS`.split(/\s+/),
);

/** Whether it understands the pickle at an offset; a pickle that needs the memo of an earlier one is none. */
function isWithin(bytes: Uint8Array, offset: number): boolean {
  try {
    for (const { name, argument } of disassemble(bytes, { offset, one: true })) {
      if (!OPCODES.has(name)) return false;
      if (name === 'LONG1' && !(typeof argument === 'number' && argument >= 0)) return false;
      if (typeof argument === 'string' && !isOrdinary(argument)) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof PickleError) return false;
    throw error;
  }
}

function isOrdinary(text: string): boolean {
  return !text.startsWith('\ufeff') && !/\p{Surrogate}/u.test(text);
}

/** Both ends of each pickle of a record. */
function pickles(bytes: Uint8Array): [start: number, end: number][] {
  const found: [number, number][] = [];
  let start = 0;
  for (const { name, offset } of disassemble(bytes)) {
    if (name !== 'STOP') continue;
    found.push([start, offset + 1]);
    start = offset + 1;
  }
  return found;
}

function theirs(bytes: Uint8Array): unknown {
  return plain(new Parser({ unpicklingTypeOfDictionary: 'Map' }).parse(bytes));
}

function ours(bytes: Uint8Array): unknown {
  return plain(toJS(decode(bytes), { dicts: 'map' }));
}

/** Values of either in the same classes. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return Array.from(value, plain);
  if (!(value instanceof Map)) return value;
  return new Map(Array.from(value, ([key, item]) => [plain(key), plain(item)] as const));
}

describe('What pickleparser reads', () => {
  it('is what we read, in all pickles of databases that it understands', function () {
    const missing = corpusMissing();
    if (missing !== undefined) {
      if (process.env['CI'] === 'true') throw new Error(missing);
      this.skip();
    }
    let compared = 0;
    for (const { path } of corpusDatabases()) {
      for (const { data } of fileRecords(path)) {
        for (const [start, end] of pickles(data)) {
          if (!isWithin(data, start)) continue;
          compared += 1;
          const bytes = data.slice(start, end);
          expect(ours(bytes)).to.deep.equal(theirs(bytes));
        }
      }
    }
    console.log(`      ${compared} pickles`);
    expect(compared).to.be.greaterThan(400);
  });

  it('is what we read and wrote, for generated values', () => {
    const leaf = fc.oneof(
      fc.constantFrom(null, true, false, ''),
      fc.integer(),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      fc.double({ noNaN: true }).filter((n) => !Number.isInteger(n)),
      fc.string({ unit: 'grapheme' }).filter(isOrdinary),
      fc.uint8Array({ maxLength: 300 }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 6 }),
        fc.array(tie('value'), { maxLength: 5 }).map((items) => PyTuple.from(items)),
        fc.dictionary(fc.string({ unit: 'grapheme' }).filter(isOrdinary), tie('value')),
        tie('value').map((shared) => [shared, [shared]]),
      ),
    }));
    for (const one of fc.sample(value, { numRuns: 3000, seed: 20240131 })) {
      const bytes = encode(one);
      expect(isWithin(bytes, 0)).to.equal(true);
      expect(ours(bytes)).to.deep.equal(theirs(bytes));
    }
  });
});
