// Which values an encoder has written already, and under which number a GET finds them. Strings go by value, since they have
// no identity here; bytes of length 0 and 1 too, as in Python; everything else by identity.

export class EncoderMemo {
  #count = 0;
  readonly #objects: Map<object, number> = new Map();
  readonly #texts: Map<string, number> = new Map();
  /** Oids in persistent ids: Python has one bytes object for each target. */
  readonly #oids: Map<bigint, number> = new Map();

  /** The number of the next entry, counted. */
  next(): number {
    return this.#count++;
  }

  text(value: string): number | undefined {
    return this.#texts.get(value);
  }

  addText(value: string): number {
    this.#texts.set(value, this.#count);
    return this.#count++;
  }

  object(value: object): number | undefined {
    return this.#objects.get(value);
  }

  addObject(value: object): number {
    this.#objects.set(value, this.#count);
    return this.#count++;
  }

  oid(value: bigint): number | undefined {
    return this.#oids.get(value);
  }

  addOid(value: bigint): number {
    this.#oids.set(value, this.#count);
    return this.#count++;
  }

  clear(): void {
    this.#count = 0;
    this.#objects.clear();
    this.#texts.clear();
    this.#oids.clear();
  }
}
