import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { testFolder } from './folder.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const EIO = 5;
const ENOSPC = 28;

describe('a FileStorage on a disk that fails', () => {
  const path = testFolder();

  for (const [title, errno] of [
    ['with EIO', EIO],
    ['with ENOSPC', ENOSPC],
    ['with ENOSPC after a short write', -ENOSPC],
  ] as const)
    it(`${title} at any call keeps what was committed, and says what it knows`, function () {
      this.timeout(120_000);
      if (process.platform !== 'linux') this.skip();
      execFileSync('cc', [
        '-shared',
        '-fPIC',
        '-o',
        path('failing.so'),
        here('failing-disk.c'),
        '-ldl',
      ]);
      writeFileSync(path('control'), new Uint8Array(12));
      // A small transaction, one of several writes, and one that is written before its end is known.
      const sizes = '100,50000,6000000';
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', 'tsx', here('failing-child.ts'), path('Data.fs'), String(errno), sizes],
        {
          encoding: 'utf8',
          env: {
            ...process.env,
            LD_PRELOAD: path('failing.so'),
            FAILING_PATH: path('Data.fs'),
            FAILING_CONTROL: path('control'),
          },
        },
      );
      expect(status, stderr).to.equal(0);
      const seen = JSON.parse(stdout);
      expect(seen.WRITE).to.be.greaterThan(5);
      expect(seen.COMMIT_OUTCOME_UNKNOWN).to.be.greaterThan(3);
    });
});
