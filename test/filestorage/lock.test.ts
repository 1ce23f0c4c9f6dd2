import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { LOCK_BACKENDS } from '../../src/filestorage/flock.ts';
import { FileStorage } from '../../src/filestorage/index.ts';
import { lockFile } from '../../src/filestorage/lock.ts';
import { testFolder } from './folder.ts';

const another = `
  import { FileStorage } from '${new URL('../../src/filestorage/index.ts', import.meta.url)}';
  try {
    new FileStorage(process.argv[1], JSON.parse(process.argv[2])).close();
    console.log('opened');
  } catch (error) {
    console.log(error.code, error.pid);
  }
`;

function inAnotherProcess(file: string, options = {}): string {
  const args = ['--import', 'tsx', '--input-type=module', '-e', another, file];
  const { stdout, stderr } = spawnSync(process.execPath, [...args, JSON.stringify(options)]);
  return stdout.toString().trim() || stderr.toString();
}

describe('the lock of a FileStorage', () => {
  const path = testFolder();

  it('keeps this process from opening a file for writing twice', () => {
    const storage = new FileStorage(path('Data.fs'));
    expect(() => new FileStorage(path('Data.fs')))
      .to.throw(/this process/)
      .with.property('code', 'LOCK');
    storage.close();
    new FileStorage(path('Data.fs')).close();
  });

  it('keeps another process from writing and tells it who has the file, but lets it read', function () {
    this.timeout(60_000);
    const storage = new FileStorage(path('Data.fs'));
    expect(inAnotherProcess(path('Data.fs'))).to.equal(`LOCK ${process.pid}`);
    expect(inAnotherProcess(path('Data.fs'), { readOnly: true })).to.equal('opened');
    storage.close();
    expect(inAnotherProcess(path('Data.fs'))).to.equal('opened');
  });

  it('writes the process id as zc.lockfile does, also over a longer one', () => {
    writeFileSync(path('Data.fs.lock'), ' 123456789012\n');
    const storage = new FileStorage(path('Data.fs'));
    expect(readFileSync(path('Data.fs.lock'), 'latin1')).to.equal(` ${process.pid}\n`);
    storage.close();
    expect(readFileSync(path('Data.fs.lock'), 'latin1')).to.equal(` ${process.pid}\n`);
  });

  for (const backend of LOCK_BACKENDS)
    it(`works through ${backend.name}, where that is installed, and excludes every other way`, function () {
      const file = path('Data.fs');
      try {
        lockFile(file, [backend]).release();
      } catch (error) {
        expect(error).to.have.property('code', 'LOCK_UNAVAILABLE');
        this.skip();
      }
      const lock = lockFile(file, [backend]);
      expect(() => lockFile(file))
        .to.throw()
        .with.property('code', 'LOCK');
      lock.release();
      lockFile(file).release();
    });

  it('is refused where no way to lock works, with the way to do without', () => {
    expect(() => lockFile(path('Data.fs'), []))
      .to.throw(/lock: false/)
      .with.property('code', 'LOCK_UNAVAILABLE');
  });

  it('can be done without', () => {
    const storage = new FileStorage(path('Data.fs'), { lock: false });
    new FileStorage(path('Data.fs')).close();
    storage.close();
  });

  it('names a file in a folder that does not exist', () => {
    expect(() => new FileStorage(path('no/such/Data.fs')))
      .to.throw(/no\/such\/Data\.fs/)
      .with.property('code', 'STORAGE');
  });
});
