// Bytes as quoted text, the way zodbtools' dumps quote users, descriptions and extensions.

import { ArgumentError } from '../zodb/errors.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

/** Letters, numbers, punctuation, symbols and the plain space; no combining marks. */
const PRINTABLE = /^[\p{L}\p{N}\p{P}\p{S} ]$/u;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `bytes` between double quotes: printable UTF-8 as it is, all else escaped byte by byte. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    if (character === undefined) {
      text += escapeByte(bytes[at++] as number);
      continue;
    }
    const length = utf8Length(character);
    text += quoteCharacter(character, bytes.subarray(at, at + length));
    at += length;
  }
  return `${text}"`;
}

const UNESCAPED: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 0x22,
  "'": 0x27,
  '\\': 0x5c,
};

/** Digits of the escapes that give a byte or a character by its number, and their base. */
const NUMBERED: Readonly<Record<string, readonly [digits: number, base: number]>> = {
  x: [2, 16],
  u: [4, 16],
  U: [8, 16],
};

/** The bytes between the quotes of `text`, itself in UTF-8. @throws ArgumentError for what `quote` cannot have written */
export function unquote(text: Uint8Array): Uint8Array {
  const wrong = (why: string) => new ArgumentError(`${why} in quoted text`);
  const last = text.length - 1;
  if (last < 1 || text[0] !== 0x22 || text[last] !== 0x22) throw wrong('no double quotes');
  const bytes: number[] = [];
  for (let at = 1; at < last; ) {
    const byte = text[at++] as number;
    if (byte === 0x22) throw wrong('an unescaped double quote');
    if (byte !== 0x5c) {
      bytes.push(byte);
      continue;
    }
    if (at === last) throw wrong('a backslash at the end');
    const letter = String.fromCharCode(text[at++] as number);
    const simple = UNESCAPED[letter];
    if (simple !== undefined) {
      bytes.push(simple);
      continue;
    }
    const [digits, base] = NUMBERED[letter] ?? [];
    if (digits === undefined) throw wrong(`an unknown escape \\${letter}`);
    const number = String.fromCharCode(...text.subarray(at, Math.min(at + digits, last)));
    if (number.length !== digits || !/^[0-9a-fA-F]+$/.test(number))
      throw wrong(`an incomplete escape \\${letter}`);
    at += digits;
    const value = Number.parseInt(number, base);
    if (digits === 2) bytes.push(value);
    else if (value > 0x10ffff) throw wrong('a character beyond U+10FFFF');
    else bytes.push(...new TextEncoder().encode(String.fromCodePoint(value)));
  }
  return Uint8Array.from(bytes);
}

function quoteCharacter(character: string, bytes: Uint8Array): string {
  const escaped = ESCAPES[character];
  if (escaped !== undefined) return escaped;
  // zodbtools takes a real U+FFFD for its own sign of bad UTF-8, and shows only the first of its bytes.
  if (character === '\ufffd') return escapeByte(bytes[0] as number);
  return PRINTABLE.test(character) ? character : Array.from(bytes, escapeByte).join('');
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The character whose UTF-8 starts at `at`; `undefined` for bytes that are none. */
function characterAt(bytes: Uint8Array, at: number): string | undefined {
  const first = bytes[at] as number;
  if (first < 0x80) return String.fromCharCode(first);
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return undefined;
  try {
    const text = decoder.decode(bytes.subarray(at, at + length));
    return utf8Length(text) === length ? text : undefined;
  } catch {
    return undefined;
  }
}

function utf8Length(character: string): number {
  const code = character.codePointAt(0) as number;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
}
