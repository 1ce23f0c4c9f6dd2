// What the made-up blocks hold, and the numbers of those that misbehave.

export const BLOCK = 2 ** 21;
export const WORDS = BLOCK / 4;

/** Word i of a block, in a snapshot. Differs between neighbouring blocks, words and snapshots. */
export function patternWord(block, i, snapshot = 0) {
  return (Math.imul(block + 1, 0x9e3779b1) + i * 3 + snapshot * 0x10001) >>> 0;
}

export function fillPattern(words, block, snapshot = 0) {
  let value = patternWord(block, 0, snapshot);
  for (let i = 0; i < WORDS; i++) {
    words[i] = value;
    value = (value + 3) | 0;
  }
}

/** The bytes of a block as the pattern has them. */
export function patternBlock(block, snapshot = 0) {
  const words = new Uint32Array(WORDS);
  fillPattern(words, block, snapshot);
  return new Uint8Array(words.buffer);
}

export const SPECIAL = {
  fails: 900,
  throws: 901,
  hangs: 902,
  exits: 903,
  exhaustsMemory: 904,
  touches: 905,
  short: 906,
  slow: 907,
  collects: 908,
};
