// How a block is loaded: from the file's record over its block table to the block's record or chunks. Written once, as
// generators that yield which records they need; whoever drives them gets the records, one at a time or many at once.

import { CorruptedDataError } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';
import { BLOCK_SIZE } from './block.ts';
import {
  blockBytes,
  isRawReference,
  type RawNode,
  type RawReference,
  readRawNode,
  readRawRecord,
} from './block-record.ts';

/** What a loading block asks for: records, or a record of which only the block's bytes are wanted in `frame`. */
export type LoadRequest =
  | { readonly oids: readonly Oid[] }
  | { readonly block: Oid; readonly frame: Uint8Array };

/** The answer: the records; for a block the number of bytes put into the frame, or its record. */
export type LoadAnswer = readonly Uint8Array[] | number | Uint8Array;

export type Loading<T> = Generator<LoadRequest, T, LoadAnswer>;

/** What came of loading one block. */
export interface LoadedBlock {
  /** The bytes at the front of the frame that were written; what follows is not. */
  readonly length: number;
  /** The block's object, `undefined` for a hole. */
  readonly oid: Oid | undefined;
}

/** Loads blocks of one file in one snapshot; nodes of the block table are kept. */
export class BlockLoader {
  readonly #file: Oid;
  readonly #onNode: (oid: Oid) => void;
  #table: Oid | undefined;
  readonly #nodes = new Map<Oid, RawNode>();

  /** `onNode` is told each record of the block table that is read: a change of one may change which object a block is. */
  constructor(file: Oid, onNode: (oid: Oid) => void) {
    this.#file = file;
    this.#onNode = onNode;
  }

  /** Forgets what was read of the block table; the next load reads it in the new snapshot. */
  forget(): void {
    this.#table = undefined;
    this.#nodes.clear();
  }

  /** Puts the bytes of a block into `frame`, which holds BLOCK_SIZE bytes. @throws CorruptedDataError */
  *load(block: number, frame: Uint8Array): Loading<LoadedBlock> {
    const reference = yield* this.#find(block);
    if (reference === undefined) return { length: 0, oid: undefined };
    const { oid, cls } = reference;
    if (cls === 'ZBlk1') return { length: yield* this.#loadChunks(oid, frame), oid };
    const answer = yield { block: oid, frame };
    if (typeof answer === 'number') return { length: answer, oid };
    const record = readRawRecord(answer as Uint8Array);
    if (record.cls === 'ZBlk1')
      return { length: yield* this.#loadChunks(oid, frame, record.state), oid };
    if (record.cls !== 'ZBlk0' && record.cls !== 'ZBlk') {
      throw new CorruptedDataError(`block ${block} is an object of class ${record.cls}`, { oid });
    }
    return { length: place(blockBytes(record.state, oid), 0, frame, oid), oid };
  }

  /** The object that a block is; `undefined` for a hole. @throws CorruptedDataError */
  *find(block: number): Loading<Oid | undefined> {
    return (yield* this.#find(block))?.oid;
  }

  *#find(block: number): Loading<RawReference | undefined> {
    this.#table ??= yield* this.#readFile();
    let node = yield* this.#node(this.#table);
    const key = BigInt(block);
    while (node.kind === 'tree') {
      let child = 0;
      while (child < node.keys.length && (node.keys[child] as bigint) <= key) child++;
      const next = node.children[child];
      if (next === undefined) return undefined;
      node = yield* this.#node(next.oid);
    }
    if (node.kind === 'empty') return undefined;
    const { items } = node;
    for (let i = 0; i < items.length; i += 2) {
      if (Number(items[i]) !== block) continue;
      const value = items[i + 1];
      if (isRawReference(value)) return value;
      throw new CorruptedDataError(`block ${block} of a file is no reference`, { oid: this.#file });
    }
    return undefined;
  }

  *#readFile(): Loading<Oid> {
    const { cls, state } = readRawRecord(yield* one(this.#file));
    const [size, table] = Array.isArray(state) ? (state as unknown[]) : [];
    if (cls !== 'ZBigFile' || !isRawReference(table)) {
      throw new CorruptedDataError('the file of an array is no ZBigFile', { oid: this.#file });
    }
    if (Number(size) !== BLOCK_SIZE) {
      throw new CorruptedDataError(`a file with blocks of ${String(size)} bytes cannot be mapped`, {
        oid: this.#file,
      });
    }
    return table.oid;
  }

  *#node(oid: Oid): Loading<RawNode> {
    const known = this.#nodes.get(oid);
    if (known !== undefined) return known;
    const node = readRawNode(readRawRecord(yield* one(oid)), oid);
    this.#nodes.set(oid, node);
    this.#onNode(oid);
    return node;
  }

  *#loadChunks(oid: Oid, frame: Uint8Array, known?: unknown): Loading<number> {
    const chunktab = known ?? readRawRecord(yield* one(oid)).state;
    if (!isRawReference(chunktab)) {
      throw new CorruptedDataError('a ZBlk1 has no chunk table', { oid });
    }
    const chunks = yield* this.#chunks(chunktab.oid);
    let end = 0;
    const records =
      chunks.length === 0
        ? []
        : ((yield { oids: chunks.map((chunk) => chunk.oid) }) as readonly Uint8Array[]);
    for (const [i, chunk] of chunks.entries()) {
      if (chunk.offset < end)
        throw new CorruptedDataError('chunks of a block overlap', { oid: chunk.oid });
      frame.fill(0, end, chunk.offset);
      const bytes = blockBytes(readRawRecord(records[i] as Uint8Array).state, chunk.oid);
      end = place(bytes, chunk.offset, frame, chunk.oid);
    }
    return end;
  }

  *#chunks(root: Oid): Loading<{ offset: number; oid: Oid }[]> {
    const found: { offset: number; oid: Oid }[] = [];
    let level: readonly Oid[] = [root];
    // Level by level, so that each level of the tree is one request.
    while (level.length > 0) {
      const records = (yield { oids: level }) as readonly Uint8Array[];
      const below: Oid[] = [];
      for (const [i, record] of records.entries()) {
        const node = readRawNode(readRawRecord(record), level[i] as Oid);
        if (node.kind === 'tree') below.push(...node.children.map((child) => child.oid));
        if (node.kind !== 'bucket') continue;
        for (let at = 0; at < node.items.length; at += 2) {
          const offset = Number(node.items[at]);
          const value = node.items[at + 1];
          if (
            !isRawReference(value) ||
            !Number.isInteger(offset) ||
            offset < 0 ||
            offset >= BLOCK_SIZE
          ) {
            throw new CorruptedDataError('a chunk of a block has no proper place', {
              oid: level[i],
            });
          }
          found.push({ offset, oid: value.oid });
        }
      }
      level = below;
    }
    return found;
  }
}

function* one(oid: Oid): Loading<Uint8Array> {
  const [record] = (yield { oids: [oid] }) as readonly Uint8Array[];
  return record as Uint8Array;
}

function place(bytes: Uint8Array, at: number, frame: Uint8Array, oid: Oid): number {
  if (at + bytes.length > frame.length) {
    throw new CorruptedDataError(
      `a block holds ${at + bytes.length} bytes, more than ${frame.length}`,
      { oid },
    );
  }
  frame.set(bytes, at);
  return at + bytes.length;
}

/** Where a driver gets records from, synchronously. */
export interface RecordSource {
  load(oid: Oid): Uint8Array;
  /** Puts a ZBlk0's bytes into `frame` without decoding the record; `undefined` if that cannot be done for this one. */
  loadBlock?(oid: Oid, frame: Uint8Array): number | undefined;
}

/** Runs a loading to its end, record after record. */
export function drive<T>(loading: Loading<T>, source: RecordSource): T {
  let step = loading.next();
  while (step.done !== true) {
    const request = step.value;
    if ('oids' in request) {
      step = loading.next(request.oids.map((oid) => source.load(oid)));
    } else {
      const { block, frame } = request;
      step = loading.next(source.loadBlock?.(block, frame) ?? source.load(block));
    }
  }
  return step.value;
}
