// Bytes as the lower-case hex digits that oracles have. Without Node's Buffer, since some tests run in a browser too.

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += DIGITS[bytes[at] as number];
  return text;
}
