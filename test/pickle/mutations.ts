// Records damaged at random, the same ones for the same seed: what decoders meet when a disk, a network or an enemy wrote them.

import { OPCODES } from '../../src/pickle/opcodes.ts';

/** Numbers from 0 to below `limit`; mulberry32. */
export type Random = (limit: number) => number;

export function generator(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const CODES: readonly number[] = OPCODES.flatMap((opcode) =>
  opcode === undefined ? [] : [opcode.code],
);
/** Lengths and numbers at which readers go wrong. */
const EXTREMES: readonly number[] = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** A sample with one to four changes: bytes, opcodes, lengths, parts left out, repeated, moved, or taken from another sample. */
export function mutated(samples: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = (samples[random(samples.length)] as Uint8Array).slice();
  for (let changes = 1 + random(random(4) + 1); changes > 0; changes--) {
    const at = random(bytes.length);
    switch (random(8)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << random(8));
        break;
      case 2:
        bytes[at] = CODES[random(CODES.length)] as number;
        break;
      case 3: {
        const value = EXTREMES[random(EXTREMES.length)] as number;
        for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = value >>> (8 * i);
        break;
      }
      case 4:
        bytes = bytes.slice(0, at);
        break;
      case 5: {
        const codes = Uint8Array.from(
          { length: 1 + random(20) },
          () => CODES[random(CODES.length)] as number,
        );
        bytes = spliced(bytes, at, 0, codes);
        break;
      }
      case 6: {
        const other = samples[random(samples.length)] as Uint8Array;
        const from = random(other.length);
        bytes = spliced(bytes, at, random(40), other.slice(from, from + random(60)));
        break;
      }
      default: {
        // the same part many times: deep nesting, doubling, long runs
        const part = bytes.slice(at, at + 1 + random(12));
        const times = 1 + random(random(10) === 0 ? 2000 : 10);
        const run = new Uint8Array(part.length * times);
        for (let n = 0; n < times; n++) run.set(part, n * part.length);
        bytes = spliced(bytes, at, part.length, run);
      }
    }
    if (bytes.length === 0) bytes = Uint8Array.of(0x2e);
  }
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const after = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + added.length + after.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(after, at + added.length);
  return result;
}
