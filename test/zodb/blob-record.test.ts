import { expect } from 'chai';
import { isBlobRecord } from '../../src/zodb/blob-record.ts';

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));

// What Python writes for a blob: the class alone, then None.
const BLOB = '\x80\x03cZODB.blob\nBlob\nq\x00.\x80\x03N.';

const cases: readonly (readonly [title: string, record: string, expected: boolean])[] = [
  ["Python's record of a blob", BLOB, true],
  ['one of Python 2', '\x80\x01cZODB.blob\nBlob\nq\x01.\x80\x01N.', true],
  ['another class of that module', '\x80\x03cZODB.blob\nBlobFile\nq\x00.\x80\x03N.', false],
  ['a class of a module below', '\x80\x03cZODB.blobs\nBlob\nq\x00.\x80\x03N.', false],
  [
    'an object that refers to a blob',
    '\x80\x03cm\nC\nq\x00.\x80\x03cZODB.blob\nBlob\nq\x01.',
    false,
  ],
  ['a class with arguments', '\x80\x03cZODB.blob\nBlob\nq\x00)\x86q\x01.\x80\x03N.', false],
  ['damaged bytes', '\x80\x03cZODB.blob\n', false],
  ['no bytes', '', false],
];

describe('a record is told to be a blob’s', () => {
  for (const [title, record, expected] of cases)
    it(`${expected ? 'yes' : 'no'}: ${title}`, () => {
      expect(isBlobRecord(text(record))).to.equal(expected);
    });
});
