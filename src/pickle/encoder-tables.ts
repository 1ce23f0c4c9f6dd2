// Hash tables of the encoder's memo, of its own because a Map from strings hashes each of them again. The keys may have been
// chosen to collide: a look-up ends after PROBES slots, and what finds no place in them goes into a Map.

const PROBES = 16;
const FIRST_SIZE = 1024;
/** No larger than this: what does not fit goes into the Map. */
const LAST_SIZE = 1 << 18;

/** Up to this many characters all of a string goes into its hash. */
export const FULLY_HASHED = 40;

/** The hash of a string. Where a short one is copied one character at a time, it is made in the same loop. */
export function textHash(text: string): number {
  const { length } = text;
  let hash = 0;
  const step = length <= FULLY_HASHED ? 1 : length >> 4;
  for (let i = 0; i < length; i += step) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Strings to numbers from 0. */
export class TextTable {
  #texts: string[] = new Array<string>(FIRST_SIZE).fill('');
  #hashes: Int32Array = new Int32Array(FIRST_SIZE);
  /** One more than the number; 0 in an empty slot. */
  #numbers: Int32Array = new Int32Array(FIRST_SIZE);
  #used: number[] = [];
  readonly #overflow: Map<string, number> = new Map();

  /** The number of a string, or -1 after giving it the number `next`. Equal strings must come with equal hashes. */
  findOrAdd(text: string, hash: number, next: number): number {
    const texts = this.#texts;
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let probe = 0; probe < PROBES; probe++) {
      const number = numbers[slot] as number;
      if (number === 0) {
        numbers[slot] = next + 1;
        hashes[slot] = hash;
        texts[slot] = text;
        if (this.#used.push(slot) * 2 > mask && mask < LAST_SIZE - 1) this.#grow();
        return -1;
      }
      if (hashes[slot] === hash && texts[slot] === text) return number - 1;
      slot = (slot + 1) & mask;
    }
    const known = this.#overflow.get(text);
    if (known !== undefined) return known;
    this.#overflow.set(text, next);
    return -1;
  }

  #grow(): void {
    const [texts, hashes, numbers, used] = [this.#texts, this.#hashes, this.#numbers, this.#used];
    const size = numbers.length * 4;
    this.#texts = new Array<string>(size).fill('');
    this.#hashes = new Int32Array(size);
    this.#numbers = new Int32Array(size);
    this.#used = [];
    const overflow = [...this.#overflow];
    this.#overflow.clear();
    for (const slot of used) {
      this.findOrAdd(texts[slot] as string, hashes[slot] as number, (numbers[slot] as number) - 1);
    }
    for (const [text, number] of overflow) this.findOrAdd(text, textHash(text), number);
  }

  clear(): void {
    const used = this.#used;
    for (let i = 0; i < used.length; i++) {
      const slot = used[i] as number;
      this.#numbers[slot] = 0;
      this.#texts[slot] = '';
    }
    used.length = 0;
    if (this.#overflow.size > 0) this.#overflow.clear();
  }
}

/** Oids, as two words, to numbers from 0. */
export class OidTable {
  #words: Int32Array = new Int32Array(FIRST_SIZE * 2);
  #numbers: Int32Array = new Int32Array(FIRST_SIZE);
  #used: number[] = [];
  readonly #overflow: Map<string, number> = new Map();

  /** The number of an oid, or -1 after giving it the number `next`. */
  findOrAdd(high: number, low: number, next: number): number {
    const words = this.#words;
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    slot = (slot ^ (slot >>> 15)) & mask;
    for (let probe = 0; probe < PROBES; probe++) {
      const number = numbers[slot] as number;
      if (number === 0) {
        numbers[slot] = next + 1;
        words[slot * 2] = high;
        words[slot * 2 + 1] = low;
        if (this.#used.push(slot) * 2 > mask && mask < LAST_SIZE - 1) this.#grow();
        return -1;
      }
      if (words[slot * 2 + 1] === low && words[slot * 2] === high) return number - 1;
      slot = (slot + 1) & mask;
    }
    const key = `${high} ${low}`;
    const known = this.#overflow.get(key);
    if (known !== undefined) return known;
    this.#overflow.set(key, next);
    return -1;
  }

  #grow(): void {
    const [words, numbers, used] = [this.#words, this.#numbers, this.#used];
    this.#words = new Int32Array(words.length * 4);
    this.#numbers = new Int32Array(numbers.length * 4);
    this.#used = [];
    const overflow = [...this.#overflow];
    this.#overflow.clear();
    for (const slot of used) {
      const [high, low] = [words[slot * 2] as number, words[slot * 2 + 1] as number];
      this.findOrAdd(high, low, (numbers[slot] as number) - 1);
    }
    for (const [key, number] of overflow) {
      const [high, low] = key.split(' ').map(Number) as [number, number];
      this.findOrAdd(high, low, number);
    }
  }

  clear(): void {
    const used = this.#used;
    for (let i = 0; i < used.length; i++) this.#numbers[used[i] as number] = 0;
    used.length = 0;
    if (this.#overflow.size > 0) this.#overflow.clear();
  }
}
