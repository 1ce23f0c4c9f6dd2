// Walking over transactions from the newest to the oldest, along the lengths that stand behind them.

import { CorruptedDataError, UndoError } from '../zodb/errors.ts';
import type { Tid } from '../zodb/ids.ts';
import {
  headerLength,
  MAGIC_LENGTH,
  readLong,
  readTransactionHeader,
  TRANSACTION_HEADER,
  type TransactionHeader,
} from './format.ts';
import { type Source, Window } from './source.ts';
import type { Texts } from './texts.ts';

/** A transaction of the file, without its records. */
export interface TransactionAt {
  readonly position: number;
  readonly header: TransactionHeader;
  /** Reads the texts; during the step of the walk only. */
  texts(): Texts;
}

/** The transactions that end at `end` or before, newest first. @throws CorruptedDataError */
export function* transactionsBackward(source: Source, end: number): Generator<TransactionAt> {
  const window = new Window(source);
  for (let position = end; position > MAGIC_LENGTH; ) {
    const transaction = transactionBefore(window, position);
    yield transaction;
    position = transaction.position;
  }
}

/** The transaction of `tid`. @throws UndoError where there is none, CorruptedDataError */
export function findTransaction(source: Source, end: number, tid: Tid): TransactionAt {
  for (const transaction of transactionsBackward(source, end))
    if (transaction.header.tid === tid) return transaction;
  throw new UndoError('no such transaction', { file: source.file, tid });
}

/** The transaction at `position`. @throws CorruptedDataError */
export function transactionAt(window: Window, position: number): TransactionAt {
  const at = window.before(position, TRANSACTION_HEADER);
  if (at < 0) fail(window, position, 'the file ends within a transaction');
  const header = readTransactionHeader(window.bytes, at);
  return { position, header, texts: () => textsAt(window, position, header) };
}

function transactionBefore(window: Window, end: number): TransactionAt {
  const trailer = window.before(end - 8, 8);
  const length = trailer < 0 ? -1 : readLong(window.bytes, trailer);
  const position = end - 8 - length;
  if (length < TRANSACTION_HEADER || position < MAGIC_LENGTH)
    fail(window, end - 8, 'no length of a transaction');
  const transaction = transactionAt(window, position);
  if (transaction.header.length !== length)
    fail(window, end - 8, 'the length after the transaction differs from the one in its header');
  return transaction;
}

function textsAt(window: Window, position: number, header: TransactionHeader): Texts {
  const length = headerLength(header);
  if (length > header.length) fail(window, position, 'a transaction shorter than its header');
  const at = window.before(position, length);
  if (at < 0) fail(window, position, 'the file ends within a transaction');
  const user = at + TRANSACTION_HEADER;
  const description = user + header.userLength;
  const extension = description + header.descriptionLength;
  return {
    user: window.bytes.slice(user, description),
    description: window.bytes.slice(description, extension),
    extension: window.bytes.slice(extension, at + length),
  };
}

function fail(window: Window, position: number, message: string): never {
  throw new CorruptedDataError(message, { file: window.source.file, position });
}
