// The two-phase commit. What is on disk, in this order: (1) at vote the whole transaction behind the last one, with the
// status of an unfinished one, so that the file still ends before it; (2) at finish the one byte that makes it complete;
// (3) one fsync for both. Until (2) anything that fails leaves the file as it was.

import {
  ArgumentError,
  CommitOutcomeUnknownError,
  ConflictError,
  ReadConflictError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type { ConflictResolver, StorageTransaction, TransactionMetadata } from '../zodb/storage.ts';
import {
  DATA_HEADER,
  STATUS,
  TRANSACTION_HEADER,
  writeDataHeader,
  writeLong,
  writeTransactionHeader,
} from './format.ts';
import type { RecordReader } from './reader.ts';
import type { Spool } from './spool.ts';
import type { FileWriter } from './writer.ts';

/** What a transaction needs of its storage. */
export interface CommitHost {
  readonly file: string;
  readonly reader: RecordReader;
  readonly writer: FileWriter;
  readonly spool: Spool;
  /** Whether `finish` waits for the disk. */
  readonly fsync: boolean;
  readonly resolveConflict: ConflictResolver | undefined;
  /** Where the last complete transaction ends. */
  readonly end: number;
  /** The position of the object's newest record, 0 for none. */
  newest(oid: Oid): number;
  /** Cuts off what an earlier attempt left behind `end`, and remembers that something stands there from now on. */
  prepareTail(): void;
  /** Cuts off what stands behind `end`. */
  cutTail(): void;
  /** The transaction is on disk up to `end`; `positions` are its newest records. */
  publish(tid: Tid, end: number, positions: ReadonlyMap<Oid, number>, onCommit?: OnCommit): void;
  /** Takes no more writes. */
  refuseWrites(): void;
  /** The transaction is over. */
  release(): void;
}

export type OnCommit = (tid: Tid) => void;

/** The texts of a transaction as they stand in the file. */
export interface Texts {
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
}

const LONGEST_TEXT = 0xffff;
const TOGETHER = 64 * 1024;
const utf8 = new TextEncoder();

/** @throws ArgumentError if a text is longer than 65535 bytes */
export function textsOf(metadata: TransactionMetadata): Texts {
  const bytes = (name: keyof TransactionMetadata): Uint8Array => {
    const text = metadata[name] ?? '';
    const encoded = typeof text === 'string' ? utf8.encode(text) : text;
    if (encoded.length > LONGEST_TEXT)
      throw new ArgumentError(
        `the ${name} of a transaction takes at most ${LONGEST_TEXT} bytes, got ${encoded.length}`,
      );
    return encoded;
  };
  return {
    user: bytes('user'),
    description: bytes('description'),
    extension: bytes('extension'),
  };
}

export class FileTransaction implements StorageTransaction {
  readonly tid: Tid;
  readonly #host: CommitHost;
  readonly #texts: Texts;
  readonly #headerLength: number;
  readonly #positions = new Map<Oid, number>();
  readonly #resolved: Oid[] = [];
  #state: 'storing' | 'failed' | 'voted' | 'over' = 'storing';

  constructor(host: CommitHost, texts: Texts, tid: Tid) {
    this.tid = tid;
    this.#host = host;
    this.#texts = texts;
    this.#headerLength =
      TRANSACTION_HEADER + texts.user.length + texts.description.length + texts.extension.length;
  }

  store(oid: Oid, serial: Tid, data: Uint8Array): void {
    this.#expect('storing', 'store');
    if (data.length === 0)
      throw new StorageError('a record of no bytes cannot be stored', {
        file: this.#host.file,
        oid,
      });
    const committed = this.#host.reader.serial(oid);
    const record =
      committed === undefined || committed === serial
        ? data
        : this.#resolve(oid, serial, committed, data);
    const position = this.#host.end + this.#headerLength + this.#host.spool.length;
    const header = new Uint8Array(DATA_HEADER);
    writeDataHeader(
      header,
      {
        oid,
        tid: this.tid,
        previous: this.#host.newest(oid),
        transaction: this.#host.end,
        versionLength: 0,
        length: record.length,
      },
      0,
    );
    this.#try('stored', () => {
      this.#host.spool.append(header);
      this.#host.spool.append(record);
    });
    this.#positions.set(oid, position);
  }

  checkCurrent(oid: Oid, serial: Tid): void {
    this.#expect('storing', 'checkCurrent');
    const committed = this.#host.reader.getTid(oid);
    if (committed !== serial)
      throw new ReadConflictError(
        `the object was read at ${formatId(serial)}, but ${formatId(committed)} is committed`,
        { file: this.#host.file, oid, serials: [committed, serial] },
      );
  }

  vote(): readonly Oid[] {
    this.#expect('storing', 'vote');
    const { spool } = this.#host;
    const length = this.#headerLength + spool.length;
    this.#try('written', () => {
      this.#host.prepareTail();
      if (length <= TOGETHER) this.#writeTogether(length);
      else this.#writeInPieces(length);
    });
    this.#state = 'voted';
    return this.#resolved;
  }

  finish(onCommit?: OnCommit): Tid {
    this.#expect('voted', 'finish');
    const host = this.#host;
    try {
      host.writer.write(Uint8Array.of(STATUS.complete), host.end + 16);
      if (host.fsync) host.writer.sync();
    } catch (cause) {
      this.#state = 'over';
      host.refuseWrites();
      host.release();
      throw new CommitOutcomeUnknownError(
        `whether the transaction is on disk cannot be known: ${(cause as Error).message}; reopen the file to see`,
        { file: host.file, position: host.end, tid: this.tid, cause },
      );
    }
    this.#state = 'over';
    const end = host.end + this.#headerLength + host.spool.length + 8;
    try {
      host.publish(this.tid, end, this.#positions, onCommit);
    } finally {
      host.release();
    }
    return this.tid;
  }

  abort(): void {
    if (this.#state === 'over') return;
    const voted = this.#state === 'voted';
    this.#state = 'over';
    if (voted) this.#cutTail();
    this.#host.release();
  }

  #resolve(oid: Oid, serial: Tid, committed: Tid, data: Uint8Array): Uint8Array {
    const { reader, resolveConflict, file } = this.#host;
    // An object that ceased to exist has no committed state to merge with.
    const committedData = resolveConflict && reader.dataOrUndefined(oid, committed);
    const merged =
      committedData &&
      resolveConflict({
        oid,
        committed,
        serial,
        data,
        committedData,
        original: () => reader.loadSerial(oid, serial),
      });
    if (merged === undefined)
      throw new ConflictError(
        `the object was changed from ${formatId(serial)}, but ${formatId(committed)} is committed`,
        { file, oid, serials: [committed, serial] },
      );
    this.#resolved.push(oid);
    return merged;
  }

  // Small transactions go to the system in one call.
  #writeTogether(length: number): void {
    const bytes = new Uint8Array(length + 8);
    this.#writeHeader(bytes, length);
    let at = this.#headerLength;
    this.#host.spool.drain((piece) => {
      bytes.set(piece, at);
      at += piece.length;
    });
    writeLong(bytes, length, length);
    this.#host.writer.write(bytes, this.#host.end);
  }

  #writeInPieces(length: number): void {
    const { writer, end } = this.#host;
    const header = new Uint8Array(this.#headerLength);
    this.#writeHeader(header, length);
    writer.write(header, end);
    let position = end + header.length;
    this.#host.spool.drain((piece) => {
      writer.write(piece, position);
      position += piece.length;
    });
    const trailer = new Uint8Array(8);
    writeLong(trailer, length, 0);
    writer.write(trailer, position);
  }

  #writeHeader(bytes: Uint8Array, length: number): void {
    const { user, description, extension } = this.#texts;
    writeTransactionHeader(
      bytes,
      {
        tid: this.tid,
        length,
        status: STATUS.checkpoint,
        userLength: user.length,
        descriptionLength: description.length,
        extensionLength: extension.length,
      },
      0,
    );
    bytes.set(user, TRANSACTION_HEADER);
    bytes.set(description, TRANSACTION_HEADER + user.length);
    bytes.set(extension, TRANSACTION_HEADER + user.length + description.length);
  }

  // Runs a step that may fail on the disk. Nothing of it is part of the database yet.
  #try(what: string, step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#state = 'failed';
      this.#cutTail();
      throw new StorageError(
        `the transaction could not be ${what}: ${(cause as Error).message}`,
        { file: this.#host.file, position: this.#host.end, tid: this.tid, cause },
        'WRITE',
      );
    }
  }

  #cutTail(): void {
    try {
      this.#host.cutTail();
    } catch {
      // The unfinished transaction stays behind the end; the next vote cuts it off, or the next opening.
    }
  }

  #expect(state: 'storing' | 'voted', call: string): void {
    if (this.#state !== state)
      throw new StorageTransactionError(`${call} of a transaction that is ${this.#state}`, {
        file: this.#host.file,
        tid: this.tid,
      });
  }
}
