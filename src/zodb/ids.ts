// Object ids and transaction ids: 8 bytes in every format, branded bigints here, 16 hex digits in every text.

import { ArgumentError } from './errors.ts';

declare const OID: unique symbol;
declare const TID: unique symbol;

/** The id of an object; 0 is the root. */
export type Oid = bigint & { readonly [OID]: true };

/** The id of a transaction: also its time (see time.ts); strictly increasing within a storage. */
export type Tid = bigint & { readonly [TID]: true };

/** What parameters accept as an id: a bigint, or text of exactly 16 hex digits, optionally after `0x`. */
export type IdInput = bigint | string;

const MAX = 0xffff_ffff_ffff_ffffn;

/** The root object. */
export const ROOT_OID: Oid = 0n as Oid;
/** The tid of what was never stored. */
export const ZERO_TID: Tid = 0n as Tid;
/** The largest tid Python's ZODB uses: "the newest there is" in `load(oid, before)`. */
export const MAX_TID: Tid = 0x7fff_ffff_ffff_ffffn as Tid;

/** Checks and brands an oid. @throws ArgumentError for anything but a 64-bit bigint or 16 hex digits. */
export function oid(value: IdInput): Oid {
  return parseId(value, 'oid') as Oid;
}

/** Checks and brands a tid. @throws ArgumentError for anything but a 64-bit bigint or 16 hex digits. */
export function tid(value: IdInput): Tid {
  return parseId(value, 'tid') as Tid;
}

/** The one text form of an id: 16 hex digits. */
export function formatId(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

function parseId(value: IdInput, what: string): bigint {
  if (typeof value === 'bigint') {
    if (value >= 0n && value <= MAX) return value;
  } else if (typeof value === 'string' && /^(0x)?[0-9a-fA-F]{16}$/.test(value)) {
    return BigInt(value.startsWith('0x') ? value : `0x${value}`);
  }
  throw new ArgumentError(
    `${what} must be a bigint of 64 bits or text of exactly 16 hex digits, got ${describeArgument(value)}`,
  );
}

function describeArgument(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;
}
