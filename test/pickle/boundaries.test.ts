import { expect } from 'chai';
import {
  decode,
  decodeAll,
  encode,
  PyByteArray,
  PyDict,
  PyExtension,
  pyGlobal,
  scanReferences,
  tuple,
} from '../../src/pickle/index.ts';
import { OPCODES } from '../../src/pickle/opcodes.ts';
import { neutral } from './neutral.ts';
import { failure, le, raw, text } from './raw.ts';

const letters = (length: number): string => 'x'.repeat(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0x78);
/** The bits of a double, big-endian. */
const double = (bits: bigint): string => Array.from(le(bits, 8)).reverse().join('');

/** Each opcode at the ends of its operand's range; STOP is left out. */
const VALID: readonly [pickle: string, value: unknown][] = [
  ['K\x00', 0],
  ['K\xff', 255],
  ['M\x00\x00', 0],
  ['M\xff\xff', 65535],
  [`J${le(0, 4)}`, 0],
  [`J${le(-1, 4)}`, -1],
  [`J${le(2147483647, 4)}`, 2147483647],
  [`J${le(-2147483648, 4)}`, -2147483648],
  ['\x8a\x00', 0],
  ['\x8a\x01\x7f', 127],
  ['\x8a\x01\x80', -128],
  [`\x8a\xff${'\0'.repeat(254)}\x01`, 2n ** 2032n],
  [`\x8a\xff${'\0'.repeat(254)}\xff`, -(2n ** 2032n)],
  [`\x8b${le(0, 4)}`, 0],
  [`\x8b${le(256, 4)}${'\0'.repeat(255)}\x01`, 2n ** 2040n],
  [`\x8b${le(65536, 4)}${'\0'.repeat(65535)}\x01`, 2n ** 524280n],
  [`G${double(1n)}`, 5e-324],
  [`G${double(0x8000000000000001n)}`, -5e-324],
  [`G${double(0x7fefffffffffffffn)}`, Number.MAX_VALUE],
  [`G${double(0x7ff0000000000000n)}`, Number.POSITIVE_INFINITY],
  [`G${double(0xfff0000000000000n)}`, Number.NEGATIVE_INFINITY],
  ...[0, 1, 15, 16, 17, 255, 256, 512, 513, 65535, 65536].flatMap((length): [string, unknown][] => [
    [`X${le(length, 4)}${letters(length)}`, letters(length)],
    [`\x8d${le(length, 8)}${letters(length)}`, letters(length)],
    [`T${le(length, 4)}${letters(length)}`, letters(length)],
    [`B${le(length, 4)}${letters(length)}`, bytes(length)],
    [`\x8e${le(length, 8)}${letters(length)}`, bytes(length)],
    [`\x96${le(length, 8)}${letters(length)}`, new PyByteArray(bytes(length))],
  ]),
  ...[0, 1, 8, 16, 17, 32, 33, 255].flatMap((length): [string, unknown][] => {
    const size = String.fromCharCode(length);
    return [
      [`\x8c${size}${letters(length)}`, letters(length)],
      [`U${size}${letters(length)}`, letters(length)],
      [`C${size}${letters(length)}`, bytes(length)],
    ];
  }),
  ...[0, 254, 255].map((n): [string, unknown] => {
    const index = String.fromCharCode(n);
    return [`Nq${index}0h${index}`, null];
  }),
  ...[0, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map((n): [string, unknown] => [
    `Nr${le(n, 4)}0j${le(n, 4)}`,
    null,
  ]),
  ...[0, 255, 256, 2 ** 32, 999_999_999_999_999].map((n): [string, unknown] => [
    `Np${n}\n0g${n}\n`,
    null,
  ]),
  ['\x82\x01', new PyExtension(1)],
  ['\x82\xff', new PyExtension(255)],
  ['\x83\x01\x00', new PyExtension(1)],
  ['\x83\xff\xff', new PyExtension(65535)],
  [`\x84${le(1, 4)}`, new PyExtension(1)],
  [`\x84${le(2 ** 31 - 1, 4)}`, new PyExtension(2 ** 31 - 1)],
  ...[0, 1, 2, 3, 4, 5].map((n): [string, unknown] => [`\x80${String.fromCharCode(n)}N`, null]),
  [`\x95${le(0, 8)}N`, null],
  [`\x95${le(2, 8)}N`, null],
  [`c${letters(1024)}\nn\n`, pyGlobal(letters(1024), 'n')],
  [`cm\n${letters(1024)}\n`, pyGlobal('m', letters(1024))],
  [`\x8c\x01m\x8d${le(1024, 8)}${letters(1024)}\x93`, pyGlobal('m', letters(1024))],
  [`L${'9'.repeat(4300)}L\n`, 10n ** 4300n - 1n],
  [`I-${'9'.repeat(4299)}\n`, 1n - 10n ** 4299n],
];

const INVALID: readonly [pickle: string, code: string][] = [
  [`\x8b${le(-1, 4)}`, 'PICKLE'],
  [`\x8b${le(-(2 ** 31), 4)}`, 'PICKLE'],
  [`\x8b${le(65537, 4)}${'\0'.repeat(65537)}`, 'PICKLE_LIMIT'],
  [`T${le(-1, 4)}`, 'PICKLE'],
  [`T${le(-(2 ** 31), 4)}`, 'PICKLE'],
  ['\x82\x00', 'PICKLE'],
  ['\x83\x00\x00', 'PICKLE'],
  [`\x84${le(0, 4)}`, 'PICKLE'],
  [`\x84${le(-1, 4)}`, 'PICKLE'],
  [`\x84${le(-(2 ** 31), 4)}`, 'PICKLE'],
  ['\x80\x06N', 'PICKLE'],
  ['\x80\xffN', 'PICKLE'],
  [`\x95${le(3, 8)}N`, 'PICKLE_TRUNCATED'],
  [`\x95${le(-1, 8)}N`, 'PICKLE_TRUNCATED'],
  ['Np1000000000000000\n', 'PICKLE'],
  ['X\x02\x00\x00\x00\xed\xa0', 'PICKLE'],
  [`L${'9'.repeat(4301)}L\n`, 'PICKLE_LIMIT'],
  // more than there is, up to the most that an operand can say
  ...['X', 'B', '\x8d', '\x8e', '\x96'].flatMap((code): [string, string][] => {
    const size = code === 'X' || code === 'B' ? 4 : 8;
    return [3, 2 ** 31, 2 ** 32 - 1, -1].map((length): [string, string] => [
      `${code}${le(length, size)}x`,
      'PICKLE_TRUNCATED',
    ]);
  }),
  ...['C', 'U', '\x8a', '\x8c'].map((code): [string, string] => [
    `${code}\x03x`,
    'PICKLE_TRUNCATED',
  ]),
  [`T${le(3, 4)}x`, 'PICKLE_TRUNCATED'],
  [`T${le(2 ** 31 - 1, 4)}x`, 'PICKLE_TRUNCATED'],
  [`\x8b${le(3, 4)}x`, 'PICKLE_TRUNCATED'],
];

const shortened = (pickle: string): string =>
  JSON.stringify(pickle.length > 40 ? `${pickle.slice(0, 30)}… (${pickle.length} bytes)` : pickle);

describe('Operands at the ends of their range', () => {
  for (const [pickle, value] of VALID) {
    it(`${shortened(pickle)} gives its value`, () => {
      const whole = raw(`${pickle}.`);
      expect(neutral(decode(whole, { exact: true }))).to.deep.equal(neutral(value));
      // the scan steps over the same bytes
      scanReferences(whole, () => {});
    });
  }

  for (const [pickle, code] of INVALID) {
    it(`${shortened(pickle)} is ${code}`, () => {
      expect(failure(() => decode(raw(`${pickle}.`))).code).to.equal(code);
    });
  }

  it('leave out no opcode with an operand of bytes', () => {
    const tested = [...VALID, ...INVALID].map(([pickle]) => pickle).join('');
    const missing = OPCODES.filter(
      (opcode) =>
        opcode !== undefined &&
        opcode.operand !== '' &&
        !opcode.operand.includes('line') &&
        !tested.includes(String.fromCharCode(opcode.code)),
    );
    expect(missing).to.deep.equal([]);
  });
});

/** Opcodes that take something, with how many they take. */
const TAKES: readonly [code: string, operand: string, items: number][] = [
  ['q', '\x00', 1],
  ['r', le(0, 4), 1],
  ['p', '0\n', 1],
  ['\x94', '', 1],
  ['0', '', 1],
  ['2', '', 1],
  ['\x85', '', 1],
  ['\x86', '', 2],
  ['\x87', '', 3],
  ['a', '', 2],
  ['s', '', 3],
  ['R', '', 2],
  ['\x81', '', 2],
  ['\x92', '', 3],
  ['b', '', 2],
  ['Q', '', 1],
  ['\x93', '', 2],
  ['\x98', '', 1],
  ['.', '', 1],
];
const TAKES_MARK: readonly [code: string, operand: string][] = [
  ['t', ''],
  ['l', ''],
  ['d', ''],
  ['e', ''],
  ['u', ''],
  ['\x90', ''],
  ['\x91', ''],
  ['o', ''],
  ['i', 'm\nn\n'],
  ['1', ''],
];

describe('Opcodes that take more than there is', () => {
  for (const [code, operand, items] of TAKES) {
    const name = OPCODES[code.charCodeAt(0)]?.name;
    it(`${name} with ${items - 1} on the stack is an error that names it`, () => {
      const pickle = `${'N'.repeat(items - 1)}${code}${operand}.`;
      const error = failure(() => decode(raw(pickle)));
      expect(error.code).to.equal('PICKLE');
      expect(error.opcode).to.equal(name);
      expect(error.offset).to.equal(items - 1);
    });

    // POP takes the mark itself
    if (code === '0') continue;
    it(`${name} does not reach below a mark`, () => {
      const pickle = `NNN(${'N'.repeat(items - 1)}${code}${operand}.`;
      const error = failure(() => decode(raw(pickle)));
      expect(error.opcode).to.equal(name);
      expect(error.offset).to.equal(3 + items);
    });
  }

  for (const [code, operand] of TAKES_MARK) {
    const name = OPCODES[code.charCodeAt(0)]?.name;
    it(`${name} without a mark is an error that names it`, () => {
      const error = failure(() => decode(raw(`NN${code}${operand}.`)));
      expect(error.code).to.equal('PICKLE');
      expect(error.opcode).to.equal(name);
      expect(error.offset).to.equal(2);
    });
  }

  for (const code of ['e', 'u', '\x90']) {
    const name = OPCODES[code.charCodeAt(0)]?.name;
    it(`${name} with nothing below its mark is an error, and with what is below another mark`, () => {
      expect(failure(() => decode(raw(`(NN${code}.`))).opcode).to.equal(name);
      expect(failure(() => decode(raw(`N((NN${code}.`))).opcode).to.equal(name);
    });
  }
});

describe('Lists, dicts and tuples of the sizes at which batches end', () => {
  for (const size of [0, 1, 2, 999, 1000, 1001, 1999, 2000, 2001]) {
    it(`${size} items come back, and as the same bytes`, () => {
      const list = Array.from({ length: size }, (_, n) => `item ${n}`);
      const dict = new PyDict(list.map((item, n) => [item, n]));
      const pickle = encode([list, dict, tuple(...list)]);
      const [list2, dict2, tuple2] = decode(pickle) as [unknown[], PyDict, unknown[]];
      expect(list2).to.deep.equal(list);
      expect([...dict2]).to.deep.equal([...dict]);
      expect(tuple2).to.deep.equal(tuple(...list));
      expect(encode([list2, dict2, tuple2])).to.deep.equal(pickle);
    });
  }
});

const numbered = (n: number, short: string, long: string): string =>
  n < 256 ? `${short}${String.fromCharCode(n)}` : `${long}${le(n, 4)}`;
const put = (n: number): string => numbered(n, 'q', 'r');
const get = (n: number): string => numbered(n, 'h', 'j');

describe('Memo numbers at which their opcodes change', () => {
  for (const number of [254, 255, 256, 257, 258, 65535, 65536, 65537]) {
    it(`entry ${number} is put, fetched, and written again as it was`, () => {
      // the list itself is entry 0
      const items = Array.from({ length: number }, (_, n) => `${n}`);
      const pickle = encode([...items, items[number - 1]]);
      const decoded = decode(pickle) as string[];
      expect(decoded.length).to.equal(number + 1);
      expect(decoded[number]).to.equal(`${number - 1}`);
      expect(encode(decoded)).to.deep.equal(pickle);
      const written = text(pickle);
      expect(written.includes(`${number - 1}${put(number)}`)).to.equal(true);
      expect(written.includes(`${get(number)}e.`)).to.equal(true);
    });
  }

  for (const first of [0, 252, 253, 254, 255, 256, 65534, 65535]) {
    it(`a reference whose class is entry ${first} is read, and its parts may be fetched`, () => {
      const filler = Array.from({ length: first }, (_, n) => `N${put(n)}0`).join('');
      const oid = `C\x08\0\0\0\0\0\0\0\x07${put(first + 1)}`;
      const reference = `${oid}${get(first)}\x86${put(first + 2)}Q`;
      const parts = `${get(first + 1)}${get(first + 2)}\x87.`;
      const oids: bigint[] = [];
      const value = decode(raw(`${filler}cm\nC\n${put(first)}0${reference}${parts}`), {
        loadReference: (id, of) => {
          oids.push(id);
          return of;
        },
      });
      const [made, bytes, pid] = value as [unknown, Uint8Array, unknown[]];
      expect(oids).to.deep.equal([7n]);
      expect(made).to.equal(pyGlobal('m', 'C'));
      expect([...bytes]).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 7]);
      expect(pid[0]).to.equal(bytes);
      expect(pid[1]).to.equal(made);
    });
  }

  for (const isMarked of [false, true]) {
    for (const puts of [0, 1, 2, 3]) {
      const how = `${isMarked ? 'by TUPLE' : 'by TUPLE2'} with ${['no PUT', "the oid's PUT", "the tuple's PUT", 'both PUTs'][puts]}`;
      it(`a reference of Python 2 ${how} is read, and what was put may be fetched`, () => {
        const [open, close] = isMarked ? ['(', 't'] : ['', '\x86'];
        const putOid = (puts & 1) > 0 ? put(2) : '';
        const pidAt = (puts & 1) > 0 ? 3 : 2;
        const putPid = (puts & 2) > 0 ? put(pidAt) : '';
        const oid = `${open}U\x08\0\0\0\0\0\0\0\x07${putOid}`;
        const reference = `${oid}${get(1)}${close}${putPid}Q`;
        const parts = `${(puts & 1) > 0 ? get(2) : 'N'}${(puts & 2) > 0 ? get(pidAt) : 'N'}`;
        const seen: unknown[] = [];
        const value = decode(raw(`cm\nC\n${put(1)}0${reference}${parts}K\x05\x86\x86\x86.`), {
          loadReference: (id, of) => {
            seen.push(id, of);
            return null;
          },
        });
        const id = '\0\0\0\0\0\0\0\x07';
        const pid = tuple<unknown>(id, pyGlobal('m', 'C'));
        const fetched = tuple<unknown>(
          (puts & 1) > 0 ? id : null,
          tuple<unknown>((puts & 2) > 0 ? pid : null, 5),
        );
        expect(seen).to.deep.equal([7n, pyGlobal('m', 'C')]);
        expect(value).to.deep.equal(tuple<unknown>(null, fetched));
      });
    }
  }

  it('go on in the next pickle, which may fetch entries of the one before', () => {
    const values = decodeAll(raw('\x80\x03]q\x00K\x01a.\x80\x03h\x00h\x00\x86q\x01.'));
    const [first, second] = values as [unknown, unknown[]];
    expect(second[0]).to.equal(first);
    expect(second[1]).to.equal(first);
  });
});
