import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import type { Oid, Tid } from '../../src/zodb/ids.ts';
import { buildFile } from './build.ts';
import { testFolder } from './folder.ts';

const tid = (n: number): Tid => (0x0400_0000_0000_0000n + BigInt(n)) as Tid;
const one = 1n as Oid;

// add, change, undo the change, undo that, undo the undo of the change again, undo the addition, undo that
const UNDONE = [
  { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
  { tid: tid(1), records: [{ oid: 1n, data: 'second' }] },
  { tid: tid(2), records: [{ oid: 1n, data: 0 }] },
  { tid: tid(3), records: [{ oid: 1n, data: 1 }] },
  { tid: tid(4), records: [{ oid: 1n, data: 2 }] },
  { tid: tid(5), records: [{ oid: 1n, data: null }] },
  { tid: tid(6), records: [{ oid: 1n, data: 5 }] },
] as const;

const DATA = ['first', 'second', 'first', 'second', 'first', undefined, undefined];

describe('records that point back', () => {
  const path = testFolder();

  for (let last = 0; last < UNDONE.length; last++)
    it(`show what they point to, as of transaction ${last}`, () => {
      buildFile(path('Data.fs'), UNDONE.slice(0, last + 1));
      using storage = new FileStorage(path('Data.fs'), { readOnly: true });
      expect(storage.findings).to.deep.equal([]);
      for (let at = 0; at <= last; at++) {
        const next = at < last ? tid(at + 1) : undefined;
        const found = attempt(() => storage.load(one, tid(at + 1)));
        if (DATA[at] === undefined) {
          expect(found).to.deep.equal(['POS_KEY', one, tid(at)]);
          expect(attempt(() => storage.loadSerial(one, tid(at)))).to.deep.equal(found);
        } else {
          const { data, ...rest } = found as { data: Uint8Array };
          expect(text(data)).to.equal(DATA[at]);
          expect(rest).to.deep.equal({ tid: tid(at), next });
          expect(text(storage.loadSerial(one, tid(at)))).to.equal(DATA[at]);
        }
      }
    });

  it('are iterated with their data and the transaction that they name', () => {
    buildFile(path('Data.fs'), UNDONE);
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    const seen = [...storage.iterate()].flatMap((transaction) =>
      [...transaction.records()].map(({ data, dataTid }) => [text(data), dataTid]),
    );
    expect(seen).to.deep.equal([
      ['first', undefined],
      ['second', undefined],
      ['first', tid(0)],
      ['second', tid(1)],
      ['first', tid(2)],
      [undefined, undefined],
      [undefined, tid(5)],
    ]);
  });

  it('say that an object has no tid only where it ceased to exist in the newest record itself', () => {
    buildFile(path('Data.fs'), UNDONE.slice(0, 6));
    using ceased = new FileStorage(path('Data.fs'), { readOnly: true });
    expect(attempt(() => ceased.getTid(one))).to.deep.equal(['POS_KEY', one, tid(5)]);
    buildFile(path('chain.fs'), UNDONE);
    using chain = new FileStorage(path('chain.fs'), { readOnly: true });
    expect(chain.getTid(one)).to.equal(tid(6));
  });

  it('want the tid of the newest record of a conflicting store, also of one where the object ceased to exist', () => {
    buildFile(path('Data.fs'), UNDONE.slice(0, 6));
    using storage = new FileStorage(path('Data.fs'));
    const transaction = storage.begin({});
    expect(() => transaction.store(one, tid(4), Uint8Array.of(1)))
      .to.throw()
      .with.property('code', 'CONFLICT');
    transaction.store(one, tid(5), Uint8Array.of(1));
    transaction.vote();
    transaction.finish();
    expect(storage.load(one)?.data).to.deep.equal(Uint8Array.of(1));
  });

  for (const [title, target] of [
    ['forward', 0xffff],
    ['to themselves', 137],
    ['to what is no record of the object', 10],
  ] as const)
    it(`are a typed error where they point ${title}`, () => {
      buildFile(path('Data.fs'), UNDONE.slice(0, 3));
      const bytes = readFileSync(path('Data.fs'));
      bytes.writeBigUInt64BE(BigInt(target), bytes.length - 16);
      writeFileSync(path('Data.fs'), bytes);
      using storage = new FileStorage(path('Data.fs'), { readOnly: true });
      const outcome = attempt(() => storage.load(one)) as unknown[];
      expect(outcome[0]).to.equal('CORRUPTED');
      const iterated = attempt(() => [...storage.iterate()].map((t) => [...t.records()]));
      expect((iterated as unknown[])[0]).to.equal('CORRUPTED');
    });

  it('of a version, as files of long ago have, are errors that name them; other objects can be read', () => {
    buildFile(path('Data.fs'), [
      { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), records: [{ oid: 2n, data: 'nowhere'.padEnd(50) }] },
      { tid: tid(2), records: [{ oid: 3n, data: 'third' }] },
    ]);
    const bytes = readFileSync(path('Data.fs'));
    const record = bytes.indexOf('nowhere') - 42;
    // Two positions and the name "version" stand before what is left of the data.
    bytes.writeUInt16BE(7, record + 32);
    bytes.writeUInt32BE(50 - 16 - 7, record + 38);
    writeFileSync(path('Data.fs'), bytes);
    expect(attempt(() => new FileStorage(path('Data.fs')))).to.include('FORMAT');
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    expect(storage.findings.map(({ position }) => position)).to.deep.equal([record]);
    expect([1n, 3n].map((oid) => text(storage.load(oid as Oid)?.data))).to.deep.equal([
      'first',
      'third',
    ]);
    expect(() => storage.load(2n as Oid))
      .to.throw(/version/)
      .with.property('position', record);
    expect(() => [...storage.iterate()].map((t) => [...t.records()]))
      .to.throw(/version/)
      .with.property('position', record);
  });

  it('leave out a transaction that was marked as undone', () => {
    buildFile(path('Data.fs'), [
      { tid: tid(0), records: [{ oid: 1n, data: 'first' }] },
      { tid: tid(1), status: 'undone', records: [{ oid: 2n, data: 'undone' }] },
      { tid: tid(2), status: 'packed', records: [{ oid: 3n, data: 'third' }] },
    ]);
    using storage = new FileStorage(path('Data.fs'), { readOnly: true });
    expect([...storage.iterate()].map((t) => [t.tid, t.status])).to.deep.equal([
      [tid(0), ' '],
      [tid(2), 'p'],
    ]);
    expect(attempt(() => storage.load(2n as Oid))).to.deep.equal(['POS_KEY', 2n, undefined]);
    expect(storage.length()).to.equal(2);
  });
});

function text(data: Uint8Array | undefined): string | undefined {
  return data && new TextDecoder().decode(data);
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    const { code, oid, tid: failed } = error as { code: string; oid?: Oid; tid?: Tid };
    return [code, oid, failed];
  }
}
