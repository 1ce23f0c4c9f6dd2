// Seeded damages of a file, as disks, copies and people make them.

/** A damaged copy, and which bytes of the original it has lost or changed. */
export interface Damage {
  readonly kind: string;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A small generator of random numbers: the same for the same seed. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const KINDS: Record<
  string,
  (file: Buffer, next: (below: number) => number) => Omit<Damage, 'kind'>
> = {
  'a flipped bit': (file, next) => {
    const start = 4 + next(file.length - 4);
    const bytes = Buffer.from(file);
    bytes[start] = (bytes[start] as number) ^ (1 << next(8));
    return { bytes, start, end: start + 1 };
  },
  'a wrong number': (file, next) => {
    const start = 4 + next(file.length - 12);
    const bytes = Buffer.from(file);
    bytes.writeBigUInt64BE(BigInt(next(3) * next(2 ** 31)), start);
    return { bytes, start, end: start + 8 };
  },
  zeros: (file, next) => {
    const start = 4 + next(file.length - 4);
    const end = Math.min(file.length, start + 1 + next(600));
    const bytes = Buffer.from(file);
    bytes.fill(0, start, end);
    return { bytes, start, end };
  },
  noise: (file, next) => {
    const start = 4 + next(file.length - 4);
    const end = Math.min(file.length, start + 1 + next(600));
    const bytes = Buffer.from(file);
    for (let i = start; i < end; i++) bytes[i] = next(256);
    return { bytes, start, end };
  },
  'a missing end': (file, next) => {
    const start = 4 + next(file.length - 4);
    return { bytes: file.subarray(0, start), start, end: file.length };
  },
  'a missing part': (file, next) => {
    const start = 4 + next(file.length - 4);
    const end = Math.min(file.length, start + 1 + next(300));
    return { bytes: Buffer.concat([file.subarray(0, start), file.subarray(end)]), start, end };
  },
  'a part too much': (file, next) => {
    const start = 4 + next(file.length - 4);
    const extra = file.subarray(start - next(Math.min(300, start - 3)), start);
    const bytes = Buffer.concat([file.subarray(0, start), extra, file.subarray(start)]);
    return { bytes, start, end: start + 1 };
  },
};

/** The damage of a seed. */
export function damage(file: Buffer, seed: number): Damage {
  const next = random(seed * 7919 + 17);
  for (let i = 0; i < 5; i++) next(2);
  const names = Object.keys(KINDS);
  const kind = names[next(names.length)] as string;
  return { kind, ...(KINDS[kind] as (typeof KINDS)[string])(file, next) };
}
