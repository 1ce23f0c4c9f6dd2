// The other direction of dump.ts: reads zodbtools' half textual format, transaction by transaction and record by record,
// so that a dump may be larger than memory. Every record's hash is compared with its data.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ZodbError } from '../errors.ts';
import { type Oid, oid, type Tid, tid } from '../zodb/ids.ts';
import { unquote } from './quote.ts';

/** A dump that is not one, or whose data are not those that its hashes were made of. `line` counts from 1. */
export class DumpError extends ZodbError {
  readonly line: number;

  constructor(line: number, message: string) {
    super('DUMP', `line ${line} of the dump: ${message}`);
    this.line = line;
  }
}

/** What a dump says of one object. */
export type DumpedRecord =
  | { readonly oid: Oid; readonly kind: 'delete' }
  | { readonly oid: Oid; readonly kind: 'copy'; readonly from: Tid }
  | { readonly oid: Oid; readonly kind: 'data'; readonly data: Uint8Array }
  /** A dump made with `--hashonly` has no data. */
  | { readonly oid: Oid; readonly kind: 'hash'; readonly size: number };

/** One transaction of a dump. Its records must be read before the next transaction is asked for. */
export interface DumpedTransaction {
  readonly tid: Tid;
  readonly status: string;
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
  records(): AsyncIterable<DumpedRecord>;
}

const TRANSACTION = /^txn ([0-9a-f]{16}) "(.)"$/;
const OBJECT = /^obj ([0-9a-f]{16}) (?:(delete)|from ([0-9a-f]{16})|(\d+) (\w+):([0-9a-f]+)( -)?)$/;
const LONGEST_LINE = 1 << 20;
const LF = 10;

/** The transactions of a dump. @throws DumpError where the text is no dump */
export async function* readDump(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<DumpedTransaction> {
  const lines = new LineReader(input);
  for (;;) {
    const header = await lines.next();
    if (header === undefined) return;
    const match = TRANSACTION.exec(latin1(header));
    if (match === null) throw lines.wrong('no transaction begins here');
    yield* transactionAt(lines, tid(match[1] as string), match[2] as string);
  }
}

/** One transaction without its `txn` line, and nothing behind it: what `zodb commit` reads. @throws DumpError */
export async function readDumpedTransaction(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  commit: (transaction: DumpedTransaction) => Promise<Tid>,
): Promise<Tid> {
  const lines = new LineReader(input);
  for await (const transaction of transactionAt(lines, 0n as Tid, ' ')) {
    const checked: DumpedTransaction = {
      ...transaction,
      async *records() {
        yield* transaction.records();
        if ((await lines.next()) !== undefined) throw lines.wrong('garbage after the transaction');
      },
    };
    return await commit(checked);
  }
  throw lines.wrong('no transaction');
}

async function* transactionAt(
  lines: LineReader,
  id: Tid,
  status: string,
): AsyncGenerator<DumpedTransaction> {
  const user = await lines.quoted('user');
  const description = await lines.quoted('description');
  const extension = await lines.quoted('extension');
  const records = recordsAt(lines);
  yield { tid: id, status, user, description, extension, records: () => records };
  // What the caller has not read of this transaction is not of the next one.
  for await (const _ of records);
}

async function* recordsAt(lines: LineReader): AsyncGenerator<DumpedRecord> {
  for (;;) {
    const line = await lines.next();
    if (line?.length === 0) return;
    if (line === undefined) throw lines.wrong('the transaction has no end');
    const match = OBJECT.exec(latin1(line));
    if (match === null) throw lines.wrong('no object, and no end of the transaction');
    const [, id, deleted, from, size, hash, digest, hashOnly] = match;
    const object = oid(id as string);
    if (deleted !== undefined) yield { oid: object, kind: 'delete' };
    else if (from !== undefined) yield { oid: object, kind: 'copy', from: tid(from) };
    else if (hashOnly !== undefined) yield { oid: object, kind: 'hash', size: Number(size) };
    else {
      const data = await lines.bytes(Number(size));
      checkHash(lines, data, hash as string, digest as string);
      yield { oid: object, kind: 'data', data };
    }
  }
}

function checkHash(lines: LineReader, data: Uint8Array, name: string, expected: string): void {
  const hash = HASHES[name];
  if (hash === undefined)
    throw lines.wrong(`unknown hash ${name} (known are ${Object.keys(HASHES).join(', ')})`);
  const found = hash(data);
  if (found !== expected)
    throw lines.wrong(`the data are damaged: their ${name} is ${found}, not ${expected}`);
}

const digested =
  (name: string) =>
  (data: Uint8Array): string =>
    createHash(name).update(data).digest('hex');

/** The hashes of zodbtools; `null` is for those who write dumps by hand. */
const HASHES: Readonly<Record<string, (data: Uint8Array) => string>> = {
  null: () => '00',
  adler32: (data) => adler32(data).toString(16).padStart(8, '0'),
  crc32: (data) => crc32(data).toString(16).padStart(8, '0'),
  sha1: digested('sha1'),
  sha256: digested('sha256'),
  sha512: digested('sha512'),
};

function adler32(data: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of data) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** Lines and runs of bytes from a stream of pieces. */
class LineReader {
  readonly #input: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  #line = 0;

  constructor(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#input =
      Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
  }

  wrong(message: string): DumpError {
    return new DumpError(this.#line, message);
  }

  /** The next line without its end; `undefined` after the last. */
  async next(): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      if (this.#piece.length === 0 && !(await this.#more())) {
        if (length === 0) return undefined;
        break;
      }
      const end = this.#piece.indexOf(LF);
      const part = this.#piece.subarray(0, end < 0 ? undefined : end);
      this.#piece = this.#piece.subarray(end < 0 ? part.length : end + 1);
      parts.push(part);
      length += part.length;
      if (end >= 0) break;
      if (length > LONGEST_LINE) throw this.wrong('a line without end');
    }
    this.#line++;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  async quoted(name: string): Promise<Uint8Array> {
    const line = await this.next();
    const start = `${name} `;
    if (line === undefined || latin1(line.subarray(0, start.length)) !== start)
      throw this.wrong(`no ${name}`);
    try {
      return unquote(line.subarray(start.length));
    } catch (error) {
      throw this.wrong((error as Error).message);
    }
  }

  /** The next `length` bytes and the line end after them. */
  async bytes(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.#piece.length === 0 && !(await this.#more()))
        throw this.wrong(`the dump ends within the data of an object, ${missing} bytes too early`);
      const part = this.#piece.subarray(0, missing);
      this.#piece = this.#piece.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    const data = parts.length === 1 ? (parts[0] as Uint8Array).slice() : Buffer.concat(parts);
    for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, at + 1)) this.#line++;
    if (this.#piece.length === 0) await this.#more();
    if (this.#piece[0] !== LF) throw this.wrong('no line end after the data of an object');
    this.#piece = this.#piece.subarray(1);
    this.#line++;
    return data;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#input.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#piece = value;
      return true;
    }
  }
}
