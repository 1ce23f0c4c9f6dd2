import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';
import { FileStorage, openShared } from '../../src/filestorage/index.ts';
import { readIndexFile } from '../../src/filestorage/index-file.ts';
import { IndexMap } from '../../src/filestorage/index-map.ts';
import type { FileWriter } from '../../src/filestorage/writer.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { PackReport, Storage } from '../../src/zodb/storage.ts';
import { testFolder } from './folder.ts';
import { indexBytes } from './index-bytes.ts';
import { record, textOf } from './records.ts';

const ROOT = 0n as Oid;
const KEPT = 1n as Oid;
const GARBAGE = 2n as Oid;
const LONELY = 3n as Oid;

describe('packing a FileStorage', () => {
  const path = testFolder();
  const opened: FileStorage[] = [];
  const open = (options = {}): FileStorage => {
    const storage = new FileStorage(path('Data.fs'), { fsync: false, ...options });
    opened.push(storage);
    return storage;
  };
  afterEach(() => {
    for (const storage of opened.splice(0)) storage.close();
  });

  it('removes old revisions, and objects that nothing refers to', () => {
    const storage = open();
    const [, second] = history(storage);
    const before = readFileSync(path('Data.fs'));
    const report = storage.pack();
    expect(report).to.deep.equal({
      sizeBefore: before.length,
      sizeAfter: statSync(path('Data.fs')).size,
      objectsBefore: 4,
      objectsAfter: 2,
      recordsRemoved: 4,
      blobsRemoved: 0,
      dangling: [],
      danglingCount: 0,
      packed: true,
    });
    expect(storage.size()).to.equal(report.sizeAfter);
    expect(storage.length()).to.equal(2);
    expect(text(storage, KEPT)).to.equal('kept 2');
    expect(() => storage.load(GARBAGE)).to.throw('no such object');
    expect(storage.load(KEPT, second)).to.equal(undefined);
    expect(Array.from(storage.iterate(), ({ status }) => status)).to.deep.equal(['p', 'p']);
    expect(readFileSync(path('Data.fs.old'))).to.deep.equal(before);
    expect(names(path)).to.not.include('Data.fs.pack');
  });

  it('goes on with the packed file: commits, reopens, and finds nothing to do the next time', () => {
    const storage = open();
    const tids = history(storage);
    storage.pack();
    expect(storage.pack()).to.include({ packed: false, recordsRemoved: 0 });
    commit(storage, [[KEPT, tids.at(-1) as Tid, record('kept 3')]]);
    const highest = storage.newOid();
    storage.close();
    const again = open();
    expect(again.findings).to.deep.equal([]);
    expect(text(again, KEPT)).to.equal('kept 3');
    expect(highest).to.equal(4n);
    expect(again.pack()).to.include({ packed: true, recordsRemoved: 1 });
    expect(again.history(KEPT, 9)).to.have.length(1);
  });

  it('finds what can be reached where more references wait for the root than are remembered', () => {
    const storage = open();
    const [hub, leaf, garbage] = [1000n, 100_000n, 200_000n];
    const none = (start: bigint, count: bigint): [Oid, Tid, Uint8Array][] =>
      Array.from({ length: Number(count) }, (_, i) => [
        (start + BigInt(i)) as Oid,
        ZERO_TID,
        record('leaf'),
      ]);
    const leaves = (i: bigint): bigint[] =>
      Array.from({ length: 200 }, (_, j) => leaf + i * 200n + BigInt(j));
    commit(storage, [
      ...none(leaf, 40_000n),
      ...none(garbage, 200n),
      ...Array.from(
        { length: 200 },
        (_, i) =>
          [
            (hub + BigInt(i)) as Oid,
            ZERO_TID,
            record('hub', [...leaves(BigInt(i)), hub + BigInt(i) + 1n]),
          ] as [Oid, Tid, Uint8Array],
      ),
      [(hub + 200n) as Oid, ZERO_TID, record('last hub')],
      [ROOT, ZERO_TID, record('root', [hub])],
    ]);
    const report = storage.pack();
    expect(report).to.include({ objectsAfter: 40_202, recordsRemoved: 200, danglingCount: 0 });
    expect(storage.check()).to.deep.equal([]);
    for (const oid of [leaf, leaf + 39_999n, hub + 200n])
      expect(storage.load(oid as Oid), String(oid)).to.not.equal(undefined);
  });

  it('keeps the old file only if it is told to', () => {
    const storage = open();
    history(storage);
    storage.pack({ keepOld: false });
    expect(names(path)).to.not.include('Data.fs.old');
  });

  it('keeps what nothing refers to without garbage collection', () => {
    const storage = open();
    history(storage);
    expect(storage.pack({ gc: false })).to.include({ recordsRemoved: 2, objectsAfter: 4 });
    expect(text(storage, GARBAGE)).to.equal('garbage');
  });

  it('keeps all revisions from a moment on, and the ones current at it', () => {
    const storage = open();
    const [first, second, third] = history(storage) as [Tid, Tid, Tid];
    storage.pack({ before: first });
    expect(storage.pack({ before: second })).to.include({ recordsRemoved: 3 });
    expect(text(storage, KEPT)).to.equal('kept 2');
    expect(text(storage, KEPT, third)).to.equal('kept');
    expect(text(storage, ROOT, third)).to.equal('root 1');
  });

  it('keeps an object that was taken out before that moment and put back after it', () => {
    const storage = open();
    const [, second, third] = history(storage) as [Tid, Tid, Tid];
    commit(storage, [[ROOT, second, record('root 2', [KEPT, GARBAGE])]]);
    storage.pack({ before: third });
    expect(text(storage, GARBAGE)).to.equal('garbage');
    expect(text(storage, LONELY)).to.equal('lonely');
  });

  it('keeps what an undone transaction goes back to', () => {
    const storage = open();
    const [, second, third] = history(storage) as [Tid, Tid, Tid];
    const undone = storage.begin({});
    undone.undo(third);
    undone.vote();
    const last = undone.finish();
    const report = storage.pack({ before: second });
    expect(report.packed).to.equal(true);
    expect(text(storage, KEPT)).to.equal('kept');
    const [entry] = [...storage.iterate({ start: last })];
    expect([...(entry?.records() ?? [])].map(({ dataTid }) => dataTid)).to.not.include(undefined);
  });

  it('in a dry run says what it would do, and changes nothing', () => {
    const storage = open();
    history(storage);
    const bytes = readFileSync(path('Data.fs'));
    const report = storage.pack({ dryRun: true });
    storage.close();
    const reader = open({ readOnly: true });
    expect(reader.pack({ dryRun: true })).to.deep.equal(report);
    expect(() => reader.pack()).to.throw('opened for reading');
    expect(readFileSync(path('Data.fs'))).to.deep.equal(bytes);
    expect(names(path)).to.not.include.members(['Data.fs.pack']);
    expect({ ...report, packed: true }).to.deep.equal(open().pack());
  });

  it('reports references that lead nowhere, and refuses them if told to', () => {
    const storage = open();
    history(storage);
    commit(storage, [[KEPT, storage.getTid(KEPT), record('kept', [77n, 78n])]]);
    const bytes = readFileSync(path('Data.fs'));
    expect(() => storage.pack({ strict: true })).to.throw(
      'the object refers to 000000000000004d, which is not there, and there are 1 more such references',
    );
    expect(() => storage.pack({ strict: true, gc: false })).to.throw('000000000000004d');
    expect(readFileSync(path('Data.fs'))).to.deep.equal(bytes);
    expect(storage.pack()).to.deep.include({
      packed: true,
      danglingCount: 2,
      dangling: [
        { from: KEPT, to: 77n },
        { from: KEPT, to: 78n },
      ],
    });
  });

  it('refuses a record whose references cannot be read, which goes without garbage collection', () => {
    const storage = open();
    history(storage);
    commit(storage, [[KEPT, storage.getTid(KEPT), Buffer.from('no pickle')]]);
    expect(() => storage.pack())
      .to.throw('references cannot be read')
      .with.property('oid', KEPT);
    expect(storage.pack({ gc: false }).packed).to.equal(true);
  });

  it('refuses to take everything for garbage where there is no root', () => {
    const storage = open();
    commit(storage, [[KEPT, ZERO_TID, record('kept')]]);
    expect(() => storage.pack()).to.throw('there is no root object at the pack time');
    expect(storage.pack({ gc: false })).to.include({ packed: false });
  });

  for (const [title, options, message] of [
    ['gc', { gc: 1 }, 'the option gc is true or false, got 1'],
    ['before', { before: '2020' }, 'the option before is a tid, got "2020"'],
    ['onProgress', { onProgress: 5 }, 'the option onProgress is a function, got 5'],
  ] as const)
    it(`names a wrong option: ${title}`, () => {
      const storage = open();
      expect(() => storage.pack(options as object)).to.throw(message);
    });

  it('waits for its turn: not within a transaction, another pack, or an undo', async () => {
    const storage = open();
    const [, , third] = history(storage) as [Tid, Tid, Tid];
    const transaction = storage.begin({});
    expect(() => storage.pack()).to.throw('a transaction is in progress');
    transaction.abort();
    const packing = storage.packAsync();
    expect(() => storage.pack()).to.throw('is being packed already');
    expect(() => storage.undoLog()).to.throw('during a pack');
    const undoing = storage.begin({});
    expect(() => undoing.undo(third)).to.throw('during a pack');
    undoing.abort();
    expect((await packing).packed).to.equal(true);
    expect(storage.undoLog()).to.deep.equal([]);
  });

  it('stops when it is told to, and has changed nothing then', async () => {
    const storage = open();
    history(storage);
    commit(storage, [[KEPT, storage.getTid(KEPT), record('x'.repeat(3_000_000))]]);
    const bytes = readFileSync(path('Data.fs'));
    let calls = 0;
    expect(() => storage.pack({ onProgress: () => ++calls < 2 })).to.throw('stopped by onProgress');
    const stop = new AbortController();
    const aborted = storage.packAsync({
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    expect(await aborted.catch((error) => error.message)).to.equal('enough');
    expect(readFileSync(path('Data.fs'))).to.deep.equal(bytes);
    expect(names(path)).to.not.include('Data.fs.pack');
    expect(storage.pack().packed).to.equal(true);
  });

  it('has in the packed file what was committed meanwhile, also what brings garbage back', async () => {
    const storage = open();
    history(storage);
    for (let i = 0; i < 5; i++)
      commit(storage, [[KEPT, storage.getTid(KEPT), record('x'.repeat(1_500_000))]]);
    const iterator = storage.iterate()[Symbol.iterator]();
    iterator.next();
    let step = 0;
    const last = storage.newOid();
    const packing = storage.packAsync({
      onProgress() {
        step++;
        const root = storage.getTid(ROOT);
        if (step === 2) commit(storage, [[last, ZERO_TID, record('late')]]);
        if (step === 6) commit(storage, [[ROOT, root, record('root', [KEPT, GARBAGE, last])]]);
      },
    });
    const report = await packing;
    expect(step).to.be.greaterThan(6);
    expect(report).to.include({ packed: true, objectsAfter: 5, sizeAfter: storage.size() });
    expect(text(storage, ROOT)).to.equal('root');
    expect(text(storage, GARBAGE)).to.equal('garbage');
    expect(text(storage, LONELY)).to.equal('lonely');
    expect(text(storage, last)).to.equal('late');
    let seen = 0;
    while (iterator.next().done !== true) seen++;
    expect(seen, 'transactions of the old file').to.equal(7);
    storage.close();
    expect(open().findings).to.deep.equal([]);
  });

  it('does not replace the file under a transaction in progress', async () => {
    const storage = open();
    history(storage);
    const transaction = storage.begin({});
    transaction.store(KEPT, storage.getTid(KEPT), record('kept 3'));
    let done = false;
    const packing = storage.packAsync().then((report) => {
      done = true;
      return report;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(done).to.equal(false);
    transaction.vote();
    transaction.finish();
    expect((await packing).packed).to.equal(true);
    expect(text(storage, KEPT)).to.equal('kept 3');
    storage.close();
    expect(text(open(), KEPT)).to.equal('kept 3');
  });

  it('is seen by another thread and by readers, through two packs', () => {
    const storage = open();
    history(storage);
    const shared = openShared(storage.share());
    const reader = open({ readOnly: true });
    for (const value of ['one', 'two']) {
      storage.pack();
      expect(text(shared, KEPT)).to.equal(text(storage, KEPT));
      commit(storage, [[KEPT, storage.getTid(KEPT), record(value)]]);
      expect(text(shared, KEPT)).to.equal(value);
      // What the reader has open, it can go on reading.
      expect(text(reader, ROOT)).to.equal('root 1');
      reader.sync();
      expect(text(reader, KEPT)).to.equal(value);
      expect(reader.size()).to.equal(storage.size());
    }
    shared.close();
  });

  it('leaves everything as it was where the new file cannot be written', () => {
    let failAt = Number.POSITIVE_INFINITY;
    let files = 0;
    const wrapWriter = (writer: FileWriter): FileWriter => {
      const packing = ++files > 1;
      const may = (): void => {
        if (packing && --failAt < 0) throw new Error('no space left');
      };
      return {
        ...writer,
        write(bytes, position) {
          may();
          writer.write(bytes, position);
        },
        sync() {
          may();
          writer.sync();
        },
      };
    };
    const storage = open({ wrapWriter });
    history(storage);
    const bytes = readFileSync(path('Data.fs'));
    let failures = 0;
    for (let n = 0; ; n++) {
      failAt = n;
      const error = attempt(() => storage.pack());
      if (!(error instanceof Error)) break;
      failures++;
      expect(isZodbError(error, 'WRITE'), error.message).to.equal(true);
      expect(error.message).to.contain('no space left');
      expect(readFileSync(path('Data.fs'))).to.deep.equal(bytes);
      expect(names(path)).to.not.include('Data.fs.pack');
      expect(text(storage, GARBAGE)).to.equal('garbage');
    }
    expect(failures).to.be.greaterThan(2);
    failAt = Number.POSITIVE_INFINITY;
    commit(storage, [[KEPT, storage.getTid(KEPT), record('after')]]);
    storage.close();
    expect(text(open(), KEPT)).to.equal('after');
  });

  it('has an index that does not know an object made anew', () => {
    const storage = open();
    history(storage);
    storage.close();
    // An index file without an object that opening does not look for.
    const whole = readIndexFile(readFileSync(path('Data.fs.index'))).index;
    const index = new IndexMap();
    index.end = whole.end;
    whole.forEach((high, low, position) => {
      if (BigInt(low) !== GARBAGE) index.put(high, low, position);
    });
    writeFileSync(path('Data.fs.index'), indexBytes(index));
    const again = open();
    expect(() => again.load(GARBAGE)).to.throw('no such object');
    expect(again.pack({ gc: false })).to.include({ objectsAfter: 4 });
    expect(text(again, GARBAGE)).to.equal('garbage');
  });
});

function attempt(run: () => PackReport): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

// Three transactions: of the first two records each, KEPT and a circle of garbage; then both kept ones are changed.
function history(storage: FileStorage): Tid[] {
  const first = commit(storage, [
    [ROOT, ZERO_TID, record('root', [KEPT, GARBAGE])],
    [KEPT, ZERO_TID, record('kept')],
    [GARBAGE, ZERO_TID, record('garbage', [LONELY])],
    [LONELY, ZERO_TID, record('lonely', [GARBAGE])],
  ]);
  const second = commit(storage, [[ROOT, first, record('root 1', [KEPT])]]);
  const third = commit(storage, [[KEPT, first, record('kept 2', [ROOT])]]);
  return [first, second, third];
}

function commit(
  storage: Storage,
  records: readonly (readonly [oid: Oid, serial: Tid, data: Uint8Array])[],
): Tid {
  const transaction = storage.begin({});
  for (const [oid, serial, data] of records) transaction.store(oid, serial, data);
  transaction.vote();
  return transaction.finish();
}

function text(storage: Pick<Storage, 'load'>, oid: Oid, before?: Tid): string | undefined {
  const revision = storage.load(oid, before);
  return revision && textOf(revision.data);
}

function names(path: (name: string) => string): string[] {
  return existsSync(path('')) ? readdirSync(path('')) : [];
}
