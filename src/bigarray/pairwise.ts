// Sums of floats in halves of halves, so that rounding errors grow with the logarithm of the count. The shape of the
// recursion, and the eight partial sums at its leaves, are those of numpy: sums agree with its to the last bit.

/** Numbers that are added one by one into eight partial sums; more are split. */
const LEAF = 128;

/** Where to split: half, at a multiple of 8. */
export function splitAt(count: number): number {
  const half = Math.floor(count / 2);
  return half - (half % 8);
}

/** The sum of `count` doubles of `a` from `p` on, `s` apart. */
export function sumDoubles(a: Float64Array, p: number, count: number, s: number): number {
  if (count < 8) {
    let sum = -0;
    for (let i = 0; i < count; i++) sum += a[p + i * s] as number;
    return sum;
  }
  if (count > LEAF) {
    const n = splitAt(count);
    return sumDoubles(a, p, n, s) + sumDoubles(a, p + n * s, count - n, s);
  }
  let r0 = a[p] as number;
  let r1 = a[p + s] as number;
  let r2 = a[p + 2 * s] as number;
  let r3 = a[p + 3 * s] as number;
  let r4 = a[p + 4 * s] as number;
  let r5 = a[p + 5 * s] as number;
  let r6 = a[p + 6 * s] as number;
  let r7 = a[p + 7 * s] as number;
  const end = p + (count - (count % 8)) * s;
  let q = p + 8 * s;
  for (; q !== end; q += 8 * s) {
    r0 += a[q] as number;
    r1 += a[q + s] as number;
    r2 += a[q + 2 * s] as number;
    r3 += a[q + 3 * s] as number;
    r4 += a[q + 4 * s] as number;
    r5 += a[q + 5 * s] as number;
    r6 += a[q + 6 * s] as number;
    r7 += a[q + 7 * s] as number;
  }
  let sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7));
  for (let i = count - (count % 8); i < count; i++) sum += a[p + i * s] as number;
  return sum;
}

/** The same with every step rounded to single precision. */
export function sumSingles(a: Float64Array, p: number, count: number, s: number): number {
  const f = Math.fround;
  if (count < 8) {
    let sum = -0;
    for (let i = 0; i < count; i++) sum = f(sum + (a[p + i * s] as number));
    return sum;
  }
  if (count > LEAF) {
    const n = splitAt(count);
    return f(sumSingles(a, p, n, s) + sumSingles(a, p + n * s, count - n, s));
  }
  let r0 = f(a[p] as number);
  let r1 = f(a[p + s] as number);
  let r2 = f(a[p + 2 * s] as number);
  let r3 = f(a[p + 3 * s] as number);
  let r4 = f(a[p + 4 * s] as number);
  let r5 = f(a[p + 5 * s] as number);
  let r6 = f(a[p + 6 * s] as number);
  let r7 = f(a[p + 7 * s] as number);
  const end = p + (count - (count % 8)) * s;
  let q = p + 8 * s;
  for (; q !== end; q += 8 * s) {
    r0 = f(r0 + (a[q] as number));
    r1 = f(r1 + (a[q + s] as number));
    r2 = f(r2 + (a[q + 2 * s] as number));
    r3 = f(r3 + (a[q + 3 * s] as number));
    r4 = f(r4 + (a[q + 4 * s] as number));
    r5 = f(r5 + (a[q + 5 * s] as number));
    r6 = f(r6 + (a[q + 6 * s] as number));
    r7 = f(r7 + (a[q + 7 * s] as number));
  }
  let sum = f(f(f(r0 + r1) + f(r2 + r3)) + f(f(r4 + r5) + f(r6 + r7)));
  for (let i = count - (count % 8); i < count; i++) sum = f(sum + (a[p + i * s] as number));
  return sum;
}

/** A complex sum; `round` is Math.fround for single precision. */
export interface ComplexSum {
  real: number;
  imag: number;
}

/** The sum of `count` pairs of `a` from `p` on, `s` numbers apart: four partial sums at the leaves. */
export function sumPairs(
  a: Float64Array,
  p: number,
  count: number,
  s: number,
  round: (value: number) => number,
): ComplexSum {
  if (count < 4) {
    let [real, imag] = [-0, -0];
    for (let i = 0; i < count; i++) {
      real = round(real + (a[p + i * s] as number));
      imag = round(imag + (a[p + i * s + 1] as number));
    }
    return { real, imag };
  }
  if (count > LEAF / 2) {
    const n = splitPairsAt(count);
    const first = sumPairs(a, p, n, s, round);
    const rest = sumPairs(a, p + n * s, count - n, s, round);
    return { real: round(first.real + rest.real), imag: round(first.imag + rest.imag) };
  }
  const leaf = (part: number): number => {
    const r = [0, 1, 2, 3].map((k) => a[p + k * s + part] as number) as [
      number,
      number,
      number,
      number,
    ];
    const whole = count - (count % 4);
    for (let i = 4; i < whole; i += 4) {
      for (let k = 0; k < 4; k++)
        r[k] = round((r[k] as number) + (a[p + (i + k) * s + part] as number));
    }
    let sum = round(round(r[0] + r[1]) + round(r[2] + r[3]));
    for (let i = whole; i < count; i++) sum = round(sum + (a[p + i * s + part] as number));
    return sum;
  };
  return { real: leaf(0), imag: leaf(1) };
}

/** Where to split a number of pairs. */
export function splitPairsAt(count: number): number {
  return (count - (count % 8)) / 2;
}
