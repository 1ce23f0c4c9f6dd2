import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { readLong } from '../../src/filestorage/format.ts';
import { FileStorage } from '../../src/filestorage/index.ts';
import { idBytes } from '../../src/zodb/bytes.ts';
import type { Oid } from '../../src/zodb/ids.ts';
import type { TransactionRecord } from '../../src/zodb/storage.ts';
import { corpusFiles, type Oracle } from './corpus.ts';

const files = corpusFiles();

describe('FileStorage on files of others', () => {
  if (files.length === 0) it.skip('needs the corpus, which is absent');

  for (const { name, file, oracle } of files) {
    it(`reads ${name} as two independent readers did`, () => {
      const storage = new FileStorage(file, { readOnly: true });
      try {
        expect(seen(storage)).to.deep.equal(pick(oracle));
        expect(storage.findings).to.deep.equal([]);
      } finally {
        storage.close();
      }
    });
  }
});

type Seen = ReturnType<typeof pick>;

function pick(oracle: Oracle) {
  const { transactions, records, distinct_oids, current_objects } = oracle;
  const { records_sha256, records_raw_sha256, current_sha256, txn_sha256 } = oracle;
  const hashes = { records_sha256, records_raw_sha256, current_sha256, txn_sha256 };
  return { transactions, records, distinct_oids, current_objects, ...hashes };
}

function seen(storage: FileStorage): Seen {
  const [recordsHash, rawHash, transactionsHash, currentHash] = hashes();
  const oids = new Set<Oid>();
  let transactions = 0;
  let records = 0;
  for (const transaction of storage.iterate()) {
    transactions++;
    hashTransaction(transactionsHash, transaction);
    for (const record of transaction.records()) {
      records++;
      oids.add(record.oid);
      recordsHash.update(idBytes(record.tid)).update(idBytes(record.oid));
      recordsHash.update(record.data ?? '');
      rawHash.update(idBytes(record.tid)).update(idBytes(record.oid));
      rawHash.update(rawData(storage, record.position as number));
    }
  }
  let currentObjects = 0;
  for (const oid of [...oids].sort((a, b) => (a < b ? -1 : 1))) {
    const data = current(storage, oid);
    if (data === undefined) continue;
    currentObjects++;
    currentHash.update(idBytes(oid)).update(data);
  }
  return {
    transactions,
    records,
    distinct_oids: oids.size,
    current_objects: currentObjects,
    records_sha256: recordsHash.digest('hex'),
    records_raw_sha256: rawHash.digest('hex'),
    current_sha256: currentHash.digest('hex'),
    txn_sha256: transactionsHash.digest('hex'),
  };
}

function hashes() {
  const sha256 = () => createHash('sha256');
  return [sha256(), sha256(), sha256(), sha256()] as const;
}

function hashTransaction(hash: ReturnType<typeof createHash>, transaction: TransactionRecord) {
  hash.update(idBytes(transaction.tid)).update(transaction.status, 'latin1');
  for (const text of [transaction.user, transaction.description, transaction.extension])
    hash.update(Uint8Array.of(text.length >>> 8, text.length)).update(text);
}

function rawData(storage: FileStorage, position: number): Uint8Array {
  const header = new Uint8Array(42);
  storage.readAt(position, header);
  const data = new Uint8Array(readLong(header, 34) || 8);
  storage.readAt(position + 42, data);
  return data;
}

function current(storage: FileStorage, oid: Oid): Uint8Array | undefined {
  try {
    return storage.load(oid)?.data;
  } catch (error) {
    expect(error).to.include({ code: 'POS_KEY', oid });
    return undefined;
  }
}
