// Backups and Python's repozo: either goes on with the other's folder, checks it, and restores from it.

import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  backup,
  FileStorage,
  restoreBackup,
  verifyBackup,
} from '../../../src/filestorage/index.ts';
import { type Oid, ZERO_TID } from '../../../src/zodb/ids.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

const STEPS = 7;

describe('repozo', () => {
  const python = peer('zodb');
  const path = testFolder();

  const repozo = (...args: string[]) => python.command('repozo', args);
  const commit = (text: string): void => {
    const storage = new FileStorage(path('Data.fs'));
    const transaction = storage.begin({ description: text });
    for (let i = 0; i < 20; i++)
      transaction.store(storage.newOid() as Oid, ZERO_TID, Buffer.from(`${text} ${i}`));
    transaction.vote();
    transaction.finish();
    storage.close();
  };

  for (const [who, gzip, quick] of [
    ['ours', false, false],
    ['ours', true, true],
    ['repozo’s', false, false],
    ['both in turns', true, false],
    ['both in turns', false, true],
  ] as const)
    it(`${who}, ${gzip ? 'compressed' : 'plain'}${quick ? ', quick' : ''}: one full backup and ${STEPS - 1} increments`, async () => {
      mkdirSync(path('repo'));
      const stamps: Date[] = [];
      const states: Buffer[] = [];
      for (let step = 0; step < STEPS; step++) {
        commit(`step ${step}`);
        // repozo names its files after the clock; ours may be of any moment.
        const now =
          who === 'ours' ? new Date(Date.now() - 1000 * (STEPS - step)) : await newSecond();
        if (who === 'ours' || (who === 'both in turns' && step % 2 === 0)) {
          const { kind } = await backup(path('Data.fs'), path('repo'), {
            gzip,
            quick,
            now,
          });
          expect(kind).to.equal(step === 0 ? 'full' : 'increment');
        } else {
          const flags = [gzip ? '-z' : '', quick ? '-Q' : ''].filter((flag) => flag !== '');
          repozo('-B', ...flags, '-r', path('repo'), '-f', path('Data.fs'));
        }
        stamps.push(who === 'ours' ? now : new Date());
        usedUntilNow();
        states.push(readFileSync(path('Data.fs')));
      }
      repozo('-V', '-r', path('repo'));
      expect(await verifyBackup(path('repo'))).to.have.length(STEPS);
      repozo('-R', '-w', '-r', path('repo'), '-o', path('python.fs'));
      await restoreBackup(path('repo'), path('ours.fs'));
      for (const file of ['python.fs', 'ours.fs']) {
        expect(readFileSync(path(file)).equals(states.at(-1) as Buffer)).to.equal(true);
        expect(
          readFileSync(path(`${file}.index`)).equals(readFileSync(path('Data.fs.index'))),
        ).to.equal(true);
      }
      await restoreBackup(path('repo'), path('earlier.fs'), { date: stamps[3] as Date });
      expect(readFileSync(path('earlier.fs')).equals(states[3] as Buffer)).to.equal(true);
    });
});

let last = 0;

/** repozo may have taken its time before it looked at the clock. */
function usedUntilNow(): void {
  last = Math.floor(Date.now() / 1000);
}

/** A moment in a second in which no backup was made yet: their files are named after it. */
async function newSecond(): Promise<Date> {
  while (Math.floor(Date.now() / 1000) <= last) await new Promise((done) => setTimeout(done, 20));
  last = Math.floor(Date.now() / 1000);
  return new Date();
}
