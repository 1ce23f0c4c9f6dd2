import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { Blob, type DB, DemoStorage, formatId, open, PersistentMapping } from '../../src/main.ts';
import { testFolder } from '../filestorage/folder.ts';
import { peer } from './peers.ts';

const SCRIPT = 'demo.py';

describe('a DemoStorage over files that Python and Node share', () => {
  const python = peer('zodb');
  const path = testFolder();
  const files = (): string[] => ['base.fs', 'base', 'changes.fs', 'changes'].map(path);
  const demo = (): DB => {
    const [base, blobs, changes, changesBlobs] = files() as [string, string, string, string];
    return open(
      new DemoStorage({
        base: new FileStorage(base, { readOnly: true, blobDir: blobs }),
        changes: new FileStorage(changes, { blobDir: changesBlobs, fsync: false }),
      }),
    );
  };
  const seen = (): unknown => {
    using db = demo();
    return db.transaction(({ root }) => {
      const found: Record<string, unknown> = {};
      const oids: string[] = [];
      for (const [name, value] of root) {
        oids.push(formatId(value._p_oid));
        found[name] =
          value instanceof Blob ? value.read('utf8') : Object.fromEntries([...value.entries()]);
      }
      return { ...found, oids: oids.sort() };
    });
  };
  const write = (name: string, text: string): void => {
    using db = demo();
    db.transaction(({ root }) => {
      root.set(name, new PersistentMapping([['text', text]]));
      using file = (root.get('blob') as Blob).open('a');
      file.write(text);
    });
  };

  it('shows both the same after changes and undos by either, and leaves the base as it was', () => {
    python.run(SCRIPT, ['base', ...files().slice(0, 2)]);
    const base = readFileSync(path('base.fs'));
    let blob = 'base';
    for (const name of ['one', 'two']) {
      write(`node ${name}`, `+node ${name}`);
      python.run(SCRIPT, ['write', ...files(), `python ${name}`, `+python ${name}`]);
      blob += `+node ${name}+python ${name}`;
      expect(seen()).to.include({ blob });
      expect(python.runJson(SCRIPT, ['read', ...files()])).to.deep.equal(seen());
    }
    {
      using db = demo();
      db.undo(db.undoLog({ limit: 1 })[0]?.tid as never);
    }
    expect(python.runJson(SCRIPT, ['read', ...files()])).to.deep.equal(seen());
    expect(seen()).to.include({ blob: 'base+node one+python one+node two' });
    python.run(SCRIPT, ['undo', ...files()]);
    expect(python.runJson(SCRIPT, ['read', ...files()])).to.deep.equal(seen());
    expect(seen()).to.include({ blob });
    expect(readFileSync(path('base.fs')).equals(base)).to.equal(true);
  }).timeout(60_000);
});
