import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { isZodbError } from '../../../src/errors.ts';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { scanReferences } from '../../../src/pickle/scan.ts';
import { type Oid, type Tid, tid } from '../../../src/zodb/ids.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { toHex } from '../../hex.ts';
import { type Peer, peer } from '../peers.ts';

const SCRIPT = 'filestorage/pack.py';
const COUNT = Number(process.env['ZODB_PACKS'] ?? '120');
const SEED = Number(process.env['ZODB_SEED'] ?? '1');

const NO_ROOT = /^KeyError: b?'(\\x00){8}'$/;

interface Case {
  readonly seed: number;
  readonly before: string;
  readonly gc: boolean;
  readonly error: string | null;
  readonly lost: number;
  readonly doubled: boolean;
}

interface Checked {
  readonly verdict: string;
  readonly current: Readonly<Record<string, readonly [data: string, tid: string]>>;
  readonly missing: number;
}

describe('packing, beside Python', () => {
  const path = testFolder();

  describe('files of Python 3', () => packsAsPythonDoes(peer('zodb'), path, COUNT, {}));
  describe('files of Python 2', () =>
    packsAsPythonDoes(peer('py27'), path, COUNT / 4, { python2: 'write' }));
});

function packsAsPythonDoes(
  python: Peer,
  path: (name: string) => string,
  count: number,
  options: object,
): void {
  const made = (): Case[] =>
    python.runJson<Case[]>(SCRIPT, [path(''), String(SEED), String(count)]);

  it(`makes the same bytes of random histories, seeds from ${SEED}`, () => {
    const cases = made().filter(
      ({ error, lost, doubled }) => error === null && lost === 0 && !doubled,
    );
    expect(cases.filter(({ gc }) => gc).length).to.be.greaterThan(count / 4);
    expect(cases.filter(({ gc }) => !gc).length).to.be.greaterThan(count / 8);
    for (const { seed, before, gc } of cases) {
      const file = path(`${seed}.ours.fs`);
      copyFileSync(path(`${seed}.fs`), file);
      const storage = new FileStorage(file, options);
      const report = storage.pack({ before: tid(before), gc });
      const indexed = storage.length() > 0;
      storage.close();
      const theirs = path(`${seed}.packed.fs`);
      expect(toHex(readFileSync(file)), `seed ${seed}`).to.equal(toHex(readFileSync(theirs)));
      expect(report.sizeAfter).to.equal(readFileSync(file).length);
      if (report.packed)
        expect(readFileSync(`${file}.old`).equals(readFileSync(path(`${seed}.fs`)))).to.equal(true);
      else expect(existsSync(`${file}.old`), `seed ${seed}`).to.equal(false);
      // Python saves an index of nothing, too, and Python 2 cannot read it.
      if (indexed && existsSync(`${theirs}.index`))
        expect(toHex(readFileSync(`${file}.index`)), `index, seed ${seed}`).to.equal(
          toHex(readFileSync(`${theirs}.index`)),
        );
    }
  });

  it('keeps what can be seen from the pack time on, also where Python loses it or fails', () => {
    const cases = made();
    const checked = cases.flatMap(({ seed, before, gc, error }) => {
      const file = path(`${seed}.ours.fs`);
      copyFileSync(path(`${seed}.fs`), file);
      using original = new FileStorage(path(`${seed}.fs`), { readOnly: true });
      {
        using storage = new FileStorage(file, options);
        try {
          storage.pack({ before: tid(before), gc });
        } catch (refused) {
          // Without a root all would be garbage. Python says that it has not found it.
          expect(isZodbError(refused, 'POS_KEY') && error, `seed ${seed}`).to.match(NO_ROOT);
          return [];
        }
      }
      rmSync(`${file}.index`, { force: true });
      using packed = new FileStorage(file, { readOnly: true });
      expect(packed.findings, `seed ${seed}`).to.deep.equal([]);
      for (const moment of [tid(before), ...tidsAfter(original, tid(before))])
        for (const [oid, data] of seen(original, moment)) {
          const found = dataAt(packed, oid, moment);
          expect(found && toHex(found), `seed ${seed}, ${oid} at ${moment}`).to.equal(data);
        }
      return file;
    });
    expect(cases.filter(({ lost }) => lost > 0).length).to.be.greaterThan(count / 20);
    expect(cases.filter(({ error }) => error !== null).length).to.be.greaterThan(count / 20);
    const verdicts = python.runJson<Checked[]>(SCRIPT, ['check', ...checked]);
    verdicts.forEach(({ verdict, current }, i) => {
      expect(verdict, checked[i]).to.equal('no errors detected');
      using storage = new FileStorage(checked[i] as string, { readOnly: true });
      for (const [oid, [data, serial]] of Object.entries(current)) {
        const found = storage.load(BigInt(`0x${oid}`) as Oid);
        expect([toHex(found?.data as Uint8Array), found?.tid]).to.deep.equal([
          data,
          BigInt(`0x${serial}`),
        ]);
      }
    });
  });
}

function tidsAfter(storage: FileStorage, moment: Tid): Tid[] {
  return Array.from(
    storage.iterate({ start: (moment + 1n) as Tid }),
    (transaction) => transaction.tid,
  );
}

// The data of all that the root leads to at a moment.
function seen(storage: FileStorage, moment: Tid): Map<bigint, string> {
  const found = new Map<bigint, string>();
  const pending = [0n];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    const data = found.has(oid) ? undefined : dataAt(storage, oid, moment);
    if (data === undefined) continue;
    found.set(oid, toHex(data));
    scanReferences(data, (target) => pending.push(target));
  }
  return found;
}

function dataAt(storage: FileStorage, oid: bigint, moment: Tid): Uint8Array | undefined {
  try {
    return storage.load(oid as Oid, (moment + 1n) as Tid)?.data;
  } catch (error) {
    if (isZodbError(error, 'POS_KEY')) return undefined;
    throw error;
  }
}
