import fs, { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import { testFolder } from './folder.ts';
import { record, textOf } from './records.ts';

const CHANGING = [
  'openSync',
  'writeSync',
  'ftruncateSync',
  'fsyncSync',
  'chmodSync',
  'linkSync',
  'renameSync',
  'rmSync',
  'closeSync',
] as const;

describe('a process that dies while it packs', () => {
  const path = testFolder();

  for (const links of [true, false])
    it(`leaves all objects at every step, ${links ? 'with' : 'without'} hard links`, () => {
      const folder = path('data');
      mkdirSync(folder);
      const storage = new FileStorage(`${folder}/Data.fs`, { fsync: false });
      const first = commit(storage, ZERO_TID, 'one');
      const second = commit(storage, first, 'two');
      storage.pack({ before: first, gc: false });
      const last = commit(storage, second, 'three');
      const moments = snapshots(folder, path('moments'), links, () => storage.pack());
      storage.close();
      const states = moments.map((moment) => {
        const file = `${moment}/Data.fs`;
        // Where there are no hard links, the file is away for one moment, and both versions of it lie beside.
        if (!existsSync(file)) {
          expect(() => new FileStorage(file)).to.throw('a pack was interrupted');
          expect(() => new FileStorage(file, { readOnly: true })).to.throw('no such file');
          fs.renameSync(`${moment}/Data.fs.pack`, file);
        }
        const reader = new FileStorage(file, { readOnly: true });
        const read = textOf(reader.load(0n as Oid)?.data as Uint8Array);
        expect([read, reader.lastTransaction()]).to.deep.equal(['three', last]);
        reader.close();
        const reopened = new FileStorage(file, { lock: false });
        expect(reopened.findings.filter(({ damage }) => damage)).to.deep.equal([]);
        const packed = reopened.history(0n as Oid, 9).length === 1;
        commit(reopened, last, 'four');
        reopened.pack();
        expect(textOf(reopened.load(0n as Oid)?.data as Uint8Array)).to.equal('four');
        reopened.close();
        expect(readdirSync(moment)).to.not.include('Data.fs.pack');
        return packed;
      });
      expect(states).to.include.members([true, false]);
      expect(states).to.deep.equal(states.toSorted());
    });
});

// Copies of `folder` as it is before each call of `run` that changes files: what the death of the process leaves there.
function snapshots(folder: string, target: string, links: boolean, run: () => void): string[] {
  // Copying once before makes sure that it works with the functions as they are.
  cpSync(folder, `${target}/first`, { recursive: true });
  const moments: string[] = [];
  const originals = Object.fromEntries(CHANGING.map((name) => [name, fs[name]]));
  let inside = false;
  const replaced = fs as unknown as Record<string, unknown>;
  for (const name of CHANGING)
    replaced[name] = (...args: unknown[]) => {
      if (inside) return (originals[name] as (...args: unknown[]) => unknown)(...args);
      inside = true;
      try {
        const moment = `${target}/${moments.length}`;
        cpSync(folder, moment, { recursive: true });
        moments.push(moment);
        if (name === 'linkSync' && !links) throw new Error('no hard links here');
        return (originals[name] as (...args: unknown[]) => unknown)(...args);
      } finally {
        inside = false;
      }
    };
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  }
  for (const moment of moments) rmSync(`${moment}/Data.fs.lock`, { force: true });
  return moments;
}

function commit(storage: FileStorage, serial: Tid, text: string): Tid {
  const transaction = storage.begin({});
  transaction.store(0n as Oid, serial, record(text));
  transaction.vote();
  return transaction.finish();
}
