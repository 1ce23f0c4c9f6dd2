import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type DTypeSpec, dtype, ZBigArray } from '../../../src/bigarray/index.ts';
import { dbclose, dbopen, transaction } from '../../../src/main.ts';
import { peer } from '../peers.ts';

interface Seen {
  dtype: string;
  shape: number[];
  strides: number[];
  bytes: string;
  blocks: Record<string, string>;
  after: string;
}

const specs: DTypeSpec[] = [
  ...[
    '?',
    'i1',
    'u1',
    'i2',
    'u2',
    'i4',
    'u4',
    'i8',
    'u8',
    'f2',
    'f4',
    'f8',
    'f16',
    'c8',
    'c16',
    'c32',
  ],
  ...[
    '>i2',
    '>u4',
    '>i8',
    '>f4',
    '>f8',
    '>c16',
    'S5',
    'U5',
    '>U3',
    'V7',
    'M8[ns]',
    'm8[D]',
    'M8',
    '>M8[us]',
  ],
  'i4,f8',
  [
    ['a', 'i1'],
    ['b', 'S3'],
    ['c', 'f8', [2, 3]],
  ],
  [
    [
      'p',
      [
        ['x', 'f4'],
        ['y', 'f4'],
      ],
    ],
    ['t', 'M8[s]'],
  ],
  { names: ['a', 'b'], formats: ['i1', 'f8'], aligned: true },
  { names: ['a', 'b'], formats: ['i4', 'f8'], offsets: [4, 16], itemsize: 32, titles: ['T', null] },
];

/** Bytes that are no NaN and no surrogate in any dtype, different for each array. */
function fill(array: ZBigArray, seed: number): void {
  const { data } = array.view();
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const text = array.dtype.kind === 'U';
  for (let i = 0; i < bytes.length; i++) {
    const at = array.dtype.byteorder === '>' ? 3 : 0;
    const value = (i * 7 + seed * 13) % 50;
    bytes[i] = text
      ? i % 4 === at
        ? 65 + (value % 26)
        : 0
      : array.dtype.kind === 'b'
        ? value & 1
        : value;
  }
}

function bytesOf(array: ZBigArray): string {
  const { data } = array.view();
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

describe('arrays of all dtypes beside wendelin.core', () => {
  const wendelin = peer('wendelin');

  it('that Node made are read and changed by Python, and Node sees the change', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-arrays-'));
    try {
      const file = join(folder, 'data.fs');
      const root = dbopen(file);
      const made: Record<string, { bytes: string; text: string; strides: readonly number[] }> = {};
      specs.forEach((spec, i) => {
        for (const order of ['C', 'F'] as const) {
          const blockFormat = i % 2 === 0 ? 'ZBlk0' : 'ZBlk1';
          const name = `${i}-${order}`;
          root.set(name, new ZBigArray([3, 4], spec, { order, blockFormat }));
          transaction.commit();
          const array = root.get(name) as ZBigArray;
          fill(array, i);
          made[name] = { bytes: bytesOf(array), text: String(dtype(spec)), strides: array.strides };
        }
      });
      transaction.commit();
      dbclose(root);

      const seen = wendelin.runJson<Record<string, Seen>>('bigarray/arrays.py', [file]);
      const after = dbopen(file, { readOnly: true });
      expect(Object.keys(seen)).to.have.length(2 * specs.length);
      for (const [name, { bytes, text, strides }] of Object.entries(made)) {
        const theirs = seen[name] as Seen;
        // numpy 1 reads the layout of aligned records, and from our flags also that they are aligned.
        expect(theirs.dtype, name).to.equal(text);
        expect(theirs.shape, name).to.deep.equal([3, 4]);
        expect(theirs.strides, name).to.deep.equal(strides);
        expect(theirs.bytes, name).to.equal(bytes);
        expect(Object.values(theirs.blocks), name).to.deep.equal([
          Number.parseInt(name, 10) % 2 === 0 ? 'ZBlk0' : 'ZBlk1',
        ]);
        const array = after.get(name) as ZBigArray;
        expect(array.shape, name).to.deep.equal(array.order === 'C' ? [4, 4] : [3, 5]);
        const copy = array.read();
        expect(Buffer.from(copy.buffer as ArrayBuffer).toString('hex'), name).to.equal(
          theirs.after,
        );
      }
      dbclose(after);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
