import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BLOCK_SIZE } from '../../src/bigfile/index.ts';
import { native } from '../../src/bigfile/native.ts';

const MIB = 1024 * 1024;

describe('an array larger than the memory it may use', () => {
  // 4 GiB under 512 MiB where there is time, else an eighth of both.
  const full = process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small';
  const blocks = full ? 2048 : 256;
  const budget = full ? 512 * MIB : 64 * MIB;
  const slack = 188 * MIB;

  it(`is scanned, ${(blocks * 2) / 1024} GiB in a budget of ${budget / MIB} MiB`, function () {
    if (native().addon === undefined) this.skip();
    this.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'zodb-scan-'));
    const child = fileURLToPath(new URL('./scan-child.ts', import.meta.url));
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, ['--import', 'tsx', child, ...args], { encoding: 'utf8' });
    try {
      const file = join(folder, 'large.fs');
      run('write', file, String(blocks));
      const [sum, peak, loads] = run('scan', file, String(budget)).split(' ').map(Number);
      expect(sum).to.equal((blocks * BLOCK_SIZE) / 16);
      expect(peak).to.be.below(budget + slack);
      // What was read ahead may be given up before it is reached, when the reader is held up.
      expect(loads).to.be.within(blocks, blocks * 1.03);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
