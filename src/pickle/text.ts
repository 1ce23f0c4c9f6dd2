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

/** Text as bytes, one a character; undefined where it has others. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

// Short strings (attribute names, keys, words) recur: a direct-mapped table from their bytes, as four little-endian words
// masked at the tail, to the string. Equal words and length are equal bytes, whatever the encoding of both.
const SLOTS = 4096;
const cachedLengths: Uint8Array = new Uint8Array(SLOTS);
const cachedWords: Int32Array = new Int32Array(SLOTS * 4);
const cachedTexts: string[] = new Array<string>(SLOTS).fill('');
const TAIL: Int32Array = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

const NOT_ASCII = 0x80808080;

/** Strings up to this many bytes go through the cache. */
export const SHORT = 16;

/** Which place of the cache the last `shortText` used: for caches of what is made of the texts. */
export let shortSlot = 0;

/** How many places the cache has. */
export const SHORT_SLOTS: number = SLOTS;

/**
 * The text of `length` bytes (1 to SHORT) at `start` of the buffer under `view`, where at least SHORT bytes may be read.
 * `base` is where `bytes` start in that buffer. With `onlyAscii`, undefined for all other bytes.
 */
export function shortText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
  onlyAscii: true,
): string | undefined;
export function shortText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
  onlyAscii: false,
): string | PyRawText;
export function shortText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
  onlyAscii: boolean,
): string | PyRawText | undefined {
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
  if (onlyAscii && ((a | b | c | d) & NOT_ASCII) !== 0) return undefined;
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash =
    Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^
    Math.imul(c, 0xc2b2ae35) ^
    Math.imul(d, 0x27d4eb2f);
  const slot = (hash ^ (hash >>> 13) ^ length) & (SLOTS - 1);
  const word = slot * 4;
  shortSlot = slot;
  if (
    cachedLengths[slot] === length &&
    cachedWords[word] === a &&
    cachedWords[word + 1] === b &&
    cachedWords[word + 2] === c &&
    cachedWords[word + 3] === d
  ) {
    return cachedTexts[slot] as string;
  }
  const text =
    ((a | b | c | d) & NOT_ASCII) === 0
      ? shortAscii(bytes, start, length)
      : utf8Decoded(bytes, start, start + length);
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
  return utf8Decoded(bytes, start, end);
}

/** As `utf8Text`, for bytes that begin `base` bytes into the buffer under `view`: faster for texts of 16 to 512 bytes. */
export function viewedText(
  bytes: Uint8Array,
  view: DataView,
  base: number,
  start: number,
  length: number,
): string | PyRawText {
  const end = start + length;
  if (length > LONG) return longText(bytes, start, end);
  const limit = base + end;
  let at = base + start;
  let all = 0;
  for (; at + 4 <= limit; at += 4) all |= view.getInt32(at, true);
  for (; at < limit; at++) all |= view.getUint8(at);
  // a sign bit that a byte of the tail has is that byte's own
  return (all & NOT_ASCII) === 0
    ? latin1Slice.call(bytes, start, end)
    : utf8Decoded(bytes, start, end);
}

function utf8Decoded(bytes: Uint8Array, start: number, end: number): string | PyRawText {
  const text = utf8Slice.call(bytes, start, end);
  return text.includes('\ufffd') ? utf8Exactly(bytes, start, end) : text;
}

// Above this many bytes Node's vectorised checks and conversions are worth a few more calls.
const LONG = 512;

function longText(bytes: Uint8Array, start: number, end: number): string | PyRawText {
  if (isAscii(bytes, start, end)) return latin1Slice.call(bytes, start, end);
  if (fromUtf8 === undefined) return utf8Decoded(bytes, start, end);
  return fromUtf8(bytes.subarray(start, end)) ?? utf8Exactly(bytes, start, end);
}

interface NodeBuffer {
  isAscii?: (bytes: Uint8Array) => boolean;
  isUtf8?: (bytes: Uint8Array) => boolean;
  transcode?: (
    bytes: Uint8Array,
    from: 'utf8',
    to: 'utf16le',
  ) => { ucs2Slice?: Slice } & Uint8Array;
}

const nodeBuffer: NodeBuffer | undefined = (
  globalThis as { process?: { getBuiltinModule?: (name: string) => NodeBuffer | undefined } }
).process?.getBuiltinModule?.('node:buffer');

const fromUtf8: ((bytes: Uint8Array) => string | undefined) | undefined = utf8ByTranscoding();

/** The text of UTF-8 without surrogates, by way of UTF-16: five times as fast as one step. */
function utf8ByTranscoding(): typeof fromUtf8 {
  const { isUtf8, transcode } = nodeBuffer ?? {};
  if (isUtf8 === undefined || transcode === undefined) return undefined;
  return (bytes) => {
    if (!isUtf8(bytes)) return undefined;
    const utf16 = transcode(bytes, 'utf8', 'utf16le');
    return utf16.ucs2Slice?.(0, utf16.length);
  };
}

// Where Node has it, 30 times as fast as a loop from some hundred bytes on.
const nodeIsAscii: NodeBuffer['isAscii'] = nodeBuffer?.isAscii;

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
  return all > 0x7f ? undefined : shortAscii(bytes, start, end - start);
}

/** Up to SHORT characters: by their codes, which costs less than half of a slice. */
function shortAscii(b: Uint8Array, i: number, length: number): string {
  const of = String.fromCharCode as (...codes: (number | undefined)[]) => string;
  // biome-ignore format: one line each
  switch (length) {
    case 0: return '';
    case 1: return of(b[i]);
    case 2: return of(b[i], b[i + 1]);
    case 3: return of(b[i], b[i + 1], b[i + 2]);
    case 4: return of(b[i], b[i + 1], b[i + 2], b[i + 3]);
    case 5: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4]);
    case 6: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5]);
    case 7: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6]);
    case 8: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7]);
    case 9: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8]);
    case 10: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9]);
    case 11: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10]);
    case 12: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10], b[i + 11]);
    case 13: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12]);
    case 14: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12], b[i + 13]);
    case 15: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12], b[i + 13], b[i + 14]);
    case 16: return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10], b[i + 11], b[i + 12], b[i + 13], b[i + 14], b[i + 15]);
    default: return latin1Slice.call(b, i, i + length);
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

type Write = (this: Uint8Array, text: string, at: number, room: number) => number;

const encoder = new TextEncoder();

// Node's own write needs no view of the rest of the array, which costs more than writing a line of text.
const utf8Write: Write =
  (node as { utf8Write?: Write } | undefined)?.utf8Write ??
  function write(text, at) {
    return encoder.encodeInto(text, this.subarray(at)).written;
  };

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
  const written = utf8Write.call(bytes, text, at, bytes.length - at);
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
