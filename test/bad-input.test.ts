import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ZBigArray } from '../src/bigarray/index.ts';
import { isZodbError } from '../src/errors.ts';
import { dbclose, dbopen, transaction } from '../src/main.ts';
import { badInputs, tearTail } from './bad-input-cases.ts';

const fixture = fileURLToPath(new URL('../fixtures/tutorial/test.fs', import.meta.url));

function failure(fn: () => void): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('bad input gets a typed error', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-bad-'));
    file = join(folder, 'test.fs');
    copyFileSync(fixture, file);
  });
  afterEach(() => {
    transaction.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { title, code, names, act, damaged = false } of badInputs) {
    it(`${title}: ${code}`, () => {
      const error = failure(() => act(file));
      expect(
        isZodbError(error, code),
        `${String(error)} ${(error as { stack?: string })?.stack}`,
      ).to.equal(true);
      for (const name of names) {
        expect((error as unknown as Record<string, unknown>)[name], name).not.to.equal(undefined);
      }
      if (names.includes('file')) expect((error as Error).message).to.contain(file);
      if (damaged) return;
      expect(readFileSync(file)).to.deep.equal(readFileSync(fixture));
    });
  }

  it('a torn tail is cut off, and kept beside the file', () => {
    const root = dbopen(file);
    root.set('last', 'words');
    transaction.commit();
    dbclose(root);
    rmSync(`${file}.index`, { force: true });
    tearTail(file, 9);
    const again = dbopen(file);
    expect(again.has('last')).to.equal(false);
    expect([...(again.get('A') as ZBigArray<'int64'>).view().data].map(Number)).to.deep.equal([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    dbclose(again);
    expect(readFileSync(`${file}.tr0`).length).to.be.greaterThan(0);
  });

  it('a full disk during a commit leaves the file as it was, and the next commit works', function () {
    const small = join(folder, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small], { stdio: 'ignore' });
    } catch (error) {
      if (process.env['CI'] === 'true') throw error;
      this.skip();
    }
    file = join(small, 'test.fs');
    copyFileSync(fixture, file);
    const root = dbopen(file);
    try {
      const before = readFileSync(file);
      const A = root.get('A') as ZBigArray<'int64'>;
      A.append(new BigInt64Array(2 << 20).fill(7n));
      const error = failure(() => transaction.commit());
      expect(isZodbError(error, 'WRITE'), String(error)).to.equal(true);
      expect((error as Error).message)
        .to.contain(file)
        .and.contain('ENOSPC');
      transaction.abort();
      expect(readFileSync(file)).to.deep.equal(before);
      expect(A.shape).to.deep.equal([10]);
      A.append([7n]);
      transaction.commit();
      const again = dbopen(file, { readOnly: true });
      expect((again.get('A') as ZBigArray<'int64'>).view().data[10]).to.equal(7n);
      dbclose(again);
    } finally {
      dbclose(root, { discard: true });
      execFileSync('umount', ['--lazy', small]);
    }
  });
});
