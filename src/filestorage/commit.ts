// The two-phase commit. What is on disk, in this order: (1) at vote the whole transaction behind the last one, with the
// status of an unfinished one, so that the file still ends before it; (2) at finish the one byte that makes it complete;
// (3) one fsync for both. Until (2) anything that fails leaves the file as it was.

import { joined } from '../pickle/output.ts';
import {
  ArgumentError,
  CommitOutcomeUnknownError,
  ConflictError,
  ReadConflictError,
  StorageError,
  StorageTransactionError,
} from '../zodb/errors.ts';
import { formatId, type Oid, type Tid } from '../zodb/ids.ts';
import type {
  ConflictResolver,
  RecordData,
  StorageTransaction,
  TransactionMetadata,
} from '../zodb/storage.ts';
import {
  DATA_HEADER,
  STATUS,
  TRANSACTION_HEADER,
  writeDataHeader,
  writeLong,
  writeTransactionHeader,
} from './format.ts';
import type { RecordReader } from './reader.ts';
import { Spool } from './spool.ts';
import type { FileWriter } from './writer.ts';

/** What a transaction needs of its storage. */
export interface CommitHost {
  readonly file: string;
  readonly reader: RecordReader;
  readonly writer: FileWriter;
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
/** The length of a transaction whose end is not known yet. */
const ENDLESS = 2 ** 52;
const utf8 = new TextEncoder();

/** @throws ArgumentError for a text that is neither text nor bytes, or longer than 65535 bytes */
export function textsOf(metadata: TransactionMetadata): Texts {
  const bytes = (name: keyof TransactionMetadata): Uint8Array => {
    const text = metadata[name] ?? '';
    const encoded = typeof text === 'string' ? utf8.encode(text) : text;
    if (!(encoded instanceof Uint8Array))
      throw new ArgumentError(`the ${name} of a transaction is text or bytes, got ${typeof text}`);
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
  readonly #spool = new Spool((piece, offset) => this.#writeAhead(piece, offset));
  /** Records of a large transaction are in the file already, behind a header that says it is unfinished. */
  #ahead = false;
  #state: 'storing' | 'failed' | 'voted' | 'over' = 'storing';

  constructor(host: CommitHost, texts: Texts, tid: Tid) {
    this.tid = tid;
    this.#host = host;
    this.#texts = texts;
    this.#headerLength =
      TRANSACTION_HEADER + texts.user.length + texts.description.length + texts.extension.length;
  }

  store(oid: Oid, serial: Tid, data: RecordData): void {
    this.#expect('storing', 'store');
    const given = data instanceof Uint8Array ? [data] : data;
    if (given.every((piece) => piece.length === 0))
      throw new StorageError('a record of no bytes cannot be stored', {
        file: this.#host.file,
        oid,
      });
    const committed = this.#host.reader.serial(oid);
    const pieces =
      committed === undefined || committed === serial
        ? given
        : [this.#resolve(oid, serial, committed, joined(given))];
    const position = this.#host.end + this.#headerLength + this.#spool.length;
    const header = new Uint8Array(DATA_HEADER);
    writeDataHeader(
      header,
      {
        oid,
        tid: this.tid,
        previous: this.#host.newest(oid),
        transaction: this.#host.end,
        versionLength: 0,
        length: pieces.reduce((length, piece) => length + piece.length, 0),
      },
      0,
    );
    this.#try('stored', () => {
      this.#spool.append(header);
      for (const piece of pieces) this.#spool.append(piece);
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
    const length = this.#headerLength + this.#spool.length;
    this.#try('written', () => {
      const records = this.#spool.whole;
      if (records !== undefined) this.#writeWhole(records, length);
      else this.#writeEnd(length);
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
    const end = host.end + this.#headerLength + this.#spool.length + 8;
    try {
      host.publish(this.tid, end, this.#positions, onCommit);
    } finally {
      host.release();
    }
    return this.tid;
  }

  abort(): void {
    if (this.#state === 'over') return;
    const written = this.#state === 'voted' || this.#ahead;
    this.#state = 'over';
    if (written) this.#cutTail();
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

  // A transaction that is in memory goes to the system in one call, unless it is so long that joining it costs more.
  #writeWhole(records: Uint8Array, length: number): void {
    const { writer, end } = this.#host;
    this.#host.prepareTail();
    const together = length <= TOGETHER;
    const bytes = new Uint8Array(together ? length + 8 : this.#headerLength);
    this.#writeHeader(bytes, length);
    if (together) {
      bytes.set(records, this.#headerLength);
      writeLong(bytes, length, length);
    }
    writer.write(bytes, end);
    if (together) return;
    writer.write(records, end + this.#headerLength);
    this.#writeTrailer(length);
  }

  // Records that memory has no room for are written where they belong. Whoever reads the file meanwhile, or after a crash,
  // finds a transaction that is unfinished and longer than the file.
  #writeAhead(piece: Uint8Array, offset: number): void {
    const { writer, end } = this.#host;
    if (!this.#ahead) {
      this.#host.prepareTail();
      const header = new Uint8Array(this.#headerLength);
      this.#writeHeader(header, ENDLESS);
      writer.write(header, end);
      this.#ahead = true;
    }
    writer.write(piece, end + this.#headerLength + offset);
  }

  #writeEnd(length: number): void {
    this.#spool.flush();
    this.#writeTrailer(length);
    const header = new Uint8Array(this.#headerLength);
    this.#writeHeader(header, length);
    this.#host.writer.write(header, this.#host.end);
  }

  #writeTrailer(length: number): void {
    const trailer = new Uint8Array(8);
    writeLong(trailer, length, 0);
    this.#host.writer.write(trailer, this.#host.end + length);
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
