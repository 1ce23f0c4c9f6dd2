import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import { testFolder } from './folder.ts';

// A file system of 1 MiB in memory, which only root can make.
const mount = (folder: string): boolean =>
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;

describe('a FileStorage on a disk', () => {
  const path = testFolder();
  describe('that is full', () => onFullDisk(path));
});

function onFullDisk(path: (name: string) => string): void {
  let mounted: string | undefined;

  beforeEach(function () {
    const folder = path('disk');
    mkdirSync(folder);
    if (mount(folder)) mounted = folder;
    else if (process.env['CI'] === 'true') throw new Error('CI must be able to mount a small disk');
    else this.skip();
  });

  afterEach(() => {
    if (mounted !== undefined) spawnSync('umount', [mounted]);
    mounted = undefined;
  });

  for (const [title, size, prepare] of [
    ['in one write', 900_000, () => {}],
    ['in many pieces', 30_000_000, () => {}],
    ['for the temporary file too', 9_000_000, () => {}],
    ['by somebody else', 30_000, (folder: string) => fill(folder)],
  ] as const)
    it(`is as before a commit that does not fit ${title}, and takes the next one`, () => {
      const folder = mounted as string;
      const file = join(folder, 'Data.fs');
      const storage = new FileStorage(file);
      const first = put(storage, ZERO_TID, new Uint8Array(300_000).fill(1));
      const before = readFileSync(file);
      prepare(folder);
      expect(() => put(storage, first, new Uint8Array(size).fill(2)))
        .to.throw(/ENOSPC/)
        .with.property('code', 'WRITE');
      expect(readFileSync(file).equals(before)).to.equal(true);
      expect(storage.load(1n as Oid)?.tid).to.equal(first);
      rmSync(join(folder, 'filling'), { force: true });
      const second = put(storage, first, new Uint8Array(100_000).fill(3));
      storage.close();
      using reopened = new FileStorage(file);
      expect(reopened.findings).to.deep.equal([]);
      expect(reopened.load(1n as Oid)?.tid).to.equal(second);
      expect(statSync(file).size).to.equal(reopened.size());
    });

  it('cannot be made, and says so', () => {
    const folder = mounted as string;
    fill(folder);
    expect(() => new FileStorage(join(folder, 'Data.fs')))
      .to.throw(/Data\.fs/)
      .with.property('code', 'STORAGE');
  });
}

function fill(folder: string): void {
  try {
    writeFileSync(join(folder, 'filling'), new Uint8Array(2_000_000));
  } catch (error) {
    expect(error).to.have.property('code', 'ENOSPC');
  }
}

function put(storage: FileStorage, serial: Tid, data: Uint8Array): Tid {
  const transaction = storage.begin({});
  try {
    transaction.store(1n as Oid, serial, data);
    transaction.vote();
  } catch (error) {
    transaction.abort();
    throw error;
  }
  return transaction.finish();
}
