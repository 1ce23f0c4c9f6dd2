import { expect } from 'chai';
import {
  encode,
  PersistentRef,
  PyDict,
  PyTuple,
  pyGlobal,
  scanReferences,
  tuple,
  Unpickler,
} from '../../src/pickle/index.ts';
import { scanReferencesWithin } from '../../src/pickle/scan.ts';
import { failure, raw } from './raw.ts';
import { corpusDatabases, corpusMissing, fileRecords } from './records.ts';

const CLS = pyGlobal('m', 'C');
const A = raw('\0\0\0\0\0\0\0\x0a');
const B = raw('\xff\0\0\0\0\0\0\x0b');

function scanned(record: Uint8Array): bigint[] {
  const oids: bigint[] = [];
  scanReferences(record, (oid) => oids.push(oid));
  return oids;
}

/** What is found where the record stands between others. */
function scannedAmongOthers(record: Uint8Array): bigint[] {
  const oids: bigint[] = [];
  const { length } = record;
  const bytes = new Uint8Array(3 * length);
  for (const at of [0, length, 2 * length]) bytes.set(record, at);
  scanReferencesWithin(bytes, length, 2 * length, (high, low) => {
    oids.push((BigInt(high) << 32n) | BigInt(low));
  });
  return oids;
}

/** The ordinary references that decoding meets. */
function decodedReferences(record: Uint8Array): bigint[] {
  const oids: bigint[] = [];
  const unpickler = new Unpickler({
    strings: 'bytes',
    persistentLoad: (pid) => {
      const id = pid instanceof PyTuple ? pid[0] : pid;
      if (id instanceof Uint8Array && id.length === 8) {
        oids.push(new DataView(id.buffer, id.byteOffset).getBigUint64(0));
      }
      return null;
    },
  });
  for (let at = 0; at < record.length; at = unpickler.position) unpickler.load(record, at);
  return oids;
}

const reference = (pid: unknown): PersistentRef => new PersistentRef(pid);

const RECORDS: readonly [what: string, value: unknown, oids: bigint[]][] = [
  ['(oid, class)', reference(tuple<unknown>(A, CLS)), [10n]],
  ['oid alone', reference(A), [10n]],
  ['an oid above 2**63', reference(tuple<unknown>(B, CLS)), [0xff0000000000000bn]],
  [
    'one object twice, the second by GET',
    [reference(tuple<unknown>(A, CLS)), reference(tuple<unknown>(A, CLS))],
    [10n, 10n],
  ],
  [
    'in dicts and tuples',
    new PyDict([['k', tuple(reference(tuple<unknown>(A, CLS)), reference(B))]]),
    [10n, 0xff0000000000000bn],
  ],
  ['weak ones, which are left out', [reference(['w', tuple(A)]), reference([A])], []],
  [
    'those to other databases, which are left out',
    reference(['m', tuple<unknown>('other', A, CLS)]),
    [],
  ],
  ['bytes that are no reference', tuple(A, [B]), []],
];

describe('Scanning for references', () => {
  for (const [what, value, oids] of RECORDS) {
    it(`finds ${what}`, () => {
      expect(scanned(encode(value))).to.deep.equal(oids);
    });
  }

  it('reads all pickles of a record with one memo', () => {
    const oid = 'C\x08\0\0\0\0\0\0\0\x0aq\x00';
    expect(scanned(raw(`\x80\x03${oid}.\x80\x03h\x00cm\nC\nq\x01\x86q\x02Q.`))).to.deep.equal([
      10n,
    ]);
  });

  it('reads the records of Python 2', () => {
    expect(scanned(raw('(U\x08\0\0\0\0\0\0\0\x0aq\x01cm\nC\nq\x02tq\x03Q.'))).to.deep.equal([10n]);
  });

  it('reads ids in text opcodes and high memo numbers, by decoding', () => {
    const text = "(S'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\n'\np0\ncm\nC\ntQ.";
    expect(scanned(raw(text))).to.deep.equal([10n]);
    expect(scanned(raw('C\x08\0\0\0\0\0\0\0\x0ar\xff\xff\xff\x7fcm\nC\n\x86Q.'))).to.deep.equal([
      10n,
    ]);
  });

  it('grows its stack and memo as they are needed', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `name ${i}`);
    const record = encode([many, tuple(...many), reference(tuple<unknown>(A, CLS))]);
    expect(scanned(record)).to.deep.equal([10n]);
  });

  const references: readonly [what: string, record: string][] = [
    [
      'without PUTs',
      'cm\nC\nq\x00.(U\x08\0\0\0\0\0\0\0\x0ah\x00\x86QC\x08\0\0\0\0\0\0\0\x0bh\x00\x86Ql.',
    ],
    [
      'with one PUT',
      'cm\nC\nq\x00.(U\x08\0\0\0\0\0\0\0\x0aq\x01h\x00\x86QC\x08\0\0\0\0\0\0\0\x0bh\x00\x86q\x02Ql.',
    ],
    [
      'whose entries are fetched again',
      'cm\nC\nq\x00.(C\x08\0\0\0\0\0\0\0\x0aq\x01h\x00\x86q\x02Qh\x02Qh\x01h\x00\x86Ql.',
    ],
    [
      'with large memo numbers',
      'cm\nC\nr\x00\x02\0\0.(C\x08\0\0\0\0\0\0\0\x0ar\x01\x02\0\0j\x00\x02\0\0\x86r\x02\x02\0\0Qj\x02\x02\0\0Ql.',
    ],
    ['whose class is the oid itself', '(C\x08\0\0\0\0\0\0\0\x0aq\x00h\x00\x86q\x01Ql.'],
  ];
  for (const [what, record] of references) {
    it(`finds references ${what} as decoding does`, () => {
      const found = scanned(raw(record));
      expect(found.length).to.be.greaterThan(0);
      expect(found).to.deep.equal(decodedReferences(raw(record)));
    });
  }

  it('finds in all records of the databases what decoding finds there', function () {
    const missing = corpusMissing();
    if (missing !== undefined) {
      if (process.env['CI'] === 'true') throw new Error(missing);
      this.skip();
    }
    this.timeout(20_000);
    let count = 0;
    for (const { path } of corpusDatabases()) {
      for (const { data } of fileRecords(path)) {
        const found = scanned(data);
        count += found.length;
        expect(found).to.deep.equal(decodedReferences(data));
        expect(scannedAmongOthers(data)).to.deep.equal(found);
      }
    }
    expect(count).to.be.greaterThan(1000);
  });

  const damaged: readonly [what: string, record: string, code: string][] = [
    ['nothing', '', 'PICKLE_TRUNCATED'],
    ['no STOP', '\x80\x03N', 'PICKLE_TRUNCATED'],
    ['a second pickle without STOP', 'N.N', 'PICKLE_TRUNCATED'],
    ['a length beyond the end', 'X\xff\xff\xff\xffa.', 'PICKLE_TRUNCATED'],
    ['too little on the stack', 'N\x86.', 'PICKLE'],
    ['a GET of nothing', 'h\x00.', 'PICKLE'],
    ['APPENDS without a mark', ']Ne.', 'PICKLE'],
    ['no opcode', '\xff.', 'PICKLE'],
  ];
  for (const [what, record, code] of damaged) {
    it(`refuses a record with ${what}`, () => {
      const error = failure(() => scanned(raw(record)));
      expect(error.code).to.equal(code);
      const among = failure(() => scannedAmongOthers(raw(record)));
      expect([among.code, among.message]).to.deep.equal([code, error.message]);
    });
  }
});
