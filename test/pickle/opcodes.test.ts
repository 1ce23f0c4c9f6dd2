import { expect } from 'chai';
import {
  decode,
  encode,
  float,
  PersistentRef,
  PyByteArray,
  PyDict,
  PyExtension,
  PyFloat,
  PyFrozenSet,
  PyObject,
  PyRawText,
  PySet,
  pyGlobal,
  tuple,
} from '../../src/pickle/index.ts';
import { OPCODES } from '../../src/pickle/opcodes.ts';
import { neutral } from './neutral.ts';
import { failure, le, raw } from './raw.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What a valid pickle decodes to, with STOP left out. */
const SCALARS: readonly [pickle: string, value: unknown][] = [
  ['N', null],
  ['\x88', true],
  ['\x89', false],
  ['I00\n', false],
  ['I01\n', true],
  ['I0\n', 0],
  ['I-12\n', -12],
  ['I 12 \n', 12],
  ['I+12\n', 12],
  ['I007\n', 7],
  ['I9007199254740991\n', 9007199254740991],
  ['I9007199254740992\n', 9007199254740992n],
  ['I-9007199254740992\n', -9007199254740992n],
  ['L5\n', 5],
  ['L5L\n', 5],
  ['L-123456789012345678901L\n', -123456789012345678901n],
  ['K\x00', 0],
  ['K\xff', 255],
  ['M\x00\x00', 0],
  ['M\xff\xff', 65535],
  ['J\xff\xff\xff\x7f', 2147483647],
  ['J\x00\x00\x00\x80', -2147483648],
  ['J\xff\xff\xff\xff', -1],
  ['\x8a\x00', 0],
  ['\x8a\x01\xff', -1],
  ['\x8a\x02\xff\xff', -1],
  ['\x8a\x05\x00\x00\x00\x80\x00', 2147483648],
  ['\x8a\x05\xff\xff\xff\x7f\xff', -2147483649],
  ['\x8a\x07\xff\xff\xff\xff\xff\xff\x1f', 9007199254740991],
  ['\x8a\x07\x00\x00\x00\x00\x00\x00\x20', 9007199254740992n],
  ['\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80', -9223372036854775808n],
  ['\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00', 9223372036854775808n],
  ['\x8b\x00\x00\x00\x00', 0],
  ['\x8b\x02\x00\x00\x00\x00\x80', -32768],
  ['F1.5\n', 1.5],
  ['F-inf\n', Number.NEGATIVE_INFINITY],
  ['Finf\n', Number.POSITIVE_INFINITY],
  ['F1e-7\n', 1e-7],
  ['F.5\n', 0.5],
  ['F2.0\n', float(2)],
  ['F-0.0\n', -0],
  ['G?\xf8\x00\x00\x00\x00\x00\x00', 1.5],
  ['G@\x08\x00\x00\x00\x00\x00\x00', float(3)],
  ['G\x80\x00\x00\x00\x00\x00\x00\x00', -0],
  ['G\x7f\xf0\x00\x00\x00\x00\x00\x00', Number.POSITIVE_INFINITY],
  ['G\x7f\xf8\x00\x00\x00\x00\x00\x00', Number.NaN],
  ['G\xff\xf8\x00\x00\x00\x00\x00\x01', new PyFloat(Number.NaN, 0xfff8000000000001n)],
  ['X\x00\x00\x00\x00', ''],
  ['X\x02\x00\x00\x00\xc3\xa9', 'é'],
  ['X\x03\x00\x00\x00\xef\xbb\xbf', '\ufeff'],
  ['X\x03\x00\x00\x00\xed\xa0\x80', '\ud800'],
  ['X\x03\x00\x00\x00\xef\xbf\xbd', '\ufffd'],
  ['X\x04\x00\x00\x00\xf0\x9f\x98\x80', '😀'],
  [
    'X\x06\x00\x00\x00\xed\xa0\xbd\xed\xb8\x80',
    new PyRawText(bytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80), '😀'),
  ],
  ['\x8c\x01a', 'a'],
  [`\x8d${le(3, 8)}abc`, 'abc'],
  ['C\x00', bytes()],
  ['C\x02\x00\xff', bytes(0, 255)],
  [`B${le(2, 4)}\x00\xff`, bytes(0, 255)],
  [`\x8e${le(2, 8)}\x00\xff`, bytes(0, 255)],
  [`\x96${le(2, 8)}\x00\xff`, new PyByteArray(bytes(0, 255))],
  ['U\x03abc', 'abc'],
  ['U\x03ab\xe9', bytes(0x61, 0x62, 0xe9)],
  [`T${le(2, 4)}ab`, 'ab'],
  ["S'abc'\n", 'abc'],
  ['S"a\'b" \t\n', "a'b"],
  ["S'\\x41\\101\\n\\\\\\q'\n", 'AA\n\\\\q'],
  ["S'\\400'\n", '\0'],
  ["S'a'b'\n", "a'b"],
  ['Vabc\\u00e9\n', 'abcé'],
  ['Va\\\\u0041\\\\\\u0041\n', 'a\\\\u0041\\\\A'],
  ['V\\U0001F600\n', '😀'],
  ['V\xe9\\q\n', 'é\\q'],
];

const STRUCTURES: readonly [pickle: string, value: unknown][] = [
  [')', tuple()],
  ['K\x01\x85', tuple(1)],
  ['K\x01K\x02\x86', tuple(1, 2)],
  ['K\x01K\x02K\x03\x87', tuple(1, 2, 3)],
  ['(K\x01K\x02K\x03K\x04t', tuple(1, 2, 3, 4)],
  ['(t', tuple()],
  [']', []],
  [']K\x01a', [1]],
  ['](K\x01K\x02e', [1, 2]],
  ['](e', []],
  ['(K\x01l', [1]],
  ['}', new PyDict()],
  ['}K\x01Ns', new PyDict([[1, null]])],
  [
    '}(K\x01NK\x02\x88u',
    new PyDict<number, unknown>([
      [1, null],
      [2, true],
    ]),
  ],
  ['}(u', new PyDict()],
  ['(K\x01Nd', new PyDict([[1, null]])],
  ['\x8f(K\x01K\x02\x90', new PySet([1, 2])],
  ['(K\x01\x91', new PyFrozenSet([1])],
  ['cbuiltins\nset\n](K\x01K\x02e\x85R', new PySet([1, 2])],
  ['cbuiltins\nfrozenset\n]\x85R', new PyFrozenSet()],
  ['cbuiltins\nbytearray\nC\x01a\x85R', new PyByteArray(bytes(97))],
  ['cbuiltins\nbytearray\n)R', new PyByteArray()],
  ['cm\nn\n', pyGlobal('m', 'n')],
  ['\x8c\x01m\x8c\x01n\x93', pyGlobal('m', 'n')],
  ['cm\nn\n)R', new PyObject('reduce', pyGlobal('m', 'n'))],
  ['cm\nn\nNR', new PyObject('basicnew', pyGlobal('m', 'n'))],
  ['cm\nn\nK\x01\x85\x81', new PyObject('newobj', pyGlobal('m', 'n'), tuple(1))],
  [
    'cm\nn\n)}\x92',
    new PyObject('newobj_ex', pyGlobal('m', 'n'), tuple(), { kwargs: new PyDict() }),
  ],
  ['(K\x01im\nn\n', new PyObject('inst', pyGlobal('m', 'n'), tuple(1))],
  ['(cm\nn\nK\x01o', new PyObject('obj', pyGlobal('m', 'n'), tuple(1))],
  ['cm\nn\n)\x81Nb', new PyObject('newobj', pyGlobal('m', 'n'), tuple(), { state: null })],
  ['cm\nn\n)\x81(K\x01e', new PyObject('newobj', pyGlobal('m', 'n'), tuple(), { listItems: [1] })],
  [
    'cm\nn\n)\x81K\x01aK\x02Ns}b',
    new PyObject('newobj', pyGlobal('m', 'n'), tuple(), {
      listItems: [1],
      dictItems: new PyDict([[2, null]]),
      state: new PyDict(),
    }),
  ],
  ['\x82\x01', new PyExtension(1)],
  ['\x83\x00\x01', new PyExtension(256)],
  ['\x84\x00\x00\x01\x00', new PyExtension(65536)],
  ['P17\n', new PersistentRef(bytes(0x31, 0x37))],
  ['K\x01Q', new PersistentRef(1)],
  ['K\x010K\x02', 2],
  ['K\x01(0', 1],
  ['K\x01(K\x02K\x031', 1],
  ['K\x022\x86', tuple(2, 2)],
  ['K\x01q\x000h\x00', 1],
  ['K\x01r\x00\x01\x00\x000j\x00\x01\x00\x00', 1],
  ['K\x01p300\n0g300\n', 1],
  ['K\x01\x94K\x02\x940h\x00h\x01\x86', tuple(1, 2)],
  ['K\x01q\x00K\x02q\x000h\x00\x86', tuple(1, 2)],
  ['K\x01q\x05\x940h\x01', 1],
  ['Nq\x000h\x00', null],
  ['K\x01K\x02', 2],
  ['\x80\x00\x80\x05K\x01', 1],
  [`\x95${le(2, 8)}K\x01`, 1],
];

const INVALID: readonly [pickle: string, code: string, reason: string][] = [
  // numbers
  ['I\n', 'PICKLE', 'an empty INT'],
  ['I0x10\n', 'PICKLE', 'hexadecimal'],
  ['I1_0\n', 'PICKLE', 'an underscore'],
  ['I1L\n', 'PICKLE', 'an L on INT'],
  ['L\n', 'PICKLE', 'an empty LONG'],
  ['F\n', 'PICKLE', 'an empty FLOAT'],
  ['F0x1\n', 'PICKLE', 'a hexadecimal FLOAT'],
  ['FInfinit\n', 'PICKLE', 'a half-written infinity'],
  ['F1e400\n', 'PICKLE', 'a FLOAT beyond the range'],
  ['\x8b\xff\xff\xff\xff', 'PICKLE', 'a negative LONG4 length'],
  // text
  ['X\x02\x00\x00\x00\xc0\x80', 'PICKLE', 'an overlong zero'],
  ['X\x01\x00\x00\x00\x80', 'PICKLE', 'a stray byte'],
  ['X\x02\x00\x00\x00\xc3A', 'PICKLE', 'a character cut short'],
  ['X\x01\x00\x00\x00\xe9', 'PICKLE', 'a character cut by the end'],
  ['X\x03\x00\x00\x00\xe0\x80\x80', 'PICKLE', 'an overlong three-byte form'],
  ['X\x04\x00\x00\x00\xf4\x90\x80\x80', 'PICKLE', 'a character above U+10FFFF'],
  ['X\x04\x00\x00\x00\xf0\x80\x80\x80', 'PICKLE', 'an overlong four-byte form'],
  ['Sabc\n', 'PICKLE', 'a STRING without quotes'],
  ["S'\n", 'PICKLE', 'a STRING of one quote'],
  ['S\'abc"\n', 'PICKLE', 'a STRING with two kinds of quotes'],
  ["S'\\x4'\n", 'PICKLE', 'a \\x with one digit'],
  ["S'a\\'\n", 'PICKLE', 'a STRING that ends in a backslash'],
  ['V\\u00\n', 'PICKLE', 'a \\u with two digits'],
  ['V\\U00110000\n', 'PICKLE', 'a \\U above U+10FFFF'],
  ['T\xff\xff\xff\xff', 'PICKLE', 'a negative BINSTRING length'],
  // memo
  ['h\x00', 'PICKLE', 'BINGET of nothing'],
  ['j\x00\x00\x00\x00', 'PICKLE', 'LONG_BINGET of nothing'],
  ['g0\n', 'PICKLE', 'GET of nothing'],
  ['Ng-1\n', 'PICKLE', 'a negative GET'],
  ['Np-1\n', 'PICKLE', 'a negative PUT'],
  ['Npx\n', 'PICKLE', 'a PUT without a number'],
  ['Nq\x05h\x04', 'PICKLE', 'GET of a number that was passed over'],
  // stack and marks
  ['', 'PICKLE', 'STOP with nothing on the stack'],
  ['K\x01(', 'PICKLE', 'STOP with nothing above the mark'],
  ['0', 'PICKLE', 'POP of nothing'],
  ['2', 'PICKLE', 'DUP of nothing'],
  ['q\x00', 'PICKLE', 'BINPUT of nothing'],
  ['N(q\x00', 'PICKLE', 'BINPUT of nothing above the mark'],
  ['\x94', 'PICKLE', 'MEMOIZE of nothing'],
  ['\x85', 'PICKLE', 'TUPLE1 of nothing'],
  ['N\x86', 'PICKLE', 'TUPLE2 of one'],
  ['NN\x87', 'PICKLE', 'TUPLE3 of two'],
  ['N(N\x86', 'PICKLE', 'TUPLE2 across a mark'],
  ['Nt', 'PICKLE', 'TUPLE without a mark'],
  ['1', 'PICKLE', 'POP_MARK without a mark'],
  [']a', 'PICKLE', 'APPEND of nothing'],
  ['](Na', 'PICKLE', 'APPEND across a mark'],
  ['(e', 'PICKLE', 'APPENDS to nothing'],
  ['}Ns', 'PICKLE', 'SETITEM without a value'],
  ['}(K\x01u', 'PICKLE', 'SETITEMS with an odd number'],
  ['(K\x01d', 'PICKLE', 'DICT with an odd number'],
  ['(u', 'PICKLE', 'SETITEMS on nothing'],
  ['Q', 'PICKLE', 'BINPERSID of nothing'],
  // targets
  [')Na', 'PICKLE', 'APPEND to a tuple'],
  ['U\x01aNa', 'PICKLE', 'APPEND to a str'],
  ['}Na', 'PICKLE', 'APPEND to a dict'],
  [']NNs', 'PICKLE', 'SETITEM on a list'],
  ['](K\x01\x90', 'PICKLE', 'ADDITEMS to a list'],
  ['\x8f(]\x90', 'PICKLE_VALUE', 'a list as a member of a set'],
  ['(]\x91', 'PICKLE_VALUE', 'a list as a member of a frozenset'],
  ['}]Ns', 'PICKLE_VALUE', 'a list as a key'],
  ['}}Ns', 'PICKLE_VALUE', 'a dict as a key'],
  ['}\x8fNs', 'PICKLE_VALUE', 'a set as a key'],
  [']}b', 'PICKLE', 'BUILD on a list'],
  ['cm\nn\n}b', 'PICKLE', 'BUILD on a class'],
  ['cm\nn\n)\x81}b}b', 'PICKLE', 'two states'],
  ['cm\nn\n)\x81}bNa', 'PICKLE', 'an item after the state'],
  ['cm\nn\n)\x81NNsNa', 'PICKLE', 'a list item after a dict item'],
  // calls
  ['cm\nn\n]R', 'PICKLE', 'REDUCE with a list'],
  ['])R', 'PICKLE', 'REDUCE of a list'],
  ['X\x01\x00\x00\x00a)R', 'PICKLE', 'REDUCE of a str'],
  ['N)\x81', 'PICKLE', 'NEWOBJ of None'],
  ['cm\nn\nN\x81', 'PICKLE', 'NEWOBJ with None'],
  ['cm\nn\n)N\x92', 'PICKLE', 'NEWOBJ_EX without keyword arguments'],
  ['(o', 'PICKLE', 'OBJ without a class'],
  ['c\nn\n', 'PICKLE', 'a global without a module'],
  ['cm\n\n', 'PICKLE', 'a global without a name'],
  ['K\x01\x8c\x01n\x93', 'PICKLE', 'STACK_GLOBAL with a number'],
  ['\x8c\x02m\n\x8c\x01n\x93', 'PICKLE', 'STACK_GLOBAL with a newline'],
  ['\x82\x00', 'PICKLE', 'extension code 0'],
  ['\x84\xff\xff\xff\xff', 'PICKLE', 'a negative extension code'],
  ['\x97', 'PICKLE', 'NEXT_BUFFER without buffers'],
  ['N\x98', 'PICKLE', 'READONLY_BUFFER of None'],
  ['\x80\x06N', 'PICKLE', 'protocol 6'],
  [`\x95${le(100, 8)}N`, 'PICKLE_TRUNCATED', 'a FRAME beyond the end'],
  // lengths beyond the end
  ['X\xff\xff\xff\xffa', 'PICKLE_TRUNCATED', 'a BINUNICODE of 4 GiB'],
  ['B\xff\xff\xff\xffa', 'PICKLE_TRUNCATED', 'a BINBYTES of 4 GiB'],
  [`\x8e${le(-1, 8)}a`, 'PICKLE_TRUNCATED', 'a BINBYTES8 of 16 EiB'],
  [`\x8d${le(2 ** 32, 8)}a`, 'PICKLE_TRUNCATED', 'a BINUNICODE8 of 4 GiB'],
  ['C\xffa', 'PICKLE_TRUNCATED', 'a SHORT_BINBYTES beyond the end'],
  ['\x8a\xffa', 'PICKLE_TRUNCATED', 'a LONG1 beyond the end'],
  ['I12', 'PICKLE_TRUNCATED', 'a line without an end'],
  ['cm\nn', 'PICKLE_TRUNCATED', 'a GLOBAL without its second newline'],
  ['cm', 'PICKLE_TRUNCATED', 'a GLOBAL without a newline'],
];

describe('Decoding each opcode', () => {
  for (const [pickle, expected] of [...SCALARS, ...STRUCTURES]) {
    it(`${JSON.stringify(pickle)} gives its value`, () => {
      const decoded = decode(raw(`${pickle}.`), { exact: true });
      expect(neutral(decoded)).to.deep.equal(neutral(expected));
    });
  }

  it('keeps the kind of a whole-number float at the top', () => {
    expect(decode(raw('G@\x08\x00\x00\x00\x00\x00\x00.'))).to.be.instanceOf(PyFloat);
  });

  it('gives a fresh array of bytes, which owns its memory', () => {
    const pickle = raw('C\x02ab.');
    const decoded = decode(pickle) as Uint8Array;
    pickle.fill(0);
    expect(decoded).to.deep.equal(bytes(0x61, 0x62));
    expect(decoded.buffer.byteLength).to.equal(2);
  });

  it('takes out-of-band buffers in turn', () => {
    const buffers = [bytes(1), bytes(2)];
    expect(decode(raw('\x97\x97\x98\x86.'), { buffers })).to.deep.equal(tuple(...buffers));
  });

  it('reads pickles that are bytes in another, also while that is being read', () => {
    const inner = encode(['inner', encode({ n: 1 })]);
    const [text, innermost] = decode(decode(encode(inner)) as Uint8Array) as [string, Uint8Array];
    expect(text).to.equal('inner');
    expect(neutral(decode(innermost))).to.deep.equal(neutral(decode(encode({ n: 1 }))));
    const pid = `C${String.fromCharCode(inner.length)}${String.fromCharCode(...inner)}Q`;
    const value = decode(raw(`](K\x01${pid}${pid}e.`), {
      persistentLoad: (bytes) => (decode(bytes as Uint8Array) as unknown[])[0],
    });
    expect(value).to.deep.equal([1, 'inner', 'inner']);
  });

  it('has a test for every opcode', () => {
    const tested = [...SCALARS, ...STRUCTURES].map(([pickle]) => pickle).join('');
    const missing = OPCODES.filter(
      (opcode) =>
        opcode !== undefined &&
        !tested.includes(String.fromCharCode(opcode.code)) &&
        !['STOP', 'NEXT_BUFFER', 'READONLY_BUFFER'].includes(opcode.name),
    );
    expect(missing).to.deep.equal([]);
  });
});

describe('Pickles that are wrong', () => {
  for (const [pickle, code, reason] of INVALID) {
    it(`refuses ${reason}`, () => {
      const error = failure(() => decode(raw(`${pickle}.`)));
      expect(error.code).to.equal(code);
    });
  }

  for (let byte = 0; byte < 256; byte++) {
    if (OPCODES[byte] !== undefined) continue;
    it(`refuses byte 0x${byte.toString(16)} as an opcode`, () => {
      const error = failure(() => decode(bytes(0x4e, byte, 0x2e)));
      expect(error.code).to.equal('PICKLE');
      expect(error.offset).to.equal(1);
    });
  }

  it('says that there is no pickle where the bytes end', () => {
    expect(failure(() => decode(bytes())).code).to.equal('PICKLE_EMPTY');
  });

  it('refuses bytes after the pickle', () => {
    expect(failure(() => decode(raw('N.N.'))).offset).to.equal(2);
  });

  it('names the opcode, its offset and the oid', () => {
    const error = failure(() => decode(raw('\x80\x03K\x01K\x02a.'), { oid: 0x2an }));
    expect(error.offset).to.equal(6);
    expect(error.opcode).to.equal('APPEND');
    expect(error.oid).to.equal(0x2an);
    expect(error.message)
      .to.contain('APPEND')
      .and.contain('byte 6')
      .and.contain('000000000000002a');
  });

  for (const [pickle] of [...SCALARS, ...STRUCTURES]) {
    it(`${JSON.stringify(pickle)} cut at any byte is a pickle that ends early`, () => {
      const whole = raw(`${pickle}.`);
      for (let length = 1; length < whole.length; length++) {
        const error = failure(() => decode(whole.slice(0, length)));
        expect(error.code, `cut at ${length}`).to.equal('PICKLE_TRUNCATED');
      }
    });
  }
});
