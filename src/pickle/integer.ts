// Python ints of any size as LONG1 and LONG4 hold them: two's complement, little-endian.

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The int of `length` bytes: a number if it is a safe integer, else a bigint. Padding is allowed. */
export function readInteger(bytes: Uint8Array, start: number, length: number): number | bigint {
  if (length === 0) return 0;
  const end = start + length;
  const negative = (bytes[end - 1] as number) > 0x7f;
  if (length < 7) {
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 256 + (bytes[at] as number);
    return negative ? value - 2 ** (8 * length) : value;
  }
  let hex = '0x';
  for (let at = end - 1; at >= start; at--) {
    hex += (bytes[at] as number).toString(16).padStart(2, '0');
  }
  const value = BigInt(hex);
  return narrowed(negative ? value - (1n << BigInt(8 * length)) : value);
}

/** A bigint as a number if it is a safe integer. */
export function narrowed(value: bigint): number | bigint {
  return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value;
}

/** The shortest two's complement bytes of an int, with room for its sign. */
export function integerBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  // the bits of -n - 1 are those of n inverted
  const magnitude = value < 0n ? -value - 1n : value;
  const hex = magnitude.toString(16);
  const bits =
    magnitude === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0] as string, 16)) + 28;
  const bytes = new Uint8Array((bits >> 3) + 1);
  const flip = value < 0n ? 0xff : 0;
  const padded = hex.padStart(bytes.length * 2, '0');
  for (let i = 0; i < bytes.length; i++) {
    const digit = padded.length - 2 * (i + 1);
    bytes[i] = Number.parseInt(padded.slice(digit, digit + 2), 16) ^ flip;
  }
  return bytes;
}
