// Bytes as quoted text, the way zodbtools' dumps quote users, descriptions and extensions.

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
