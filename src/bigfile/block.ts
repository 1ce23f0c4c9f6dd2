// A file of blocks: block n holds the bytes from n * BLOCK_SIZE on. Trailing zeros are not stored, and a block that was
// never written does not exist: both read as zeros.

/** Bytes of a block, in the file format and in memory. */
export const BLOCK_SIZE: number = 2 * 1024 * 1024;

/** A block or chunk without its trailing zeros: a view of `bytes`, not a copy. */
export function withoutTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  const aligned = (bytes.byteOffset + end) % 4 === 0 && bytes.byteOffset % 4 === 0;
  if (aligned && bytes[end - 1] === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, end / 4);
    let word = words.length;
    while (word > 0 && words[word - 1] === 0) word--;
    end = word * 4;
  }
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
