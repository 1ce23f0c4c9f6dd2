import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { disassemble } from '../../../src/pickle/index.ts';
import { fromHex } from '../../pickle/raw.ts';
import {
  corpusDatabases,
  corpusExports,
  corpusMissing,
  exportRecords,
  fileRecords,
  type RawRecord,
} from '../../pickle/records.ts';
import { peer } from '../peers.ts';

function text(record: Uint8Array): string {
  let lines = '';
  for (const opcode of disassemble(record)) lines += `${opcode}\n`;
  return lines;
}

function framed(records: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(record.length);
      return [head, record];
    }),
  );
}

describe('Disassembling the records that others wrote', () => {
  const zodb = peer('zodb');

  before(function () {
    const missing = corpusMissing();
    if (missing === undefined) return;
    if (process.env['CI'] === 'true') throw new Error(missing);
    console.warn(`      skipped: ${missing}`);
    this.skip();
  });

  const sources: readonly [name: string, records: () => Iterable<RawRecord>][] = [
    ...corpusDatabases().map(
      ({ name, path }) => [name, () => fileRecords(path)] as [string, () => Iterable<RawRecord>],
    ),
    ...corpusExports().map(
      ({ name, path }) => [name, () => exportRecords(path)] as [string, () => Iterable<RawRecord>],
    ),
  ];

  for (const [name, read] of sources) {
    it(`gives the lines of pickletools.dis for ${name}`, () => {
      const records = Array.from(read(), ({ data }) => data);
      const input = framed(records);
      const digests = zodb.run('pickle/disassemble.py', [], { input }).split('\n').slice(0, -1);
      expect(digests.length).to.equal(records.length);
      const different = records.findIndex(
        (record, i) =>
          createHash('sha1').update(text(record)).digest('hex') !== digests[i] &&
          // what Node's UTF-8 cannot say is compared as it is
          zodb.run('pickle/disassemble.py', [String(i)], { input }) !== text(record),
      );
      if (different < 0) return;
      const expected = zodb.run('pickle/disassemble.py', [String(different)], { input });
      expect(text(records[different] as Uint8Array).split('\n')).to.deep.equal(
        expected.split('\n'),
      );
    });
  }

  it('gives the lines of pickletools.dis for protocols 0 to 5', () => {
    const cases = zodb.runJson<[string, string][]>('pickle/protocols.py');
    expect(cases.length).to.be.greaterThan(50);
    for (const [hex, expected] of cases) expect(text(fromHex(hex)), hex).to.equal(expected);
  });
});
