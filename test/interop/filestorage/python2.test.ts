// Files of Python 2 (FS21) that Python 2.7's ZODB and Node write in turns.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { formatId, ROOT_OID, type Tid, ZERO_TID } from '../../../src/zodb/ids.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { toHex } from '../../hex.ts';
import { peer } from '../peers.ts';

const SCRIPT = 'filestorage/python2.py';
// An empty PersistentMapping, as Python 2 writes it.
const MAPPING = Buffer.from(
  '800363' +
    Buffer.from('persistent.mapping\nPersistentMapping\n').toString('hex') +
    '71012e80037d71025504646174617103' +
    '7d71' +
    '04732e',
  'hex',
);

interface Seen {
  readonly transactions: readonly unknown[];
  readonly usedIndex: boolean;
}

describe('a FileStorage that Python 2 and Node write in turns', () => {
  const python = peer('py27');
  const path = testFolder();

  for (const first of ['Python', 'Node'])
    it(`reads the same to both, when ${first} has made it`, () => {
      const file = path('Data.fs');
      if (first === 'Node') {
        using storage = new FileStorage(file, { format: 'FS21', python2: 'write' });
        expect(storage.dialect).to.equal('python2');
        commit(storage, (transaction) => transaction.store(ROOT_OID, ZERO_TID, MAPPING));
      }
      for (let round = 0; round < 4; round++) {
        const names = python.runJson<string[]>(SCRIPT, ['write', file, `round${round}`]);
        expect(names).to.have.length(round + 1);
        using storage = new FileStorage(file, { python2: 'write' });
        expect(storage.findings).to.deep.equal([]);
        expect(see(storage)).to.deep.equal(
          python.runJson<Seen>(SCRIPT, ['read', file]).transactions,
        );
        const oid = storage.newOid();
        const root = storage.load(ROOT_OID);
        const stored = commit(storage, (transaction) => {
          transaction.store(ROOT_OID, root?.tid as Tid, root?.data as Uint8Array);
          for (let i = 0; i < 40; i++) transaction.store(storage.newOid(), ZERO_TID, MAPPING);
          transaction.store(oid, ZERO_TID, MAPPING);
        });
        const undone = commit(storage, (transaction) => transaction.undo(stored));
        commit(storage, (transaction) => transaction.undo(undone));
        commit(storage, (transaction) => transaction.deleteObject(oid, storage.lastTransaction()));
        const expected = see(storage);
        storage.close();
        const seen = python.runJson<Seen>(SCRIPT, ['read', file]);
        expect(seen).to.deep.equal({ transactions: expected, usedIndex: true });
      }
      expect(readFileSync(file).toString('latin1', 0, 4)).to.equal('FS21');
    });
});

function commit(
  storage: FileStorage,
  act: (transaction: ReturnType<FileStorage['begin']>) => void,
): Tid {
  const transaction = storage.begin({});
  act(transaction);
  transaction.vote();
  return transaction.finish();
}

function see(storage: FileStorage): unknown[] {
  return [...storage.iterate()].map((transaction) => [
    formatId(transaction.tid),
    [...transaction.records()].map(({ oid, data, dataTid }) => [
      formatId(oid),
      data === undefined ? null : toHex(data),
      dataTid === undefined ? null : formatId(dataTid),
    ]),
  ]);
}
