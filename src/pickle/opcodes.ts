// The 68 opcodes of protocols 0-5: names as in Python's documentation, and what follows each in the bytes.

export const MARK = 0x28;
export const STOP = 0x2e;
export const POP = 0x30;
export const POP_MARK = 0x31;
export const DUP = 0x32;
export const FLOAT = 0x46;
export const BINFLOAT = 0x47;
export const INT = 0x49;
export const BININT = 0x4a;
export const BININT1 = 0x4b;
export const LONG = 0x4c;
export const BININT2 = 0x4d;
export const NONE = 0x4e;
export const PERSID = 0x50;
export const BINPERSID = 0x51;
export const REDUCE = 0x52;
export const STRING = 0x53;
export const BINSTRING = 0x54;
export const SHORT_BINSTRING = 0x55;
export const UNICODE = 0x56;
export const BINUNICODE = 0x58;
export const APPEND = 0x61;
export const BUILD = 0x62;
export const GLOBAL = 0x63;
export const DICT = 0x64;
export const EMPTY_DICT = 0x7d;
export const APPENDS = 0x65;
export const GET = 0x67;
export const BINGET = 0x68;
export const INST = 0x69;
export const LONG_BINGET = 0x6a;
export const LIST = 0x6c;
export const EMPTY_LIST = 0x5d;
export const OBJ = 0x6f;
export const PUT = 0x70;
export const BINPUT = 0x71;
export const LONG_BINPUT = 0x72;
export const SETITEM = 0x73;
export const TUPLE = 0x74;
export const EMPTY_TUPLE = 0x29;
export const SETITEMS = 0x75;
export const BINBYTES = 0x42;
export const SHORT_BINBYTES = 0x43;
export const PROTO = 0x80;
export const NEWOBJ = 0x81;
export const EXT1 = 0x82;
export const EXT2 = 0x83;
export const EXT4 = 0x84;
export const TUPLE1 = 0x85;
export const TUPLE2 = 0x86;
export const TUPLE3 = 0x87;
export const NEWTRUE = 0x88;
export const NEWFALSE = 0x89;
export const LONG1 = 0x8a;
export const LONG4 = 0x8b;
export const SHORT_BINUNICODE = 0x8c;
export const BINUNICODE8 = 0x8d;
export const BINBYTES8 = 0x8e;
export const EMPTY_SET = 0x8f;
export const ADDITEMS = 0x90;
export const FROZENSET = 0x91;
export const NEWOBJ_EX = 0x92;
export const STACK_GLOBAL = 0x93;
export const MEMOIZE = 0x94;
export const FRAME = 0x95;
export const BYTEARRAY8 = 0x96;
export const NEXT_BUFFER = 0x97;
export const READONLY_BUFFER = 0x98;

/**
 * What follows an opcode: nothing; a number (u1 u2 u4 u8 little-endian, i4 signed, f8 big-endian); a line up to a
 * newline; two lines; or a length (n1 n4 n8, m4 signed) and that many bytes.
 */
export type Operand =
  | ''
  | 'u1'
  | 'u2'
  | 'u4'
  | 'u8'
  | 'i4'
  | 'f8'
  | 'line'
  | 'lines'
  | 'n1'
  | 'n4'
  | 'm4'
  | 'n8';

export interface Opcode {
  readonly code: number;
  readonly name: string;
  readonly protocol: number;
  readonly operand: Operand;
}

const TABLE = `
28 MARK 0|2e STOP 0|30 POP 0|31 POP_MARK 1|32 DUP 0|46 FLOAT 0 line|47 BINFLOAT 1 f8|49 INT 0 line
4a BININT 1 i4|4b BININT1 1 u1|4c LONG 0 line|4d BININT2 1 u2|4e NONE 0|50 PERSID 0 line|51 BINPERSID 1|52 REDUCE 0
53 STRING 0 line|54 BINSTRING 1 m4|55 SHORT_BINSTRING 1 n1|56 UNICODE 0 line|58 BINUNICODE 1 n4|61 APPEND 0
62 BUILD 0|63 GLOBAL 0 lines|64 DICT 0|7d EMPTY_DICT 1|65 APPENDS 1|67 GET 0 line|68 BINGET 1 u1|69 INST 0 lines
6a LONG_BINGET 1 u4|6c LIST 0|5d EMPTY_LIST 1|6f OBJ 1|70 PUT 0 line|71 BINPUT 1 u1|72 LONG_BINPUT 1 u4|73 SETITEM 0
74 TUPLE 0|29 EMPTY_TUPLE 1|75 SETITEMS 1|42 BINBYTES 3 n4|43 SHORT_BINBYTES 3 n1|80 PROTO 2 u1|81 NEWOBJ 2
82 EXT1 2 u1|83 EXT2 2 u2|84 EXT4 2 i4|85 TUPLE1 2|86 TUPLE2 2|87 TUPLE3 2|88 NEWTRUE 2|89 NEWFALSE 2
8a LONG1 2 n1|8b LONG4 2 m4|8c SHORT_BINUNICODE 4 n1|8d BINUNICODE8 4 n8|8e BINBYTES8 4 n8|8f EMPTY_SET 4
90 ADDITEMS 4|91 FROZENSET 4|92 NEWOBJ_EX 4|93 STACK_GLOBAL 4|94 MEMOIZE 4|95 FRAME 4 u8|96 BYTEARRAY8 5 n8
97 NEXT_BUFFER 5|98 READONLY_BUFFER 5`;

/** Opcodes by byte; undefined for a byte that is none. */
export const OPCODES: readonly (Opcode | undefined)[] = parseTable();

function parseTable(): (Opcode | undefined)[] {
  const opcodes: (Opcode | undefined)[] = new Array(256).fill(undefined);
  for (const row of TABLE.trim().split(/[|\n]/)) {
    const [hex = '', name = '', protocol = '', operand = ''] = row.split(' ');
    const code = Number.parseInt(hex, 16);
    opcodes[code] = { code, name, protocol: Number(protocol), operand: operand as Operand };
  }
  return opcodes;
}

/** The name of an opcode byte, or its hexadecimal form where it is none. */
export function opcodeName(code: number | undefined): string | undefined {
  if (code === undefined) return undefined;
  return OPCODES[code]?.name ?? `0x${code.toString(16).padStart(2, '0')}`;
}
