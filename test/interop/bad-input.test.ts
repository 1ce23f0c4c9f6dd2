/** After each misuse of a database that bad-input-cases lists, Python opens the file and finds it as it was. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { dbclose, dbopen, transaction } from '../../src/main.ts';
import { badInputs, tearTail } from '../bad-input-cases.ts';
import { peer } from './peers.ts';

const fixture = fileURLToPath(new URL('../../fixtures/tutorial/test.fs', import.meta.url));

describe('bad input leaves a file that Python opens', () => {
  const wendelin = peer('wendelin');
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-bad-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const expectArray = (file: string): void => {
    const { A } = wendelin.runJson<{ A: { first: number[]; shape: number[] } }>('arrays.py', [
      'describe',
      file,
    ]);
    expect(A.shape).to.deep.equal([10]);
    expect(A.first).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  };

  for (const { title, act, damaged = false } of badInputs) {
    if (damaged) continue;
    it(title, () => {
      const file = join(folder, `${title.replaceAll(' ', '-')}.fs`);
      copyFileSync(fixture, file);
      expect(() => act(file)).to.throw();
      transaction.abort();
      expectArray(file);
    });
  }

  it('a torn tail that was cut off', () => {
    const file = join(folder, 'torn.fs');
    copyFileSync(fixture, file);
    const root = dbopen(file);
    root.set('last', 'words');
    transaction.commit();
    dbclose(root);
    rmSync(`${file}.index`, { force: true });
    tearTail(file, 9);
    dbclose(dbopen(file));
    expectArray(file);
  });
});
