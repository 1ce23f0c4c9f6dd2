import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage, recover } from '../../src/filestorage/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import { damage } from './damages.ts';
import { testFolder } from './folder.ts';
import { record, textOf } from './records.ts';

describe('recover', () => {
  const path = testFolder();

  it('copies an intact file byte for byte', () => {
    const bytes = make(path('Data.fs'));
    const report = recover(path('Data.fs'), path('new.fs'));
    expect(readFileSync(path('new.fs'))).to.deep.equal(bytes);
    expect(report).to.deep.equal({
      transactions: 10,
      records: 19,
      sizeBefore: bytes.length,
      sizeAfter: bytes.length,
      spans: [],
      spanCount: 0,
      changedTids: [],
      lostRecords: [],
      lostRecordCount: 0,
    });
  });

  it('has every transaction outside of the damage, and says where that is', () => {
    const bytes = make(path('Data.fs'));
    const whole = contents(path('Data.fs'));
    for (let seed = 1; seed <= 60; seed++) {
      const { kind, bytes: damaged, start, end } = damage(bytes, seed);
      writeFileSync(path('damaged.fs'), damaged);
      const report = recover(path('damaged.fs'), path(`${seed}.fs`));
      const found = contents(path(`${seed}.fs`));
      for (const [tid, transaction] of whole)
        if (transaction.end <= start || transaction.start >= end)
          expect(found.get(tid)?.texts, `seed ${seed}, ${kind} at ${start}, ${tid}`).to.deep.equal(
            transaction.texts,
          );
      const missing = [...whole.keys()].filter((tid) => !found.has(tid));
      const told = [...report.spans, ...report.changedTids];
      if (missing.length > 0 && kind !== 'a missing end')
        expect(told, `seed ${seed}, ${kind}`).to.not.deep.equal([]);
    }
  });

  it('mends a wrong length of a record, of a transaction, and behind it', () => {
    const bytes = make(path('Data.fs'));
    const [, second] = [...contents(path('Data.fs')).values()] as { start: number; end: number }[];
    const { start, end } = second as { start: number; end: number };
    for (const at of [start + 8 + 5, start + 31 + 34 + 6, end - 3]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = 0x55;
      writeFileSync(path(`${at}.fs`), damaged);
      const report = recover(path(`${at}.fs`), path(`${at}.new.fs`));
      expect(readFileSync(path(`${at}.new.fs`)).equals(bytes), `byte ${at - start}`).to.equal(true);
      expect(report.spanCount, `byte ${at - start}`).to.equal(1);
    }
  });

  it('keeps what is left of a transaction without an end only if told to', () => {
    const bytes = make(path('Data.fs'));
    writeFileSync(path('cut.fs'), bytes.subarray(0, bytes.length - 12));
    expect(recover(path('cut.fs'), path('whole.fs'))).to.include({ transactions: 9 });
    const report = recover(path('cut.fs'), path('part.fs'), { partial: true });
    expect(report).to.include({ transactions: 10, records: 18, lostRecordCount: 1 });
  });

  it('refuses what is no data file, an existing target, and leaves nothing when it is stopped', () => {
    make(path('Data.fs'));
    writeFileSync(path('text'), 'This is a text and no data file at all, but a long one.');
    expect(() => recover(path('text'), path('new.fs'))).to.throw('not a FileStorage');
    expect(() => recover(path('Data.fs'), path('text'))).to.throw('there is such a file already');
    expect(() => recover(path('none'), path('new.fs'))).to.throw('no such file');
    expect(() => recover(path('Data.fs'), '')).to.throw('the paths of');
    const onProgress = ({ done, total }: { done: number; total: number }) => done < total / 2;
    expect(() => recover(path('Data.fs'), path('new.fs'), { onProgress })).to.throw('stopped');
    expect(existsSync(path('new.fs'))).to.equal(false);
    expect(existsSync(path('new.fs.index'))).to.equal(false);
  });
});

// Ten transactions of two objects (the first of one) each.
function make(file: string): Buffer {
  const storage = new FileStorage(file, { fsync: false });
  let serial = ZERO_TID;
  for (let i = 0; i < 10; i++) {
    const transaction = storage.begin({ description: `number ${i}` }, (1000n + BigInt(i)) as Tid);
    transaction.store(0n as Oid, serial, record(`root ${i}`.repeat(i + 1), [1n]));
    if (i > 0) transaction.store(1n as Oid, i === 1 ? ZERO_TID : serial, record(`other ${i}`));
    transaction.vote();
    serial = transaction.finish();
  }
  storage.close();
  return readFileSync(file);
}

interface Contents {
  readonly start: number;
  readonly end: number;
  readonly texts: readonly string[];
}

function contents(file: string): Map<Tid, Contents> {
  using storage = new FileStorage(file, { readOnly: true });
  return new Map(
    [...storage.iterate()].map((transaction) => [
      transaction.tid,
      {
        start: transaction.position,
        end: transaction.end,
        texts: [...transaction.records()].map(({ data }) => (data ? textOf(data) : '')),
      },
    ]),
  );
}
