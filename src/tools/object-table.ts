// What a check remembers of each object: a number and some marks, in 23 to 45 bytes an object. Open addressing over typed
// arrays; the marks keep a slot from being empty.

const FULL = 0.75;
const USED = 0x80;

export class ObjectTable {
  #oids: BigUint64Array = new BigUint64Array(1024);
  #numbers: Float64Array = new Float64Array(1024);
  #marks: Uint8Array = new Uint8Array(1024);
  #count = 0;

  /** Puts an object in, or gives one that is there another number and other marks, each below 0x80. */
  set(oid: bigint, number: number, marks: number): void {
    let slot = this.#slotOf(oid);
    if (this.#marks[slot] === 0) {
      if (this.#count >= this.#marks.length * FULL) {
        this.#grow();
        slot = this.#slotOf(oid);
      }
      this.#count++;
      this.#oids[slot] = oid;
    }
    this.#numbers[slot] = number;
    this.#marks[slot] = marks | USED;
  }

  /** The number of an object, -1 if it is not there. */
  number(oid: bigint): number {
    const slot = this.#slotOf(oid);
    return this.#marks[slot] === 0 ? -1 : (this.#numbers[slot] as number);
  }

  /** The marks of an object, 0 if it is not there. */
  marks(oid: bigint): number {
    return (this.#marks[this.#slotOf(oid)] as number) & ~USED;
  }

  /** The oids of the objects with a mark, in ascending order. */
  marked(mark: number): BigUint64Array {
    let count = 0;
    for (const marks of this.#marks) if ((marks & mark) !== 0) count++;
    const oids = new BigUint64Array(count);
    let i = 0;
    this.#marks.forEach((marks, slot) => {
      if ((marks & mark) !== 0) oids[i++] = this.#oids[slot] as bigint;
    });
    return oids.sort();
  }

  #slotOf(oid: bigint): number {
    const size = this.#marks.length;
    const low = Number(oid & 0xffff_ffffn);
    let mixed = Math.imul(low ^ Math.imul(Number(oid >> 32n), 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    let slot = (mixed ^ (mixed >>> 16)) & (size - 1);
    while (this.#marks[slot] !== 0 && this.#oids[slot] !== oid) slot = (slot + 1) & (size - 1);
    return slot;
  }

  #grow(): void {
    const [oids, numbers, marks] = [this.#oids, this.#numbers, this.#marks];
    const size = marks.length * 2;
    this.#oids = new BigUint64Array(size);
    this.#numbers = new Float64Array(size);
    this.#marks = new Uint8Array(size);
    this.#count = 0;
    for (let i = 0; i < marks.length; i++)
      if (marks[i] !== 0)
        this.set(oids[i] as bigint, numbers[i] as number, (marks[i] as number) & ~USED);
  }
}
