// Big-endian numbers in byte arrays, as FileStorage, ZEO and NEO write them. Works in a browser.

// Between a bigint and its two halves a DataView is several times faster than shifts, which make bigints of their own.
const scratch = new DataView(new ArrayBuffer(8));

/** Reads 8 big-endian bytes as a bigint. */
export function readU64(bytes: Uint8Array, offset = 0): bigint {
  scratch.setUint32(0, readU32(bytes, offset));
  scratch.setUint32(4, readU32(bytes, offset + 4));
  return scratch.getBigUint64(0);
}

/** Writes a bigint as 8 big-endian bytes. */
export function writeU64(bytes: Uint8Array, value: bigint, offset = 0): void {
  scratch.setBigUint64(0, value);
  writeU32(bytes, scratch.getUint32(0), offset);
  writeU32(bytes, scratch.getUint32(4), offset + 4);
}

/** An 8-byte id as its big-endian bytes: the form in which pickles hold oids. */
export function idBytes(id: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, id);
  return bytes;
}

/** Reads 4 big-endian bytes as a number. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset] as number) * 0x1000000 +
    (((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number))
  );
}

/** Writes a number below 2^32 as 4 big-endian bytes. */
export function writeU32(bytes: Uint8Array, value: number, offset: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Whether two byte arrays hold the same bytes. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
