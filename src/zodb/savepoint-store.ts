// Where the records of savepoints wait for the commit: an append-only log, in memory while it is small, then in a temporary
// file without a name; and an index of the newest entry of each key. Going back to a savepoint cuts off its end.

import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError } from './errors.ts';

/** Bytes that are kept in memory. */
const IN_MEMORY = 4 * 1024 * 1024;

interface Entry {
  readonly position: number;
  readonly length: number;
  /** What was said about the bytes when they were stored. */
  readonly note: unknown;
}

/** A moment of the log. */
export interface SavepointMark {
  readonly length: number;
  readonly changes: number;
}

/** Bytes by key. `Note` is what is kept beside each, in memory. */
export class SavepointStore<Key, Note> {
  readonly #index = new Map<Key, Entry>();
  /** What the index said before each change of it, to take them back. */
  readonly #changes: (readonly [Key, Entry | undefined])[] = [];
  #memory: Uint8Array = new Uint8Array(0);
  /** Bytes in the file; the rest is in memory, `#held` bytes. */
  #written = 0;
  #held = 0;
  #file: number | undefined;

  /** Whether nothing was ever stored, or all of it was taken back. */
  get isEmpty(): boolean {
    return this.#index.size === 0;
  }

  has(key: Key): boolean {
    return this.#index.has(key);
  }

  keys(): Key[] {
    return [...this.#index.keys()];
  }

  note(key: Key): Note | undefined {
    return this.#index.get(key)?.note as Note | undefined;
  }

  /** @throws StorageError if the temporary file cannot be written */
  set(key: Key, pieces: readonly Uint8Array[], note: Note): void {
    const position = this.#written + this.#held;
    let length = 0;
    for (const piece of pieces) {
      this.#append(piece);
      length += piece.length;
    }
    this.#changes.push([key, this.#index.get(key)]);
    this.#index.set(key, { position, length, note });
  }

  /** The bytes, owned by the caller; `undefined` if there are none for this key. @throws StorageError */
  get(key: Key): Uint8Array | undefined {
    const entry = this.#index.get(key);
    if (entry === undefined) return undefined;
    const bytes = new Uint8Array(entry.length);
    this.#read(entry.position, bytes);
    return bytes;
  }

  mark(): SavepointMark {
    return { length: this.#written + this.#held, changes: this.#changes.length };
  }

  /** Takes back what was stored since. */
  rollback(mark: SavepointMark): void {
    for (const [key, before] of this.#changes.splice(mark.changes).reverse()) {
      if (before === undefined) this.#index.delete(key);
      else this.#index.set(key, before);
    }
    if (mark.length >= this.#written) {
      this.#held = mark.length - this.#written;
      return;
    }
    ftruncateSync(this.#file as number, mark.length);
    this.#written = mark.length;
    this.#held = 0;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#index.clear();
    this.#changes.length = 0;
    this.#memory = new Uint8Array(0);
    this.#written = 0;
    this.#held = 0;
  }

  #append(bytes: Uint8Array): void {
    if (this.#held + bytes.length > IN_MEMORY) this.#spill();
    if (bytes.length > IN_MEMORY) {
      this.#write(bytes);
      return;
    }
    if (this.#held + bytes.length > this.#memory.length) {
      const size = Math.max(2 * this.#memory.length, this.#held + bytes.length, 4096);
      const larger = new Uint8Array(Math.min(size, IN_MEMORY));
      larger.set(this.#memory.subarray(0, this.#held));
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#held);
    this.#held += bytes.length;
  }

  #spill(): void {
    this.#write(this.#memory.subarray(0, this.#held));
    this.#held = 0;
  }

  #write(bytes: Uint8Array): void {
    try {
      this.#file ??= openTemporary();
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done);
      }
    } catch (cause) {
      throw new StorageError(
        `a savepoint cannot be written to a temporary file: ${(cause as Error).message}`,
        { file: tmpdir(), cause },
        'WRITE',
      );
    }
    this.#written += bytes.length;
  }

  #read(position: number, target: Uint8Array): void {
    // A record may stand on both sides of the border.
    const fromFile = Math.max(0, Math.min(target.length, this.#written - position));
    for (let done = 0; done < fromFile; ) {
      const got = readSync(this.#file as number, target, done, fromFile - done, position + done);
      if (got === 0) throw new StorageError('the temporary file of a savepoint is cut off');
      done += got;
    }
    const at = position + fromFile - this.#written;
    target.set(this.#memory.subarray(at, at + target.length - fromFile), fromFile);
  }
}

/** A file that goes away with its descriptor: it has no name any more. */
function openTemporary(): number {
  const folder = mkdtempSync(join(tmpdir(), 'zodb-savepoint-'));
  try {
    return openSync(join(folder, 'log'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
