// Finding integers among sorted ones. Ids and counters come densely, so a key is near where its value says it is between the first
// key and the last: that is looked at first, and costs no more than three comparisons where it is wrong.

/** How far from where it was expected a key may be. */
const NEAR = 8;

/**
 * The position of a key; `~position` where it would stand if it is not there. `undefined` unless both ends are numbers: then so are
 * all between them, for an integer that is held as a bigint is beyond every number.
 */
export function searchIntegers(keys: readonly unknown[], key: number): number | undefined {
  const { length } = keys;
  const first = keys[0];
  const last = keys[length - 1];
  if (typeof first !== 'number' || typeof last !== 'number') return undefined;
  if (last < key) return ~length;
  if (first >= key) return first === key ? 0 : ~0;
  const guess = (((key - first) / (last - first)) * (length - 1)) | 0;
  return searchNear(keys, key, guess);
}

/** The same where the keys are known to be numbers from `from` on and below `to`: it looks at fewer places of the memory. */
export function searchBetween(
  keys: readonly unknown[],
  key: number,
  from: number,
  to: number,
): number {
  return searchNear(keys, key, (((key - from) / (to - from)) * keys.length) | 0);
}

function searchNear(keys: readonly unknown[], key: number, guess: number): number {
  let low = 0;
  let high = keys.length;
  const found = keys[guess] as number;
  if (found < key) {
    low = guess + 1;
    if (low + NEAR < high && (keys[low + NEAR] as number) >= key) high = low + NEAR;
  } else {
    if (found === key) return guess;
    high = guess;
    if (high - NEAR > low && (keys[high - NEAR] as number) < key) low = high - NEAR + 1;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low < keys.length && keys[low] === key ? low : ~low;
}
