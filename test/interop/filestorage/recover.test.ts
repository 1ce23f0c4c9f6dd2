import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage, type RecoverReport, recover } from '../../../src/filestorage/index.ts';
import { formatId, type Tid } from '../../../src/zodb/ids.ts';
import { corpusFiles } from '../../filestorage/corpus.ts';
import { type Damage, damage } from '../../filestorage/damages.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { toHex } from '../../hex.ts';
import { peer } from '../peers.ts';

const COUNT = Number(process.env['ZODB_DAMAGES'] ?? '200');
const SEED = Number(process.env['ZODB_SEED'] ?? '1');

type Records = (readonly [oid: string, data: string | null])[];
type Recovered = (readonly [tid: string, records: Records])[];

interface Verdict {
  readonly recovered: Recovered | null;
  readonly tests: string | null;
  readonly refs: number;
}

interface Transaction {
  readonly tid: string;
  readonly start: number;
  readonly end: number;
  readonly records: Records;
  /** Where the data of its records stand, which may be elsewhere. */
  readonly places: readonly number[];
}

describe('recovering, beside fsrecover', () => {
  const python = peer('zodb');
  const path = testFolder();
  const verdicts = (files: readonly string[]): Verdict[] =>
    python.runJson<Verdict[]>('filestorage/damage.py', files);

  it(`has all that fsrecover has, and all outside of the damage, seeds from ${SEED}`, () => {
    const originals = makeOriginals(python, path);
    const cases = Array.from({ length: COUNT }, (_, i) => {
      const original = originals[i % originals.length] as Original;
      const file = path(`${i}.damaged.fs`);
      const made = damage(original.bytes, SEED + i);
      writeFileSync(file, made.bytes);
      return { file, made, original, name: `seed ${SEED + i}, ${made.kind} at ${made.start}` };
    });
    const kinds = new Map<string, number>();
    verdicts(cases.map(({ file }) => file)).forEach(({ recovered }, i) => {
      const { file, made, original, name } = cases[i] as (typeof cases)[number];
      const target = path('recovered.fs');
      const report = recover(file, target);
      const ours = contents(target);
      for (const suffix of ['', '.index', '.lock']) rmSync(target + suffix, { force: true });
      hasAllOf(recovered, ours, original.transactions, report, name);
      hasWhatIsOutside(made, ours, original.transactions, name);
      kinds.set(made.kind, (kinds.get(made.kind) ?? 0) + 1);
    });
    expect(kinds.size).to.equal(7);
  });

  it('has all that fsrecover has of the damaged files of the corpus', () => {
    const files = corpusFiles('damaged').map(({ name, file }) => {
      copyFileSync(file, path(`${name}.fs`));
      return path(`${name}.fs`);
    });
    verdicts(files).forEach(({ recovered }, i) => {
      const target = path(`${i}.recovered.fs`);
      let report: RecoverReport;
      try {
        report = recover(files[i] as string, target);
      } catch (error) {
        expect(recovered, `${files[i]}: ${error}`).to.equal(null);
        return;
      }
      hasAllOf(recovered, contents(target), undefined, report, files[i] as string);
    });
  });
});

interface Original {
  readonly bytes: Buffer;
  readonly transactions: readonly Transaction[];
}

function makeOriginals(
  python: ReturnType<typeof peer>,
  path: (name: string) => string,
): Original[] {
  python.run('filestorage/pack.py', [path(''), '1', '12']);
  return Array.from({ length: 12 }, (_, i) => `${path(String(i + 1))}.fs`)
    .map((file) => ({ bytes: readFileSync(file), transactions: transactionsOf(file) }))
    .filter(({ transactions }) => transactions.length > 3);
}

function transactionsOf(file: string): Transaction[] {
  using storage = new FileStorage(file, { readOnly: true });
  const found = [...storage.iterate()].map((transaction) => {
    const records = [...transaction.records()];
    return {
      tid: formatId(transaction.tid),
      start: transaction.position,
      end: transaction.end,
      records: records.map(({ oid, data }) => [formatId(oid), data ? toHex(data) : null] as const),
      sources: records.map(({ oid, dataTid }) => [oid, dataTid] as const),
    };
  });
  const byTid = new Map<string, Transaction>();
  return found.map(({ sources, ...transaction }) => {
    const places = sources.flatMap(([, tid]) => {
      const source = tid === undefined ? undefined : byTid.get(formatId(tid));
      return source === undefined ? [] : [source.start, source.end, ...source.places];
    });
    byTid.set(transaction.tid, { ...transaction, places });
    return { ...transaction, places };
  });
}

function contents(file: string): Map<string, Records> {
  return new Map(transactionsOf(file).map(({ tid, records }) => [tid, records]));
}

function hasAllOf(
  theirs: Recovered | null,
  ours: ReadonlyMap<string, Records>,
  original: readonly Transaction[] | undefined,
  { changedTids }: RecoverReport,
  name: string,
): void {
  for (const [tid, records] of theirs ?? []) {
    // It gives a second copy of a transaction the next tid.
    const before = formatId((BigInt(`0x${tid}`) - 1n) as Tid);
    if (original?.some((transaction) => transaction.tid === before)) continue;
    const changed = changedTids.find(({ from }) => formatId(from) === tid);
    const found = ours.get(changed ? formatId(changed.to) : tid);
    expect(found, `${name}: transaction ${tid}`).to.not.equal(undefined);
    const truth = original?.find((transaction) => transaction.tid === tid);
    // Where records are damaged, fsrecover leaves out those that follow, too.
    if (truth !== undefined && JSON.stringify(truth.records) === JSON.stringify(records))
      expect(found, `${name}: transaction ${tid}`).to.deep.equal(records);
    else
      for (const record of records) {
        // Where a length is damaged, it takes too little or too much for the data, and we may have what was there.
        const mended = truth?.records.filter(([oid]) => oid === record[0]) ?? [];
        const known = new Set(found?.map((one) => JSON.stringify(one)));
        expect(
          [record, ...mended].some((one) => known.has(JSON.stringify(one))),
          `${name}: ${record} of transaction ${tid}`,
        ).to.equal(true);
      }
  }
}

function hasWhatIsOutside(
  { start, end }: Damage,
  ours: ReadonlyMap<string, Records>,
  original: readonly Transaction[],
  name: string,
): void {
  for (const transaction of original) {
    if (transaction.start < end && transaction.end > start) continue;
    const found = ours.get(transaction.tid);
    expect(found, `${name}: transaction ${transaction.tid}`).to.not.equal(undefined);
    // What repeats data that are damaged cannot be had.
    const elsewhere = transaction.places.some(
      (place, i) => i % 2 === 0 && place < end && (transaction.places[i + 1] as number) > start,
    );
    if (!elsewhere) expect(found, `${name}: ${transaction.tid}`).to.deep.equal(transaction.records);
  }
}
