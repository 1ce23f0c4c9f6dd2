import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage, type FileStorageOptions } from '../../src/filestorage/index.ts';
import type { FileWriter } from '../../src/filestorage/writer.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { StorageTransaction } from '../../src/zodb/storage.ts';
import { testFolder } from './folder.ts';

const one = 1n as Oid;
const two = 2n as Oid;

describe('a commit to a FileStorage', () => {
  const path = testFolder();

  it('writes the bytes that Python writes: header, data record, length', () => {
    using storage = new FileStorage(path('Data.fs'));
    const tid = 0x040d333d2b9c9dccn as Tid;
    commit(storage, [[one, ZERO_TID, 'data']], { user: 'u', description: 'dd' }, tid);
    expect(readFileSync(path('Data.fs')).toString('latin1')).to.equal(
      [
        'FS30',
        '\x04\x0d\x33\x3d\x2b\x9c\x9d\xcc',
        '\0\0\0\0\0\0\0\x48',
        ' ',
        '\0\x01\0\x02\0\0udd',
        '\0\0\0\0\0\0\0\x01',
        '\x04\x0d\x33\x3d\x2b\x9c\x9d\xcc',
        '\0\0\0\0\0\0\0\0',
        '\0\0\0\0\0\0\0\x04',
        '\0\0',
        '\0\0\0\0\0\0\0\x04data',
        '\0\0\0\0\0\0\0\x48',
      ].join(''),
    );
  });

  for (const [title, steps] of [
    ['cut off at any byte before its status', (t: StorageTransaction) => void t.vote()],
    ['cut off at any byte', (t: StorageTransaction) => void [t.vote(), t.finish()]],
  ] as const)
    it(`shows exactly the transactions before it when ${title}`, () => {
      const file = path('Data.fs');
      using storage = new FileStorage(file);
      const first = commit(storage, [[one, ZERO_TID, 'first']]);
      const start = storage.size();
      const transaction = storage.begin({ user: 'someone', extension: Uint8Array.of(1) });
      transaction.store(one, first, bytes('second'));
      transaction.store(two, ZERO_TID, bytes('new'));
      steps(transaction);
      const whole = readFileSync(file);
      for (let length = start; length < whole.length; length++) {
        const cut = path(`cut-${length}.fs`);
        writeFileSync(cut, whole.subarray(0, length));
        using reopened = new FileStorage(cut);
        expect(seen(reopened)).to.deep.equal([[first, ['first']]]);
        expect(statSync(cut).size).to.equal(start);
        commit(reopened, [[one, first, 'third']]);
        expect(text(reopened.load(one)?.data)).to.equal('third');
      }
    });

  it('leaves a file that ends in an unfinished transaction when the process dies after its vote', () => {
    const file = path('Data.fs');
    using storage = new FileStorage(file);
    const first = commit(storage, [[one, ZERO_TID, 'first']]);
    const transaction = storage.begin({});
    transaction.store(one, first, bytes('second'));
    transaction.vote();
    copyFileSync(file, path('killed.fs'));
    using reader = new FileStorage(path('killed.fs'), { readOnly: true });
    expect(seen(reader)).to.deep.equal([[first, ['first']]]);
    expect(reader.findings[0]?.message).to.match(/^unfinished transaction/);
  });

  it('writes more than it holds in memory behind the end of the file, where nobody takes it for data', () => {
    const file = path('Data.fs');
    using storage = new FileStorage(file);
    const first = commit(storage, [[one, ZERO_TID, 'first']]);
    const size = statSync(file).size;
    const data = Array.from({ length: 12 }, (_, i) => new Uint8Array(i * 500_000 + 1).fill(i + 1));
    const storeAll = (): ReturnType<typeof storage.begin> => {
      const transaction = storage.begin({});
      for (const [i, block] of data.entries())
        transaction.store(
          BigInt(i + 2) as Oid,
          ZERO_TID,
          i % 2 === 0 ? block : [block.subarray(0, 9), block.subarray(9)],
        );
      return transaction;
    };
    const abandoned = storeAll();
    expect(statSync(file).size).to.be.greaterThan(20_000_000);
    copyFileSync(file, path('killed.fs'));
    for (const readOnly of [true, false]) {
      using reader = new FileStorage(path('killed.fs'), { readOnly });
      expect(seen(reader)).to.deep.equal([[first, ['first']]]);
    }
    expect(statSync(path('killed.fs')).size).to.equal(size);
    abandoned.abort();
    expect(statSync(file).size).to.equal(size);
    const transaction = storeAll();
    transaction.vote();
    transaction.finish();
    for (const [i, block] of data.entries())
      expect(Buffer.compare(storage.load(BigInt(i + 2) as Oid)?.data ?? bytes(''), block)).to.equal(
        0,
      );
    using again = new FileStorage(file, { readOnly: true });
    expect([...again.iterate()]).to.have.length(2);
  });

  it('refuses texts that do not fit, before anything is begun', () => {
    using storage = new FileStorage(path('Data.fs'));
    expect(() => storage.begin({ description: 'x'.repeat(65536) })).to.throw(/65536/);
    commit(storage, [[one, ZERO_TID, 'first']], { description: 'x'.repeat(65535) });
  });

  it('refuses every kind of write to a file opened for reading', () => {
    new FileStorage(path('Data.fs')).close();
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    for (const write of [() => storage.begin({}), () => storage.newOid()])
      expect(write).to.throw().with.property('code', 'READ_ONLY');
  });
});

describe('a FileStorage whose disk fails', () => {
  const path = testFolder();

  for (let at = 1; at <= 3; at++)
    it(`is as before when write ${at} of a large transaction fails, and takes the next one`, () => {
      const disk = failingDisk();
      using storage = new FileStorage(path('Data.fs'), disk.options);
      const first = commit(storage, [[one, ZERO_TID, 'first']]);
      const before = readFileSync(path('Data.fs'));
      const transaction = storage.begin({});
      transaction.store(one, first, new Uint8Array(100_000).fill(7));
      disk.failAt(at, 'ENOSPC');
      expect(() => transaction.vote())
        .to.throw(/ENOSPC/)
        .with.property('code', 'WRITE');
      transaction.abort();
      expect(readFileSync(path('Data.fs'))).to.deep.equal(before);
      disk.mend();
      const second = commit(storage, [[one, first, 'second']]);
      expect(seen(storage)).to.deep.equal([
        [first, ['first']],
        [second, ['second']],
      ]);
    });

  it('cuts off later what it could not cut off at once', () => {
    const disk = failingDisk();
    const file = path('Data.fs');
    const storage = new FileStorage(file, disk.options);
    const first = commit(storage, [[one, ZERO_TID, 'first']]);
    const transaction = storage.begin({});
    transaction.store(one, first, new Uint8Array(100_000).fill(7));
    disk.failAt(3, 'EIO', { truncate: true });
    expect(() => transaction.vote())
      .to.throw()
      .with.property('code', 'WRITE');
    transaction.abort();
    expect(statSync(file).size).to.be.greaterThan(100_000);
    disk.mend();
    const second = commit(storage, [[one, first, 'second']]);
    storage.close();
    expect(statSync(file).size).to.be.lessThan(1000);
    using reopened = new FileStorage(file);
    expect(reopened.lastTransaction()).to.equal(second);
    expect(reopened.findings).to.deep.equal([]);
  });

  for (const [title, failure] of [
    ['the status byte cannot be written', { at: 1 }],
    ['the disk does not confirm it', { sync: true }],
  ] as const)
    it(`says that the outcome is not known when ${title}, and takes no more writes`, () => {
      const disk = failingDisk();
      const file = path('Data.fs');
      const storage = new FileStorage(file, disk.options);
      const first = commit(storage, [[one, ZERO_TID, 'first']]);
      const heard: unknown[] = [];
      storage.onInvalidate((tid) => heard.push(tid));
      const transaction = storage.begin({});
      transaction.store(one, first, bytes('second'));
      transaction.vote();
      if ('at' in failure) disk.failAt(failure.at, 'EIO');
      else disk.failAt(Number.POSITIVE_INFINITY, 'EIO', { sync: true });
      expect(() => transaction.finish((tid) => heard.push(tid)))
        .to.throw(/EIO/)
        .with.property('code', 'COMMIT_OUTCOME_UNKNOWN');
      expect(heard).to.deep.equal([]);
      disk.mend();
      expect(() => storage.begin({})).to.throw(/reopen/);
      expect(text(storage.load(one)?.data)).to.equal('first');
      storage.close();
      using reopened = new FileStorage(file);
      expect(text(reopened.load(one)?.data)).to.equal('at' in failure ? 'first' : 'second');
    });

  it('waits for the disk once in a commit, and not at all when told so', () => {
    for (const [fsync, syncs] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const disk = failingDisk();
      using storage = new FileStorage(path(`${fsync}.fs`), { ...disk.options, fsync });
      commit(storage, [[one, ZERO_TID, 'first']]);
      expect(disk.syncs()).to.equal(syncs);
    }
  });

  it('opens a file that something cut to any length as what is complete in it, or with a typed error', () => {
    const file = path('Data.fs');
    const ends: number[] = [4];
    const tids: Tid[] = [];
    {
      using storage = new FileStorage(file);
      for (let i = 0; i < 4; i++) {
        tids.push(commit(storage, [[BigInt(i) as Oid, ZERO_TID, `number ${i}`]]));
        ends.push(storage.size());
      }
    }
    for (let length = statSync(file).size; length >= 0; length--) {
      truncateSync(file, length);
      const complete = Math.max(0, ends.filter((end) => end <= length).length - 1);
      if (length > 0 && length < 4) {
        expect(() => new FileStorage(file, { readOnly: true }))
          .to.throw()
          .with.property('code', 'FORMAT');
      } else {
        using storage = new FileStorage(file, { readOnly: true });
        expect(
          [...storage.iterate()].map(({ tid }) => tid),
          `${length} bytes`,
        ).to.deep.equal(tids.slice(0, complete));
      }
    }
  });
});

type Change = readonly [oid: Oid, serial: Tid, value: string];

function commit(storage: FileStorage, changes: readonly Change[], metadata = {}, tid?: Tid): Tid {
  const transaction = storage.begin(metadata, tid);
  for (const [oid, serial, value] of changes) transaction.store(oid, serial, bytes(value));
  transaction.vote();
  return transaction.finish();
}

function seen(storage: FileStorage): unknown {
  return [...storage.iterate()].map((transaction) => [
    transaction.tid,
    [...transaction.records()].map(({ data }) => text(data)),
  ]);
}

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const text = (data: Uint8Array | undefined): string | undefined =>
  data && new TextDecoder().decode(data);

interface FailingDisk {
  readonly options: FileStorageOptions;
  /** The write that fails, counted from now; with `truncate` and `sync` these fail too. */
  failAt(write: number, code: string, also?: { truncate?: boolean; sync?: boolean }): void;
  mend(): void;
  syncs(): number;
}

function failingDisk(): FailingDisk {
  let left = Number.POSITIVE_INFINITY;
  let failure = '';
  let failing: { truncate?: boolean; sync?: boolean } = {};
  let syncs = 0;
  const fail = (): never => {
    throw Object.assign(new Error(`${failure}: made by a test`), { code: failure });
  };
  const wrapWriter = (writer: FileWriter): FileWriter => ({
    write(data, position) {
      left--;
      // As on a full disk: a part is written before the error.
      if (left === 0) writer.write(data.subarray(0, data.length >> 1), position);
      if (left <= 0) fail();
      writer.write(data, position);
    },
    truncate: (length) => (failing.truncate ? fail() : writer.truncate(length)),
    sync() {
      syncs++;
      if (failing.sync) fail();
      writer.sync();
    },
    close: () => writer.close(),
  });
  return {
    options: { wrapWriter },
    failAt(write, code, also = {}) {
      left = write;
      failure = code;
      failing = also;
    },
    mend() {
      left = Number.POSITIVE_INFINITY;
      failing = {};
    },
    syncs: () => syncs,
  };
}
