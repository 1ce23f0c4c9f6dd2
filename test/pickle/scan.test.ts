import { expect } from 'chai';
import {
  encode,
  PersistentRef,
  PyDict,
  pyGlobal,
  scanReferences,
  tuple,
} from '../../src/pickle/index.ts';
import { failure, raw } from './raw.ts';

const CLS = pyGlobal('m', 'C');
const A = raw('\0\0\0\0\0\0\0\x0a');
const B = raw('\xff\0\0\0\0\0\0\x0b');

function scanned(record: Uint8Array): bigint[] {
  const oids: bigint[] = [];
  scanReferences(record, (oid) => oids.push(oid));
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
      expect(failure(() => scanned(raw(record))).code).to.equal(code);
    });
  }
});
