// Floats, text and bytes as Python's repr writes them.

/** A float as Python writes it: 3.0, 1e+16, 1e-05, inf, nan. */
export function describeFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // JavaScript's own form has no exponent between 1e-6 and 1e21
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** A complex number of two floats. */
export function describeComplex(
  real: number,
  imag: number,
  float: (part: number) => string = describeFloat,
): string {
  const number = (value: number): string => float(value).replace(/\.0$/, '');
  if (Object.is(real, 0)) return `${number(imag)}j`;
  const sign = imag < 0 || Object.is(imag, -0) ? '' : '+';
  return `(${number(real)}${sign}${number(imag)}j)`;
}

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Text in quotes, with what cannot be printed escaped. */
export function describeText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\']|[^\P{C}\n]|\n|[^\P{Z} ]/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'";
    const named = NAMED_ESCAPES.get(character);
    if (named !== undefined) return named;
    const point = character.codePointAt(0) as number;
    if (point < 0x100) return `\\x${point.toString(16).padStart(2, '0')}`;
    if (point < 0x10000) return `\\u${point.toString(16).padStart(4, '0')}`;
    return `\\U${point.toString(16).padStart(8, '0')}`;
  });
  return quote + escaped + quote;
}

/** A bytearray, in which Python escapes every single quote. */
export function describeByteArray(bytes: Uint8Array): string {
  const text = describeBytes(bytes);
  return `bytearray(${text.startsWith('b"') ? text.replaceAll("'", "\\'") : text})`;
}

/** Bytes as a literal of Python. */
export function describeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[^ -[\]-~]|'|\\/g, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'";
    const named = NAMED_ESCAPES.get(character);
    return named ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${escaped}${quote}`;
}
