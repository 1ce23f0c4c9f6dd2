import { expect } from 'chai';
import { disassemble, encode, PickleError } from '../../src/pickle/index.ts';
import { failure, raw } from './raw.ts';

/** The lines that come before an error, and the error. */
function upTo(bytes: Uint8Array): { lines: string[]; error: PickleError | undefined } {
  const lines: string[] = [];
  try {
    for (const opcode of disassemble(bytes)) lines.push(String(opcode));
  } catch (error) {
    if (error instanceof PickleError) return { lines, error };
    throw error;
  }
  return { lines, error: undefined };
}

describe('Disassembling', () => {
  it('gives each opcode with its offset, argument and the mark that it takes', () => {
    const opcodes = [...disassemble(raw('\x80\x03(K\x01X\x01\x00\x00\x00at.'))];
    expect(opcodes.map(({ offset, name, argument }) => [offset, name, argument])).to.deep.equal([
      [0, 'PROTO', 3],
      [2, 'MARK', undefined],
      [3, 'BININT1', 1],
      [5, 'BINUNICODE', 'a'],
      [11, 'TUPLE', undefined],
      [12, 'STOP', undefined],
    ]);
    expect(opcodes.map(({ depth }) => depth)).to.deep.equal([0, 0, 1, 1, 1, 0]);
    expect(opcodes[4]).to.include({ mark: 2 });
    expect(opcodes[5]).to.include({ protocol: 2 });
  });

  it('is the text of pickletools', () => {
    expect([...disassemble(raw('\x80\x03(K\x01X\x01\x00\x00\x00at.'))].join('\n')).to.equal(
      [
        '    0: \\x80 PROTO      3',
        '    2: (    MARK',
        '    3: K        BININT1    1',
        "    5: X        BINUNICODE 'a'",
        '   11: t        TUPLE      (MARK at 2)',
        '   12: .    STOP',
        'highest protocol among opcodes = 2',
      ].join('\n'),
    );
  });

  it('goes on with the next pickle, which has the same memo, unless one is asked for', () => {
    const record = raw('\x80\x03cm\nn\nq\x00.\x80\x03h\x00.');
    const offsets = (one: boolean): number[] =>
      Array.from(disassemble(record, { one }), ({ offset }) => offset);
    expect(offsets(true)).to.deep.equal([0, 2, 7, 9]);
    expect(offsets(false)).to.deep.equal([0, 2, 7, 9, 10, 12, 14]);
    expect(upTo(record.subarray(10)).error?.message)
      .to.include('memo')
      .and.to.include('byte 2');
    expect([...disassemble(record, { offset: 2, one: true })]).to.have.length(3);
  });

  const damaged: readonly [what: string, pickle: string, lines: number, code: string][] = [
    ['an unknown opcode', 'K\x01\xff.', 1, 'PICKLE'],
    ['no STOP', 'K\x01', 1, 'PICKLE_TRUNCATED'],
    ['a cut argument', 'K\x01M\x01', 1, 'PICKLE_TRUNCATED'],
    ['a length beyond the end', 'NX\xff\x00\x00\x00a.', 1, 'PICKLE_TRUNCATED'],
    [
      'a length of 8 bytes beyond the end',
      'N\x8d\xff\xff\xff\xff\xff\xff\xff\xffa.',
      1,
      'PICKLE_TRUNCATED',
    ],
    ['a negative length', 'NT\xff\xff\xff\xff.', 1, 'PICKLE'],
    ['a line without an end', 'NI12', 1, 'PICKLE_TRUNCATED'],
    ['a line that is no number', 'NIx\n.', 1, 'PICKLE'],
    ['text that is not UTF-8', 'NX\x01\x00\x00\x00\xff.', 1, 'PICKLE'],
    ['a GET of nothing', 'Nh\x07.', 2, 'PICKLE'],
    ['no mark', 'Nt.', 2, 'PICKLE'],
    ['an empty stack', '.', 1, 'PICKLE'],
    ['a pop across a mark', 'N(\x85.', 3, 'PICKLE'],
    ['a memo of nothing', 'q\x00.', 1, 'PICKLE'],
    ['APPENDS to nothing', '(K\x01e.', 3, 'PICKLE'],
  ];
  for (const [what, pickle, count, code] of damaged) {
    it(`stops at ${what} with an error, after the opcodes before it`, () => {
      const { lines, error } = upTo(raw(pickle));
      expect(lines).to.have.length(count);
      expect(error).to.include({ code });
      expect(error?.offset).to.be.a('number');
    });
  }

  it('stops anywhere in a pickle that is cut', () => {
    const pickle = encode({ a: [1, 2.5, 'text', new Set([1])], b: 2n ** 70n });
    for (let end = 1; end < pickle.length; end++) {
      expect(upTo(pickle.subarray(0, end)).error, `${end}`).to.include({
        code: 'PICKLE_TRUNCATED',
      });
    }
    expect(upTo(pickle).error).to.equal(undefined);
  });

  it('refuses what is no pickle at all', () => {
    expect(failure(() => [...disassemble(new Uint8Array(0))])).to.include({ code: 'PICKLE_EMPTY' });
    expect(failure(() => [...disassemble('x' as never)])).to.include({ code: 'PICKLE' });
  });
});
