// Walking over transactions from the newest to the oldest, along the lengths that stand behind them.

import { readU64 } from '../zodb/bytes.ts';
import { CorruptedDataError, UndoError } from '../zodb/errors.ts';
import type { Tid } from '../zodb/ids.ts';
import { MAGIC_LENGTH, readLong, readU16, TRANSACTION_HEADER } from './format.ts';
import { type Source, Window } from './source.ts';
import type { Texts } from './texts.ts';

const NOTHING = new Uint8Array(0);

/** Stands at one transaction after the other. */
export class BackwardWalk {
  /** Where the transaction begins that the walk stands at. */
  position: number;
  readonly #window: Window;
  // Where it begins in the window, and its length.
  #at = 0;
  #length = 0;

  /** `end`: where a transaction ends. The walk stands behind it at first. */
  constructor(source: Source, end: number) {
    this.#window = new Window(source);
    this.position = end;
  }

  /** Goes to the transaction before; `false` if there is none. @throws CorruptedDataError */
  step(): boolean {
    const end = this.position;
    if (end <= MAGIC_LENGTH) return false;
    const trailer = this.#window.before(end - 8, 8);
    const length = trailer < 0 ? -1 : readLong(this.#window.bytes, trailer);
    const position = end - 8 - length;
    if (length < TRANSACTION_HEADER || position < MAGIC_LENGTH)
      this.#fail('no length of a transaction', end - 8);
    this.standAt(position);
    if (this.#length !== length)
      this.#fail('the length after the transaction differs from the one in its header', end - 8);
    return true;
  }

  /** Goes to the transaction at `position`. @throws CorruptedDataError */
  standAt(position: number): void {
    this.position = position;
    this.#at = this.#window.before(position, TRANSACTION_HEADER);
    if (this.#at < 0) this.#fail('the file ends within a transaction');
    this.#length = readLong(this.#window.bytes, this.#at + 8);
  }

  get tid(): Tid {
    return readU64(this.#window.bytes, this.#at) as Tid;
  }

  /** One of STATUS, or damage. */
  get status(): number {
    return this.#window.bytes[this.#at + 16] as number;
  }

  /** Bytes of the transaction without its trailing length. */
  get size(): number {
    return this.#length;
  }

  /** Copies of the texts. @throws CorruptedDataError */
  texts(): Texts {
    const { bytes } = this.#window;
    const user = readU16(bytes, this.#at + 17);
    const description = readU16(bytes, this.#at + 19);
    const extension = readU16(bytes, this.#at + 21);
    const length = TRANSACTION_HEADER + user + description + extension;
    if (length > this.#length) this.#fail('a transaction shorter than its header');
    this.#at = this.#window.before(this.position, length);
    if (this.#at < 0) this.#fail('the file ends within a transaction');
    const start = this.#at + TRANSACTION_HEADER;
    return {
      user: this.#text(start, user),
      description: this.#text(start + user, description),
      extension: this.#text(start + user + description, extension),
    };
  }

  #text(start: number, length: number): Uint8Array {
    return length === 0 ? NOTHING : this.#window.bytes.slice(start, start + length);
  }

  #fail(message: string, position: number = this.position): never {
    throw new CorruptedDataError(message, { file: this.#window.source.file, position });
  }
}

/** Stands at the transaction of `tid`. @throws UndoError where there is none, CorruptedDataError */
export function findTransaction(source: Source, end: number, tid: Tid): BackwardWalk {
  const walk = new BackwardWalk(source, end);
  while (walk.step()) if (walk.tid === tid) return walk;
  throw new UndoError('no such transaction', { file: source.file, tid });
}
