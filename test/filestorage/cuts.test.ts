import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { formatId, type Oid, ZERO_TID } from '../../src/zodb/ids.ts';
import { cutCommits, tidsIn, writeCut } from './cut-commits.ts';
import { testFolder } from './folder.ts';

// Of 10 000 cuts on request, a tenth in CI, some hundred elsewhere.
const SIZES = {
  all: { rounds: 9, step: 1, large: 60 },
  tenth: { rounds: 1, step: 1, large: 30 },
  few: { rounds: 1, step: 7, large: 10 },
};
const size =
  process.env['ZODB_LIMITS'] === 'all'
    ? 'all'
    : process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small'
      ? 'tenth'
      : 'few';

describe('a commit that is cut off', () => {
  const path = testFolder();

  it('at any byte leaves the transactions that were complete, and the file takes the next one', function () {
    this.timeout(600_000);
    let cuts = 0;
    for (const cut of cutCommits(path, SIZES[size])) {
      const file = path('after.fs');
      writeCut(file, cut, undefined);
      const reader = new FileStorage(file, { readOnly: true });
      expect(tidsIn(reader), cut.title).to.deep.equal(cut.tids);
      reader.close();
      expect(readFileSync(file).length, 'reading changes nothing').to.equal(cut.bytes.length);
      const writer = new FileStorage(file);
      expect(tidsIn(writer), cut.title).to.deep.equal(cut.tids);
      const transaction = writer.begin({});
      transaction.store(0x1234n as Oid, ZERO_TID, Buffer.from('next'));
      transaction.vote();
      const next = formatId(transaction.finish());
      expect(tidsIn(writer), cut.title).to.deep.equal([...cut.tids, next]);
      writer.close();
      expect(existsSync(`${file}.index`)).to.equal(true);
      cuts++;
    }
    console.log(`      ${cuts} cuts`);
    expect(cuts).to.be.greaterThan({ all: 10_000, tenth: 1000, few: 100 }[size]);
  });
});
