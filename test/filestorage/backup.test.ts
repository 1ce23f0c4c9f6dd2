import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';
import {
  type BackupOptions,
  backup,
  FileStorage,
  restoreBackup,
  verifyBackup,
} from '../../src/filestorage/index.ts';
import { type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { testFolder } from './folder.ts';

describe('backup', () => {
  const path = testFolder();
  let second = 0;
  const run = (options: BackupOptions = {}) =>
    backup(path('Data.fs'), path('repo'), {
      now: new Date(Date.UTC(2026, 0, 1, 0, 0, second++)),
      ...options,
    });
  const names = () => readdirSync(path('repo')).sort();
  const add = (text: string): void => addTo(path('Data.fs'), text);

  beforeEach(() => {
    second = 0;
    mkdirSync(path('repo'));
    add('first');
  });

  it('makes a full one at first, then what was added, and nothing where nothing was', async () => {
    expect((await run()).kind).to.equal('full');
    expect((await run()).kind).to.equal('unchanged');
    const end = readFileSync(path('Data.fs')).length;
    add('second');
    const { kind, start } = await run();
    expect([kind, start]).to.deep.equal(['increment', end]);
    expect(names()).to.deep.equal([
      '2026-01-01-00-00-00.dat',
      '2026-01-01-00-00-00.fs',
      '2026-01-01-00-00-00.index',
      '2026-01-01-00-00-02.deltafs',
      '2026-01-01-00-00-02.index',
    ]);
  });

  for (const [title, options, change] of [
    ['it is asked for', { full: true }, () => {}],
    ['the notes are gone', {}, () => rmSync(join(path('repo'), '2026-01-01-00-00-00.dat'))],
    ['the file became shorter', {}, () => truncateAndAdd(path('Data.fs'))],
    ['old bytes changed', {}, () => flip(path('Data.fs'), contentOf(path('Data.fs')))],
    [
      'old bytes changed, seen quickly',
      { quick: true },
      () => flip(path('Data.fs'), contentOf(path('Data.fs'))),
    ],
  ] as const)
    it(`makes a full one where ${title}`, async () => {
      add('second');
      await run();
      change();
      const { kind, reason } = await run(options);
      expect(kind).to.equal('full');
      expect(reason).to.be.a('string');
    });

  for (const options of [{}, { gzip: true }, { quick: true }, { quick: true, gzip: true }])
    it(`is restored to the same bytes at each moment, with ${JSON.stringify(options)}`, async () => {
      const states: Buffer[] = [];
      for (let i = 0; i < 6; i++) {
        add(`change ${i}`);
        await run(options);
        states.push(readFileSync(path('Data.fs')));
      }
      expect((await verifyBackup(path('repo'))).length).to.equal(6);
      for (const [i, state] of states.entries()) {
        const date = new Date(Date.UTC(2026, 0, 1, 0, 0, i));
        await restoreBackup(path('repo'), path('again.fs'), { date, overwrite: true });
        expect(readFileSync(path('again.fs')).equals(state)).to.equal(true);
        const storage = new FileStorage(path('again.fs'), { readOnly: true });
        expect(storage.findings).to.deep.equal([]);
        expect(storage.length()).to.equal(i + 2);
        storage.close();
      }
    });

  it('ends before a transaction that is not complete', async () => {
    const whole = readFileSync(path('Data.fs'));
    add('second');
    truncateSync(path('Data.fs'), readFileSync(path('Data.fs')).length - 3);
    const { end } = await run();
    expect(end).to.equal(whole.length);
  });

  it('removes older ones where asked to, after a full one only', async () => {
    await run();
    add('second');
    await run({ removeOld: true });
    expect(names()).to.have.length(5);
    await run({ removeOld: true, full: true });
    expect(names()).to.deep.equal([
      '2026-01-01-00-00-02.dat',
      '2026-01-01-00-00-02.fs',
      '2026-01-01-00-00-02.index',
    ]);
  });

  it('refuses a second one in the same second', async () => {
    const now = new Date(0);
    await run({ now });
    expect(await codeOf(run({ now, full: true }))).to.equal('BACKUP_EXISTS');
  });

  it('refuses a folder that is not there, and a file that is no database', async () => {
    expect(await codeOf(backup(path('Data.fs'), path('nosuch')))).to.equal('STORAGE');
    writeFileSync(path('text'), 'hello');
    expect(await codeOf(backup(path('text'), path('repo')))).to.equal('FORMAT');
    expect(names()).to.deep.equal([]);
  });

  for (const [title, damage, code] of [
    ['a flipped bit', (file: string) => flip(file, 30), 'CORRUPTED'],
    ['a missing end', (file: string) => truncateSync(file, 20), 'CORRUPTED'],
    ['a longer file', (file: string) => appendFileSync(file, 'x'), 'CORRUPTED'],
    ['a missing file', (file: string) => rmSync(file), 'CORRUPTED'],
  ] as const)
    for (const gzip of [false, true])
      it(`finds ${title}${gzip ? ', compressed' : ''}, and restores nothing`, async () => {
        await run({ gzip });
        for (let i = 0; i < 2; i++) {
          add('more');
          await run({ gzip });
        }
        const file = names().find((name) => name.includes('delta')) as string;
        damage(join(path('repo'), file));
        const codes = [
          await codeOf(verifyBackup(path('repo'))),
          await codeOf(restoreBackup(path('repo'), path('again.fs'))),
        ];
        for (const found of codes) expect(found).to.be.oneOf([code, 'BACKUP_UNREADABLE']);
        expect(readdirSync(path('.')).filter((name) => name.startsWith('again'))).to.deep.equal([]);
      });

  it('tells that there is no backup, or none so old', async () => {
    expect(await codeOf(restoreBackup(path('repo'), path('again.fs')))).to.equal('NO_BACKUP');
    await run();
    const date = new Date(Date.UTC(2025, 0, 1));
    expect(await codeOf(verifyBackup(path('repo'), { date }))).to.equal('NO_BACKUP');
  });

  it('does not replace a file unless told to', async () => {
    await run();
    const before = readFileSync(path('Data.fs'));
    expect(await codeOf(restoreBackup(path('repo'), path('Data.fs')))).to.equal('FILE_EXISTS');
    expect(readFileSync(path('Data.fs')).equals(before)).to.equal(true);
  });
});

function addTo(file: string, text: string): void {
  const storage = new FileStorage(file);
  const transaction = storage.begin({ description: text });
  transaction.store(storage.newOid() as Oid, ZERO_TID, Buffer.from(text));
  transaction.vote();
  transaction.finish();
  storage.close();
}

function truncateAndAdd(file: string): void {
  rmSync(file);
  rmSync(`${file}.index`, { force: true });
  addTo(file, 'another');
}

function flip(file: string, position: number): void {
  const bytes = readFileSync(file);
  bytes[position] = (bytes[position] as number) ^ 1;
  writeFileSync(file, bytes);
  rmSync(`${file}.index`, { force: true });
}

/** Where the data of the first record stand. */
function contentOf(file: string): number {
  return readFileSync(file).lastIndexOf('first');
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
  } catch (error) {
    return isZodbError(error) ? error.code : String(error);
  }
  return undefined;
}
