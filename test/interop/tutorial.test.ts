/** The tutorial's database goes from Python to Node, to Python and back, and each sees exactly what the other left. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sum, type ZBigArray } from '../../src/bigarray/index.ts';
import { dbclose, dbopen } from '../../src/main.ts';
import { peer } from './peers.ts';

/** What arrays.py says of an array. */
interface Described {
  dtype: string;
  shape: number[];
  first: number[];
  last: number[];
  sum: number;
  sha1: string;
  blocks: Record<string, string>;
}

const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));
const MEBI = 1 << 20;

describe('the tutorial, and back to Python', () => {
  const wendelin = peer('wendelin');
  const zodbtools = peer('zodbtools');
  let folder: string;
  let file: string;
  let left: Record<string, Described>;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-tutorial-'));
    file = join(folder, 'test.fs');
    copyFileSync(fixture, file);
    playTutorial(file);
    left = wendelin.runJson('arrays.py', ['describe', file]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('Python sees the array that Node changed and appended to', () => {
    const { A } = left;
    expect(A?.dtype).equal('<i8');
    expect(A?.shape).eql([4 * 4 * MEBI + 10]);
    expect(A?.first).eql([0, 1, 2, 3, 4, 5, 6, 22, 8, 9]);
    expect(A?.last[9]).equal(4 * MEBI - 1);
    expect(A?.sum).equal(35184363700284);
    expect(A?.sha1).equal(sha1(expectedValues()));
  });

  it('Python sees the array that Node made', () => {
    expect(left['B']).include({ dtype: '<i8', sum: 50 });
    expect(left['B']?.first).eql(new Array(10).fill(5));
  });

  it('Python finds the 65 blocks of the array, stored as it would store them', () => {
    const blocks = Object.values(left['A']?.blocks ?? {});
    expect(blocks).eql(new Array(65).fill('ZBlk0'));
  });

  it('zodbtools lists every transaction of the file', () => {
    const dump = zodbtools.command('zodb', ['dump', '--hashonly', file]).toString();
    expect(dump.match(/^txn /gm)?.length).equal(4 + 7);
  });

  it('Node sees what Python changed, appended and made', () => {
    const changed = wendelin.runJson<Record<string, Described>>('arrays.py', ['change', file]);
    const root = dbopen(file, { readOnly: true });
    try {
      const A = root.get('A') as ZBigArray<'int64'>;
      expect([...A.shape]).eql([4 * 4 * MEBI + 13]);
      const { data } = A.view();
      expect([...data.subarray(0, 5)]).eql([0n, 1n, 2n, 333n, 4n]);
      expect([...data.subarray(-4)]).eql([-1n, 7n, 8n, 9n]);
      expect(sha1(data)).equal(changed['A']?.sha1);
      expect(sum(root.get('B') as ZBigArray<'int64'>)).equal(60n);
      const C = root.get('C') as ZBigArray<'float64'>;
      expect([...C.view().data]).eql([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    } finally {
      dbclose(root);
    }
  });
});

/** Plays examples/tutorial.ts, as `npm run demo` does, on this file. */
function playTutorial(file: string): void {
  const tutorial = fileURLToPath(new URL('../../examples/tutorial.ts', import.meta.url));
  execFileSync(process.execPath, ['--import', 'tsx', tutorial, file]);
}

function expectedValues(): BigInt64Array {
  const values = new BigInt64Array(4 * 4 * MEBI + 10);
  for (let n = 0; n < 10; n++) values[n] = BigInt(n);
  values[7] = 22n;
  for (let n = 10; n < values.length; n++) values[n] = BigInt((n - 10) % (4 * MEBI));
  return values;
}

function sha1(values: BigInt64Array): string {
  const { buffer, byteOffset, byteLength } = values;
  return createHash('sha1')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}
