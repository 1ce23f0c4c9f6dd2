import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { copyTransactions } from '../../src/tools/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { StorageTransaction } from '../../src/zodb/storage.ts';
import { buildFile } from './build.ts';
import { testFolder } from './folder.ts';

const tid = (n: number): Tid => (0x0400_0000_0000_0000n + BigInt(n)) as Tid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ONE = 1n as Oid;

describe('undo in a FileStorage', () => {
  const path = testFolder();

  it('writes the records that point back as Python does', () => {
    // add, change, undo the change, undo that, undo the addition after undoing the change again
    buildFile(path('expected.fs'), [
      { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), records: [{ oid: 1n, data: 'second' }] },
      { tid: tid(2), records: [{ oid: 1n, data: 0 }] },
      { tid: tid(3), records: [{ oid: 1n, data: 1 }] },
      { tid: tid(4), records: [{ oid: 1n, data: 2 }] },
      { tid: tid(5), records: [{ oid: 1n, data: null }] },
      { tid: tid(6), records: [{ oid: 1n, data: 4 }] },
    ]);
    using storage = new FileStorage(path('Data.fs'));
    const steps: ((transaction: Required<StorageTransaction>) => unknown)[] = [
      (t) => t.store(ONE, ZERO_TID, bytes('first')),
      (t) => t.store(ONE, tid(0), bytes('second')),
      (t) => t.undo(tid(1)),
      (t) => t.undo(tid(2)),
      (t) => t.undo(tid(3)),
      (t) => t.undo(tid(0)),
      (t) => t.undo(tid(5)),
    ];
    steps.forEach((step, n) => {
      commit(storage, tid(n), step);
    });
    expect(readFileSync(path('Data.fs'))).to.deep.equal(readFileSync(path('expected.fs')));
  });

  it('sees what the transaction has undone before, also where that is in the file already', () => {
    using storage = new FileStorage(path('Data.fs'));
    const big = (byte: number): Uint8Array => new Uint8Array(3 << 20).fill(byte);
    [1, 2, 3].forEach((byte, n) => {
      commit(storage, tid(n), (t) => t.store(ONE, n === 0 ? ZERO_TID : tid(n - 1), big(byte)));
    });
    commit(storage, tid(3), (t) => t.store(ONE, tid(2), big(4)));
    // Merging puts data of this length into the file before it is undone again.
    storage.resolveConflict = ({ data }) => data;
    commit(storage, tid(4), (t) => {
      t.undo(tid(1));
      t.undo(tid(2));
    });
    expect(storage.load(ONE)?.data[0]).to.equal(2);
    expect(storage.findings).to.deep.equal([]);
  });

  it('leaves nothing of an undo that failed', () => {
    using storage = new FileStorage(path('Data.fs'));
    commit(storage, tid(0), (t) => {
      for (const oid of [1n, 2n]) t.store(oid as Oid, ZERO_TID, bytes('first'));
    });
    commit(storage, tid(1), (t) => {
      for (const oid of [1n, 2n]) t.store(oid as Oid, tid(0), bytes('second'));
    });
    commit(storage, tid(2), (t) => t.store(2n as Oid, tid(1), bytes('third')));
    const before = readFileSync(path('Data.fs'));
    const transaction = storage.begin({});
    expect(() => transaction.undo(tid(1)))
      .to.throw(/oid 0000000000000002/)
      .with.property('code', 'MULTIPLE_UNDO');
    expect(() => transaction.vote())
      .to.throw()
      .with.property('code', 'STORAGE_TRANSACTION');
    transaction.abort();
    expect(readFileSync(path('Data.fs'))).to.deep.equal(before);
    commit(storage, tid(3), (t) => t.undo(tid(2)));
    commit(storage, tid(4), (t) => t.undo(tid(1)));
    expect(storage.load(2n as Oid)?.data).to.deep.equal(bytes('first'));
  });

  it('does not undo packed transactions, nor list what precedes one', () => {
    buildFile(path('Data.fs'), [
      { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), status: 'packed', records: [{ oid: 1n, data: 'second' }] },
      { tid: tid(2), status: 'undone', records: [{ oid: 1n, data: 'no' }] },
      { tid: tid(3), records: [{ oid: 2n, data: 'third' }] },
    ]);
    using storage = new FileStorage(path('Data.fs'));
    expect(storage.undoLog().map((entry) => entry.tid)).to.deep.equal([tid(3)]);
    const transaction = storage.begin({});
    for (const n of [1, 2])
      expect(() => transaction.undo(tid(n)))
        .to.throw()
        .with.property('code', 'UNDO');
    transaction.abort();
  });
});

describe('copyTransactions', () => {
  const path = testFolder();

  it('makes a file of the same bytes, with undos, deletions, doubled records and empty transactions', () => {
    buildFile(path('Data.fs'), [
      { tid: tid(0), user: 'u', description: 'd', records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), extension: '\x80\x03}.', records: [{ oid: 1n, data: 'second' }] },
      { tid: tid(2) },
      {
        tid: tid(3),
        records: [
          { oid: 1n, data: 'third' },
          { oid: 1n, data: 'fourth' },
        ],
      },
      { tid: tid(4), records: [{ oid: 1n, data: 1 }] },
      { tid: tid(5), records: [{ oid: 1n, data: 4 }] },
      { tid: tid(6), records: [{ oid: 1n, data: null }] },
      { tid: tid(7), records: [{ oid: 1n, data: 6 }] },
    ]);
    using from = new FileStorage(path('Data.fs'), { readOnly: true });
    using to = new FileStorage(path('copy.fs'));
    expect(copyTransactions(from, to)).to.equal(8);
    expect(readFileSync(path('copy.fs'))).to.deep.equal(readFileSync(path('Data.fs')));
  });

  it('copies a range, whose records that repeat what is not copied get data, and stops when told so', () => {
    buildFile(path('Data.fs'), [
      { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), status: 'packed', records: [{ oid: 1n, data: 'second' }] },
      { tid: tid(2), records: [{ oid: 1n, data: 0 }] },
      { tid: tid(3), records: [{ oid: 1n, data: null }] },
    ]);
    using from = new FileStorage(path('Data.fs'), { readOnly: true });
    using to = new FileStorage(path('copy.fs'));
    const seen: Tid[] = [];
    const onProgress = (at: Tid): boolean => seen.push(at) < 2;
    expect(copyTransactions(from, to, { start: tid(1), onProgress })).to.equal(2);
    expect(seen).to.deep.equal([tid(1), tid(2)]);
    expect([...to.iterate()].map(({ status }) => status)).to.deep.equal(['p', ' ']);
    expect(to.load(ONE)?.data).to.deep.equal(bytes('first'));
  });
});

describe('a FileStorage with a quota', () => {
  const path = testFolder();

  it('takes no record that would begin behind it, and commits what it has', () => {
    using storage = new FileStorage(path('Data.fs'), { quota: 100 });
    const transaction = storage.begin({});
    for (const oid of [1n, 2n]) transaction.store(oid as Oid, ZERO_TID, new Uint8Array(30));
    expect(() => transaction.store(3n as Oid, ZERO_TID, new Uint8Array(30)))
      .to.throw(/100 bytes/)
      .with.property('code', 'QUOTA');
    transaction.vote();
    transaction.finish();
    expect(storage.length()).to.equal(2);
  });
});

describe('a FileStorage of Python 2', () => {
  const path = testFolder();

  it('is written only when asked for, and stays one', () => {
    buildFile(path('Data.fs'), [{ tid: tid(0), records: [{ oid: 1n, data: 'x' }] }], 'FS21');
    expect(() => new FileStorage(path('Data.fs')))
      .to.throw(/python2: 'write'/)
      .with.property('code', 'FORMAT');
    {
      using storage = new FileStorage(path('Data.fs'), { python2: 'write' });
      expect(storage.dialect).to.equal('python2');
      commit(storage, tid(1), (t) => t.store(ONE, tid(0), bytes('y')));
    }
    expect(readFileSync(path('Data.fs')).toString('latin1', 0, 4)).to.equal('FS21');
    using made = new FileStorage(path('new.fs'), { format: 'FS21' });
    expect(made.dialect).to.equal('python2');
  });
});

function commit(
  storage: FileStorage,
  at: Tid,
  act: (transaction: ReturnType<FileStorage['begin']>) => unknown,
): void {
  const transaction = storage.begin({}, at);
  act(transaction);
  transaction.vote();
  transaction.finish();
}
