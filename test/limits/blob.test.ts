import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { testFolder } from '../filestorage/folder.ts';
import { compiledTo, project } from './compiled.ts';

const MIB = 1024 * 1024;

describe('a blob larger than the memory that its process uses', () => {
  // 1 GiB of the compiled package where there is time, else less of the source, which needs more memory from the start.
  const full = process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small';
  const size = full ? 1024 : 256;
  const path = testFolder();

  function entry(): { main: string; options: string[] } {
    if (!full)
      return {
        main: pathToFileURL(join(project, 'src/main.ts')).href,
        options: ['--import', 'tsx'],
      };
    return { main: compiledTo(path('.'))('main.js'), options: [] };
  }

  /** The peak of memory with a blob of so many MiB. */
  function peak(way: string, mib: number): number {
    const { main, options } = entry();
    const child = fileURLToPath(new URL('./blob-child.mjs', import.meta.url));
    const folder = path(String(mib));
    mkdirSync(folder);
    const args = [...options, child, main, folder, way, String(mib)];
    const output = execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    const [bytes, written, read] = output.split(/\s+/);
    expect(read).to.equal(written);
    return Number(bytes);
  }

  // What has been read is garbage, of which engines let some 40 MiB come together, and 64 of a stream's.
  for (const [way, least, more] of [
    ['file', 100, 64],
    ['stream', 160, 80],
  ] as const)
    it(`is written and read as a ${way}: ${size} MiB`, function () {
      if (process.platform !== 'linux') this.skip();
      this.timeout(300_000);
      if (full) expect(peak(way, size)).to.be.below(least * MIB);
      else expect(peak(way, size) - peak(way, 1)).to.be.below(more * MIB);
    });
});
