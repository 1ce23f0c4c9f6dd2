// Text in pickles is UTF-8 in which lone surrogates stand as three bytes each, as Python writes them.

import { PickleError } from './errors.ts';
import { PyRawText } from './values.ts';

type Slice = (this: Uint8Array, start: number, end: number) => string;

// Node's slices cost half of a TextDecoder call; the codec works without them.
const node = (globalThis as { Buffer?: { prototype: { utf8Slice?: Slice; latin1Slice?: Slice } } })
  .Buffer?.prototype;
const utf8Slice: Slice =
  node?.utf8Slice ?? decoderSlice(new TextDecoder('utf-8', { ignoreBOM: true }));
const latin1Slice: Slice = node?.latin1Slice ?? latin1ByCharacter;

function decoderSlice(decoder: TextDecoder): Slice {
  return function slice(start, end) {
    return decoder.decode(this.subarray(start, end));
  };
}

function latin1ByCharacter(this: Uint8Array, start: number, end: number): string {
  const parts: string[] = [];
  for (let at = start; at < end; at += 4096) {
    parts.push(String.fromCharCode(...this.subarray(at, Math.min(end, at + 4096))));
  }
  return parts.join('');
}

/** Bytes as text, one character a byte. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

// Short strings (attribute names, keys, words) recur: a direct-mapped table from their bytes, as four little-endian words
// masked at the tail, to the string. Equal words and length are equal bytes, whatever the encoding of both.
const SLOTS = 4096;
const cachedLengths: Uint8Array = new Uint8Array(SLOTS);
const cachedWords: Int32Array = new Int32Array(SLOTS * 4);
const cachedTexts: string[] = new Array<string>(SLOTS).fill('');
const TAIL: Int32Array = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

/** Strings up to this many bytes go through the cache. */
export const SHORT = 16;

/**
 * The text of `length` bytes (1 to SHORT) at `start` of the buffer under `view`, where at least SHORT bytes may be read.
 * `base` is where `bytes` start in that buffer.
 */
export function shortText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
): string | PyRawText {
  const at = base + start;
  let a = view.getInt32(at, true);
  let b = 0;
  let c = 0;
  let d = 0;
  if (length < 5) {
    a &= TAIL[length & 3] as number;
  } else {
    b = view.getInt32(at + 4, true);
    if (length < 9) {
      b &= TAIL[length & 3] as number;
    } else {
      c = view.getInt32(at + 8, true);
      if (length < 13) {
        c &= TAIL[length & 3] as number;
      } else {
        d = view.getInt32(at + 12, true) & (TAIL[length & 3] as number);
      }
    }
  }
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash =
    Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^
    Math.imul(c, 0xc2b2ae35) ^
    Math.imul(d, 0x27d4eb2f);
  const slot = (hash ^ (hash >>> 13) ^ length) & (SLOTS - 1);
  const word = slot * 4;
  if (
    cachedLengths[slot] === length &&
    cachedWords[word] === a &&
    cachedWords[word + 1] === b &&
    cachedWords[word + 2] === c &&
    cachedWords[word + 3] === d
  ) {
    return cachedTexts[slot] as string;
  }
  const text = utf8Text(bytes, start, start + length);
  if (typeof text !== 'string') return text;
  cachedLengths[slot] = length;
  cachedWords[word] = a;
  cachedWords[word + 1] = b;
  cachedWords[word + 2] = c;
  cachedWords[word + 3] = d;
  cachedTexts[slot] = text;
  return text;
}

/**
 * The text of UTF-8 bytes with lone surrogates. A pair of surrogates written as two characters gives PyRawText.
 * @throws PickleError if the bytes are not UTF-8.
 */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string | PyRawText {
  if (end - start < 6) {
    const text = fewAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  if (isAscii(bytes, start, end)) return latin1Slice.call(bytes, start, end);
  const text = utf8Slice.call(bytes, start, end);
  return text.includes('\ufffd') ? utf8Exactly(bytes, start, end) : text;
}

type Predicate = (bytes: Uint8Array) => boolean;

// Where Node has it, 30 times as fast as a loop from some hundred bytes on.
const nodeIsAscii: Predicate | undefined = (
  globalThis as {
    process?: { getBuiltinModule?: (name: string) => { isAscii?: Predicate } | undefined };
  }
).process?.getBuiltinModule?.('node:buffer')?.isAscii;

/** Whether all bytes are below 0x80. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 256 && nodeIsAscii !== undefined)
    return nodeIsAscii(bytes.subarray(start, end));
  for (let at = start; at < end; at++) if ((bytes[at] as number) > 0x7f) return false;
  return true;
}

function fewAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let all = 0;
  for (let at = start; at < end; at++) all |= bytes[at] as number;
  if (all > 0x7f) return undefined;
  const a = bytes[start] as number;
  const b = bytes[start + 1] as number;
  const c = bytes[start + 2] as number;
  const d = bytes[start + 3] as number;
  switch (end - start) {
    case 0:
      return '';
    case 1:
      return String.fromCharCode(a);
    case 2:
      return String.fromCharCode(a, b);
    case 3:
      return String.fromCharCode(a, b, c);
    case 4:
      return String.fromCharCode(a, b, c, d);
    default:
      return String.fromCharCode(a, b, c, d, bytes[start + 4] as number);
  }
}

function utf8Exactly(bytes: Uint8Array, start: number, end: number): string | PyRawText {
  const parts: string[] = [];
  let units: number[] = [];
  let afterHigh = -1;
  let paired = false;
  for (let at = start; at < end; ) {
    const lead = bytes[at] as number;
    const length =
      lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > end) throw notUtf8(at);
    let point = length === 1 ? lead : lead & (0xff >> (length + 1));
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i] as number;
      if ((next & 0xc0) !== 0x80) throw notUtf8(at);
      point = (point << 6) | (next & 0x3f);
    }
    if (
      (length === 3 && point < 0x800) ||
      (length === 4 && (point < 0x10000 || point > 0x10ffff))
    ) {
      throw notUtf8(at);
    }
    if (point >= 0xdc00 && point < 0xe000 && afterHigh === at) paired = true;
    at += length;
    if (point >= 0xd800 && point < 0xdc00) afterHigh = at;
    if (point < 0x10000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff));
    if (units.length > 4000) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  parts.push(String.fromCharCode(...units));
  const text = parts.join('');
  return paired ? new PyRawText(bytes.slice(start, end), text) : text;
}

function notUtf8(at: number): PickleError {
  return new PickleError(`text is not UTF-8 at byte ${at}`);
}

/** How many bytes `writeUtf8` may need. */
export function utf8Bound(text: string): number {
  return text.length * 3;
}

const encoder = new TextEncoder();

/** Writes text at `at` and returns the position after it; there is room for `utf8Bound(text)` bytes. */
export function writeUtf8(bytes: Uint8Array, text: string, at: number): number {
  const length = text.length;
  if (length <= 40) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      bytes[at + i] = unit;
    }
    if (i === length) return at + length;
  }
  const { written } = encoder.encodeInto(text, bytes.subarray(at));
  if (written === length || isWellFormed.call(text)) return at + written;
  return writeUtf8Exactly(bytes, text, at);
}

const isWellFormed: (this: string) => boolean =
  (String.prototype as { isWellFormed?: (this: string) => boolean }).isWellFormed ??
  function isWellFormed() {
    return !/\p{Surrogate}/u.test(this);
  };

function writeUtf8Exactly(bytes: Uint8Array, text: string, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point < 0x80) bytes[at++] = point;
    else if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      bytes[at++] = 0xe0 | (point >> 12);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      i += 1;
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}
