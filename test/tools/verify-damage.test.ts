import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import '../../src/register.ts';
import { LOBTree } from '../../src/btrees/index.ts';
import { FileStorage } from '../../src/filestorage/index.ts';
import { readIndexFile } from '../../src/filestorage/index-file.ts';
import { isDamaged, type Problem, verify } from '../../src/tools/index.ts';
import { DB } from '../../src/zodb/database.ts';
import type { Oid } from '../../src/zodb/ids.ts';
import { testFolder } from '../filestorage/folder.ts';
import { indexBytes } from '../filestorage/index-bytes.ts';
import { record } from '../filestorage/records.ts';

describe('verify', () => {
  const path = testFolder();
  const problems = (roundtrip = false): readonly Problem[] => {
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    const result = verify(storage, { roundtrip });
    expect(isDamaged(result)).to.equal(result.problems.length > 0);
    return result.problems;
  };

  it('is silent on an intact file, and on a packed one', () => {
    tree();
    expect(problems(true)).to.deep.equal([]);
    {
      using storage = new FileStorage(path('Data.fs'));
      storage.pack();
    }
    expect(problems(true)).to.deep.equal([]);
  });

  it('names references of current records that lead nowhere, and no others', () => {
    using storage = new FileStorage(path('Data.fs'));
    const store = (records: readonly (readonly [oid: bigint, references: bigint[]])[]) => {
      const transaction = storage.begin({});
      for (const [oid, references] of records)
        transaction.restore(oid as Oid, record('text', references));
      transaction.vote();
      return transaction.finish();
    };
    const tid = store([
      [0n, [1n, 7n]],
      [1n, [0n, 5n]],
      [2n, []],
    ]);
    store([[1n, [0n]]]);
    const transaction = storage.begin({});
    transaction.restore(0n as Oid, record('text', [1n, 7n, 7n, 2n]));
    transaction.deleteObject(2n as Oid, tid);
    transaction.vote();
    transaction.finish();
    expect(problems().map(({ oid, message }) => [oid, message])).to.deep.equal([
      ['0000000000000000', 'refers to 0000000000000007, which is not there'],
      ['0000000000000000', 'refers to 0000000000000002, which no longer exists'],
    ]);
  });

  it('finds with a round trip that the parts of a BTree contradict each other', () => {
    const oids = tree();
    {
      using storage = new FileStorage(path('Data.fs'));
      const transaction = storage.begin({});
      const [one, other] = oids as [Oid, Oid];
      const data = storage.load(other)?.data as Uint8Array;
      transaction.store(one, storage.getTid(one), data);
      transaction.vote();
      transaction.finish();
    }
    expect(problems()).to.deep.equal([]);
    expect(problems(true).map(({ message }) => message)).to.satisfy((messages: string[]) =>
      messages.some((message) => /is not below|is below its bound/.test(message)),
    );
  });

  it('does not believe an index file that opening believes', () => {
    tree();
    const { index } = readIndexFile(readFileSync(path('Data.fs.index')));
    index.set(1n as Oid, index.get(0n as Oid));
    writeFileSync(path('Data.fs.index'), indexBytes(index));
    const messages = problems().map(({ message }) => message);
    expect(messages).to.include(
      'the index does not name this record, the newest of 0000000000000001',
    );
  });

  it('goes on behind a damaged transaction', () => {
    tree();
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    const [first] = storage.iterate();
    const bytes = readFileSync(path('Data.fs'));
    // The place that the first record of the second transaction says to stand in.
    bytes[(first?.end ?? 0) + 23 + 24 + 7] = 0xff;
    writeFileSync(path('Data.fs'), bytes);
    const result = verify(storage);
    expect(result.transactions).to.equal(3);
    expect(result.problems.length).to.be.within(1, 3);
  });

  // Three transactions: the root, a tree, an object; the oids of the tree's first two buckets.
  function tree(): Oid[] {
    const db = new DB(new FileStorage(path('Data.fs')));
    const oids: Oid[] = [];
    db.transaction((connection) => {
      const made = new LOBTree<string>();
      for (let i = 0; i < 300; i++) made.set(i, `value ${i}`);
      connection.root.set('tree', made);
    });
    db.transaction((connection) => connection.root.set('more', 1));
    for (const oid of [...db.storage.iterate()].flatMap((t) => [...t.records()].map((r) => r.oid)))
      if (oid > 1n && !oids.includes(oid)) oids.push(oid);
    db.close();
    return oids;
  }
});
