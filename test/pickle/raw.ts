// Pickles written by hand: a string whose characters are bytes.

import { PickleError } from '../../src/pickle/index.ts';

/** The bytes of a string, one a character. */
export function raw(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Bytes as such a string, for messages and comparison. */
export function text(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A number as `size` little-endian bytes. */
export function le(value: number | bigint, size: number): string {
  let rest = BigInt.asUintN(size * 8, BigInt(value));
  let bytes = '';
  for (let i = 0; i < size; i++) {
    bytes += String.fromCharCode(Number(rest & 0xffn));
    rest >>= 8n;
  }
  return bytes;
}

/** The PickleError that a function throws; any other outcome fails. */
export function failure(run: () => unknown): PickleError {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    if (error instanceof PickleError) return error;
    throw error;
  }
  throw new Error(`no error, but ${String(result)}`);
}
