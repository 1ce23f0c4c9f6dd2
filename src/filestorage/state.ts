// What a storage knows of its open file, and how that changes: by a commit of its own, by transactions of another
// process, and by another file (a packed one) that takes its place.

import { rmSync } from 'node:fs';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { NextRecord } from '../zodb/storage.ts';
import type { News } from './follow.ts';
import type { IndexMap } from './index-map.ts';
import { saveIndex } from './index-save.ts';
import type { Contents } from './open.ts';
import { RecordReader } from './reader.ts';
import { type SharedFileStorage, SharedState } from './shared.ts';
import type { Source } from './source.ts';

const LAST_OID = 0xffff_ffff_ffff_ffffn;

export class FileState {
  /** The absolute path. */
  readonly file: string;
  /** While a pack is under way nothing can be undone. */
  packing = false;
  readonly #shared = new SharedState();
  #source: Source;
  #contents: Contents;
  #reader: RecordReader;
  #end: number;
  #lastTid: Tid;
  #highestOid: bigint | undefined;
  #indexSaved: boolean;

  constructor(file: string, source: Source, contents: Contents) {
    this.file = file;
    this.#source = source;
    this.#contents = contents;
    this.#reader = new RecordReader(source, (oid) => contents.index.get(oid));
    this.#end = contents.end;
    this.#lastTid = contents.lastTid;
    this.#indexSaved = contents.indexFile === 'current';
    this.#shared.publish(source.inode, contents.end);
  }

  get source(): Source {
    return this.#source;
  }

  get contents(): Contents {
    return this.#contents;
  }

  get index(): IndexMap {
    return this.#contents.index;
  }

  get reader(): RecordReader {
    return this.#reader;
  }

  /** Where the last complete transaction ends. */
  get end(): number {
    return this.#end;
  }

  get lastTid(): Tid {
    return this.#lastTid;
  }

  /** An oid above all that were stored or given before. */
  newOid(): Oid {
    this.#highestOid = this.#highest() + 1n;
    return this.#highestOid as Oid;
  }

  /** The object with the smallest oid from `from` on that exists, with the oid of the one after it. */
  recordNext(from: Oid): NextRecord | undefined {
    for (let oid = this.index.next(from); oid !== undefined; ) {
      const next = oid === LAST_OID ? undefined : this.index.next((oid + 1n) as Oid);
      const found = this.#reader.existing(oid);
      if (found !== undefined) return { oid, tid: found.tid, data: found.data, next };
      oid = next;
    }
    return undefined;
  }

  /** Another thread opens the same file from this; it stays right while this state changes. */
  share(): SharedFileStorage {
    return this.#shared.describe(this.file, this.index);
  }

  /** A transaction was written behind the last one; `positions` are its newest records. */
  append(tid: Tid, end: number, positions: ReadonlyMap<Oid, number>): void {
    const { index } = this;
    index.reserve(index.count + positions.size);
    index.change(() => {
      for (const [oid, position] of positions) index.set(oid, position);
      index.end = end;
    });
    for (const oid of positions.keys()) if (oid > this.#highest()) this.#highestOid = oid;
    this.#advance(tid, end);
  }

  /** Another process wrote to the file, or replaced it. */
  follow(news: News): void {
    if (news.replacement !== undefined)
      this.replace(news.replacement.source, news.replacement.contents);
    const { added } = news;
    if (added === undefined) return;
    const { index } = this;
    index.reserve(index.count + added.count);
    index.change(() => {
      added.forEach((high, low, position) => {
        index.put(high, low, position);
      });
      index.end = news.end;
    });
    this.#highestOid = undefined;
    this.#advance(news.lastTid, news.end);
  }

  /** Another file, under the same name, takes the place of the open one, which is closed once no iteration needs it. */
  replace(source: Source, contents: Contents): void {
    // What the file has lost must not be given to other objects.
    this.#highest();
    this.#source.retire();
    this.#source = source;
    this.#contents = contents;
    this.#reader = new RecordReader(source, (oid) => contents.index.get(oid));
    this.#advance(contents.lastTid, contents.end);
  }

  /** Saves the index beside the file, unless it is there already. */
  saveIndex(): void {
    if ((this.#indexSaved && !this.index.mended) || this.index.count === 0) return;
    try {
      this.replaceIndexFile();
    } catch {
      // The data file has all that it says: without it the next opening takes longer.
    }
  }

  /** Saves the index, whatever stands in the index file. Throws what the system says. */
  replaceIndexFile(): void {
    // Python cannot open a file whose index file covers nothing but transactions without records.
    if (this.index.count === 0) rmSync(`${this.file}.index`, { force: true });
    else saveIndex(this.file, this.index, this.#contents.dialect);
    this.#indexSaved = true;
  }

  #advance(lastTid: Tid, end: number): void {
    this.#lastTid = lastTid;
    this.#end = end;
    this.#source.extend(end);
    this.#indexSaved = false;
    this.#shared.publish(this.#source.inode, end);
  }

  #highest(): bigint {
    if (this.#highestOid === undefined) {
      const highest = this.index.highest();
      this.#highestOid = highest < 0n ? 0n : highest;
    }
    return this.#highestOid;
  }
}
