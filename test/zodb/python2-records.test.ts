import { expect } from 'chai';
import type { OOBucket } from '../../src/btrees/index.ts';
import '../../src/register.ts';
import { MappingStorage } from '../../src/memory/index.ts';
import { decodeAll, encode, float, type PyDict } from '../../src/pickle/index.ts';
import { joined } from '../../src/pickle/output.ts';
import { registerClass } from '../../src/zodb/classes.ts';
import { DB } from '../../src/zodb/database.ts';
import { type Oid, oid, ZERO_TID } from '../../src/zodb/ids.ts';
import type { PersistentMapping } from '../../src/zodb/mapping.ts';
import { Persistent } from '../../src/zodb/persistent.ts';
import { TransactionManager } from '../../src/zodb/transaction-manager.ts';
import { raw, text } from '../pickle/raw.ts';

class Note extends Persistent {
  title = '';
}
registerClass(Note, 'test.python2.Note', 'test.python1.Note');

const MAPPING = 'cpersistent.mapping\nPersistentMapping\nq\x01.';
const ROOT = (protocol: string, entries: string): string =>
  `${protocol}${MAPPING}${protocol}}q\x02U\x04dataq\x03}q\x04${entries}s.`;

/** A database of Python 2 that holds these records. */
function database(records: readonly string[]): DB {
  const storage = new MappingStorage();
  (storage as { dialect: string }).dialect = 'python2';
  const begun = storage.begin({});
  for (const [number, record] of records.entries())
    begun.store(oid(BigInt(number)), ZERO_TID, raw(record));
  begun.vote();
  begun.finish();
  return new DB(storage);
}

/** The records of a database after a change, as text. */
function changed(
  records: readonly string[],
  change: (root: PersistentMapping, get: (oid: number) => any) => void,
): string[] {
  const db = database(records);
  const transactionManager = new TransactionManager();
  const connection = db.open({ transactionManager });
  change(connection.root, (number) => connection.get(BigInt(number) as Oid));
  transactionManager.commit();
  const written: string[] = [];
  for (let number = 0; number < 3; number++) {
    try {
      const loaded = db.storage.load(oid(BigInt(number)));
      if (loaded !== undefined) written.push(text(loaded.data));
    } catch {}
  }
  db.close();
  return written;
}

describe('records of a database of Python 2', () => {
  for (const [name, protocol] of [
    ['1', ''],
    ['2', '\x80\x02'],
    ['3', '\x80\x03'],
  ] as const) {
    it(`change by one string for one change, in protocol ${name}`, () => {
      const entries = (value: string): string =>
        `(U\x03oneq\x05X\x03\0\0\0dosq\x06U\x03two${'q\x07'}${value}q\x08u`;
      const [root] = changed([ROOT(protocol, entries('U\x03old'))], (mapping) => {
        mapping.set('two', 'new');
      });
      expect(root).to.equal(ROOT(protocol, entries('U\x03new')));
    });

    it(`refer to new objects as Python 2 does, which are written in protocol ${name} too`, () => {
      const [root, note] = changed([ROOT(protocol, '')], (mapping) => {
        const made = new Note();
        made.title = 'text';
        mapping.set('note', made);
      });
      const oidBytes = `${protocol === '\x80\x03' ? 'C' : 'U'}\x08\0\0\0\0\0\0\0\x01`;
      const put = protocol === '\x80\x03' ? '' : 'q\x06';
      const next = protocol === '\x80\x03' ? 'q\x06' : 'q\x07';
      const pair = `ctest.python2\nNote\n${next}${protocol === '' ? 't' : '\x86'}Q`;
      const reference = `${protocol === '' ? '(' : ''}${oidBytes}${put}${pair}`;
      expect(root).to.equal(ROOT(protocol, `U\x04noteq\x05${reference}s`));
      expect(note).to.equal(
        `${protocol}ctest.python2\nNote\nq\x01.${protocol}}q\x02U\x05titleq\x03U\x04textq\x04s.`,
      );
    });
  }

  it('keep the class under the name that it was read by', () => {
    const record = 'ctest.python1\nNote\nq\x01.}q\x02U\x05titleq\x03U\x03oldq\x04s.';
    const [, note] = changed([ROOT('', ''), record], (_, get) => {
      get(1).title = 'new';
    });
    expect(note).to.equal(record.replace('old', 'new'));
  });

  it('are merged in their dialect, and what is said of a transaction is Python 2 too', () => {
    const bucket = (items: string): string =>
      `\x80\x02cBTrees.OOBTree\nOOBucket\nq\x01.\x80\x02(${items}t\x85q\x04.`;
    const db = database([
      ROOT('\x80\x02', ''),
      bucket('X\x02\0\0\0aaq\x02K\x01X\x02\0\0\0ccq\x03K\x02'),
    ]);
    const [one, two] = [new TransactionManager(), new TransactionManager()];
    const get = (transactionManager: TransactionManager) =>
      db.open({ transactionManager }).get(1n as Oid) as unknown as InstanceType<typeof OOBucket>;
    const [mine, yours] = [get(one), get(two)];
    mine.set('bb', 3);
    yours.set('dd', 4);
    one.get().setExtendedInfo('who', 'me');
    one.commit();
    two.commit();
    const record = text(db.storage.load(oid(1n))?.data as Uint8Array);
    expect(record.slice(0, 2)).to.equal('\x80\x02');
    const keys = record.split('X\x02\0\0\0').slice(1);
    expect(keys.map((key) => key.slice(0, 2))).to.deep.equal(['aa', 'bb', 'cc', 'dd']);
    const said = [...(db.storage.iterate?.() ?? [])].map(({ extension }) => text(extension));
    expect(said).to.include('}q\x01U\x03whoq\x02U\x02meq\x03s.');
    db.close();
  });

  it('keep unicode keys of buckets, and new ones are as all others are', () => {
    const bucket = `\x80\x02cBTrees.OOBTree\nOOBucket\nq\x01.\x80\x02X\x02\0\0\0aaq\x02K\x01X\x02\0\0\0ccq\x03K\x02tq`;
    const record = bucket.replace('.\x80\x02X', '.\x80\x02(X').replace(/tq$/, 't\x85q\x04.');
    const [, written] = changed([ROOT('\x80\x02', ''), record], (_, get) => {
      (get(1) as InstanceType<typeof OOBucket>).set('bb', 3);
    });
    const keys = (written as string).split('X\x02\0\0\0').slice(1);
    expect(keys.map((key) => key.slice(0, 2))).to.deep.equal(['aa', 'bb', 'cc']);
  });
});

describe('floats that a program stores', () => {
  it('are known as such in the same session, as they are once they have been loaded', () => {
    const db = new DB(new MappingStorage());
    const transactionManager = new TransactionManager();
    const { root } = db.open({ transactionManager });
    const note = new Note() as Note & Record<string, unknown>;
    root.set('price', 12.5).set('note', note).set('count', 1);
    note['score'] = 0.5;
    transactionManager.commit();
    root.set('price', 13).set('count', 2);
    note['score'] = 1;
    transactionManager.commit();
    const state = (number: bigint): unknown =>
      decodeAll(joined([db.storage.load(oid(number))?.data as Uint8Array]), { exact: true })[1];
    const data = (state(0n) as PyDict).get('data') as PyDict;
    expect(data.get('price')).to.deep.equal(float(13));
    expect(data.get('count')).to.equal(2);
    expect((state(1n) as PyDict).get('score')).to.deep.equal(float(1));
    db.close();
    expect(encode(13)).not.to.deep.equal(encode(float(13)));
  });
});
