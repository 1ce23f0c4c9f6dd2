import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage, type FileStorageOptions } from '../../src/filestorage/index.ts';
import type { PlacedError } from '../../src/zodb/errors.ts';
import { type CorpusFile, corpusFiles, type Oracle } from './corpus.ts';
import { testFolder } from './folder.ts';

// What each kind of damage does: opening for reading, opening for writing. `good`: shows every transaction that the
// oracle calls good; `cut`: as good, and the bytes behind them are cut off (kept: in Data.fs.tr0). Errors: code @ position.
const DAMAGE: Record<string, readonly [reading: string, writing: string]> = {
  'undo-checkpoint-flag-last': ['good', 'cut 171, kept'],
  'undo-checkpoint-real-tail': ['good', 'cut 2890, kept'],
  'undo-cut-before-last-length': ['good', 'cut 163, kept'],
  'undo-cut-in-data': ['good', 'cut 114, kept'],
  'undo-cut-in-last-length': ['good', 'cut 168, kept'],
  'undo-cut-in-transaction-header': ['good', 'cut 10'],
  'undo-index-ahead-of-file': ['good', 'good'],
  'undo-index-and-checkpoint': ['good', 'cut 171, kept'],
  'undo-index-cut': ['good', 'good'],
  'undo-index-empty': ['good', 'good'],
  'undo-index-of-another-file': ['good', 'good'],
  'undo-last-length-wrong': ['CORRUPTED @ 16996', 'CORRUPTED @ 16996'],
  'undo-magic-3-bytes': ['FORMAT @ 0', 'FORMAT @ 0'],
  'undo-magic-other': ['good', 'FORMAT @ 0'],
  'undo-magic-unknown': ['FORMAT @ 0', 'FORMAT @ 0'],
  'undo-middle-data-length-wrong': ['CORRUPTED @ 8226', 'CORRUPTED @ 8226'],
  'undo-middle-length-wrong': ['CORRUPTED @ 8304', 'CORRUPTED @ 8304'],
  'undo-middle-prev-wrong': ['good', 'good'],
  'undo-middle-status-u': ['good', 'good'],
  'undo-middle-status-x': ['good', 'good'],
  'undo-middle-tlen-huge': ['good', 'CORRUPTED @ 8115'],
  'undo-middle-tlen-tiny': ['CORRUPTED @ 8115', 'CORRUPTED @ 8115'],
  'undo-middle-tloc-wrong': ['CORRUPTED @ 8226', 'CORRUPTED @ 8226'],
  'undo-middle-version-length': ['CORRUPTED @ 8226', 'CORRUPTED @ 8226'],
  'undo-text-appended': ['good', 'cut 124, kept'],
  'undo-tid-reduction': ['good', 'good'],
  'undo-zero-bytes': ['good', 'good'],
  'undo-zeros-appended': ['good', 'cut 512, kept'],
};

describe('damaged files', () => {
  const path = testFolder();
  const files = corpusFiles('damaged');
  const table = readFileSync(new URL('../../docs/damage.md', import.meta.url), 'utf8');
  if (files.length === 0) it.skip('needs the corpus, which is absent');

  for (const { name, file, oracle } of files) {
    const [reading, writing] = DAMAGE[name] ?? ['?', '?'];

    it(`reads ${name}: ${reading}`, () => {
      expect(open(file, oracle, { readOnly: true })).to.equal(reading);
    });

    it(`opens ${name} for writing: ${writing}`, () => {
      const copy = path('Data.fs');
      for (const suffix of ['', '.index'])
        if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
      const outcome = open(copy, oracle, {});
      const cut = Math.max(0, statSync(file).size - statSync(copy).size);
      const kept = existsSync(`${copy}.tr0`) ? ', kept' : '';
      expect(cut > 0 ? `cut ${cut}${kept}` : outcome).to.equal(writing);
      if (cut > 0) expect(outcome).to.equal('good');
      if (kept)
        expect(readFileSync(`${copy}.tr0`)).to.deep.equal(readFileSync(file).subarray(-cut));
      if (outcome !== 'good') expect(readFileSync(copy)).to.deep.equal(readFileSync(file));
    });

    it(`has a row for ${name} in docs/damage.md, with what Python does`, () => {
      expect(table).to.include(`| ${name} | ${reading} | ${writing} | ${pythons(oracle)} |`);
    });
  }

  it('has a table of all of them', () => {
    if (files.length > 0)
      expect(files.map(({ name }) => name)).to.deep.equal(Object.keys(DAMAGE).sort());
  });
});

function open(file: string, oracle: Oracle, options: FileStorageOptions): string {
  try {
    const storage = new FileStorage(file, options);
    try {
      const tids = [...storage.iterate()].map(({ tid }) => tid);
      // What the oracle counts includes a transaction marked as undone long ago, which no reader shows.
      const undone = oracle.transaction_status?.['u'] ?? 0;
      expect(tids.length).to.equal(oracle.transactions - undone);
      if (tids.length > 0) expect(tids.at(-1)).to.equal(BigInt(oracle.last_tid as string));
      expect(storage.lastTransaction()).to.equal(tids.at(-1) ?? 0n);
      return 'good';
    } finally {
      storage.close();
    }
  } catch (error) {
    const { code, position, file: named, message } = error as PlacedError;
    if (code === undefined) throw error;
    expect(named).to.equal(file);
    expect(message).to.include(`position ${position}`);
    return `${code} @ ${position}`;
  }
}

function pythons({ zodb, size }: CorpusFile['oracle']): string {
  const reading = zodb.as_is.open_read_only;
  const writing = zodb.as_is.open_read_write;
  const cut = size - (writing.size_after ?? size);
  const kept = writing.extra_files?.some((name) => name.endsWith('.tr0')) ? ', kept' : '';
  const says = (error: string | undefined): string | undefined => error?.replace(/:.*/, '');
  const opened = cut > 0 ? `cut ${cut}${kept}` : 'opens';
  return `${says(reading.error) ?? 'opens'} | ${says(writing.error) ?? opened}`;
}
