// Which values an encoder has written already, and under which number a GET finds them. Strings go by value, since they have
// no identity here; bytes of length 0 and 1 too, as in Python; everything else by identity.

import { OidTable, TextTable } from './encoder-tables.ts';

/** Up to this many objects a look-up compares them one by one, which costs less than the identity hashes that a Map makes. */
const FEW = 64;

/** From this length on, strings are compared instead of hashed: with up to MOST_LONG others of the same length. */
const LONG = 256;
const MOST_LONG = 8;

interface LongTexts {
  readonly texts: string[];
  readonly numbers: number[];
  isFull: boolean;
}

export class EncoderMemo {
  #count = 0;
  readonly #few: object[] = [];
  readonly #fewNumbers: number[] = [];
  readonly #many: Map<object, number> = new Map();
  readonly #short: TextTable = new TextTable();
  readonly #texts: Map<string, number> = new Map();
  /** Long strings, by their length: to hash one costs as much as to write it. */
  readonly #long: Map<number, LongTexts> = new Map();
  /** Oids in persistent ids: Python has one bytes object for each target. */
  readonly #oids: OidTable = new OidTable();

  /** Numbers the entries from `first` on: 0, and 1 for Python 2. Only while there are none. */
  startAt(first: number): void {
    this.#count = first;
  }

  /** The number of the next entry, counted. */
  next(): number {
    return this.#count++;
  }

  /** The number of a string, or the bitwise complement of the one it has been given now. `hash` is its `textHash`. */
  findOrAddText(value: string, hash: number): number {
    if (value.length >= LONG) return this.text(value) ?? ~this.addText(value);
    const number = this.#short.findOrAdd(value, hash, this.#count);
    return number < 0 ? ~this.#count++ : number;
  }

  /** The same for an oid, as two words. */
  findOrAddOid(high: number, low: number): number {
    const number = this.#oids.findOrAdd(high, low, this.#count);
    return number < 0 ? ~this.#count++ : number;
  }

  /** The number of a string that `addText` has added. */
  text(value: string): number | undefined {
    if (value.length < LONG) return this.#texts.get(value);
    const same = this.#long.get(value.length);
    if (same === undefined) return undefined;
    const at = same.texts.indexOf(value);
    return at >= 0 ? same.numbers[at] : same.isFull ? this.#texts.get(value) : undefined;
  }

  addText(value: string): number {
    const number = this.#count++;
    if (value.length < LONG || !this.#addLong(value, number)) this.#texts.set(value, number);
    return number;
  }

  #addLong(value: string, number: number): boolean {
    let same = this.#long.get(value.length);
    if (same === undefined) {
      same = { texts: [], numbers: [], isFull: false };
      this.#long.set(value.length, same);
    }
    if (same.texts.length === MOST_LONG) same.isFull = true;
    if (same.isFull) return false;
    same.texts.push(value);
    same.numbers.push(number);
    return true;
  }

  object(value: object): number | undefined {
    if (this.#many.size > 0) return this.#many.get(value);
    const at = this.#few.indexOf(value);
    return at < 0 ? undefined : this.#fewNumbers[at];
  }

  addObject(value: object): number {
    const number = this.#count++;
    if (this.#many.size > 0) this.#many.set(value, number);
    else if (this.#few.push(value) > FEW) {
      this.#fewNumbers.push(number);
      for (const [i, known] of this.#few.entries()) {
        if (!this.#many.has(known)) this.#many.set(known, this.#fewNumbers[i] as number);
      }
    } else this.#fewNumbers.push(number);
    return number;
  }

  clear(): void {
    this.#count = 0;
    this.#few.length = 0;
    this.#fewNumbers.length = 0;
    if (this.#many.size > 0) this.#many.clear();
    if (this.#texts.size > 0) this.#texts.clear();
    if (this.#long.size > 0) this.#long.clear();
    this.#short.clear();
    this.#oids.clear();
  }
}
