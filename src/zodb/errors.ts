// The errors of databases, storages and objects, under ZODB's names where it has one. Every message says what was
// tried, on which file or server, at which position, for which oid and tid. docs/errors.md lists the codes.

import { ZodbError } from '../errors.ts';
import type { Oid, Tid } from './ids.ts';

/** Where in which database something was found: the typed fields of most errors. */
export interface Where {
  readonly file?: string | undefined;
  readonly position?: number | undefined;
  readonly oid?: Oid | undefined;
  readonly tid?: Tid | undefined;
  readonly cause?: unknown;
}

const hex = (id: bigint): string => id.toString(16).padStart(16, '0');

function placed(message: string, where: Where): string {
  const parts = [
    where.oid === undefined ? '' : `oid ${hex(where.oid)}`,
    where.tid === undefined ? '' : `tid ${hex(where.tid)}`,
    where.position === undefined ? '' : `position ${where.position}`,
    where.file === undefined ? '' : `in ${where.file}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? message : `${message} (${parts.join(', ')})`;
}

/** An error with a place: `file`, `position`, `oid`, `tid` are set where they are known, and are part of the message. */
export class PlacedError extends ZodbError {
  readonly file: string | undefined;
  readonly position: number | undefined;
  readonly oid: Oid | undefined;
  readonly tid: Tid | undefined;

  constructor(code: string, message: string, where: Where = {}) {
    super(
      code,
      placed(message, where),
      where.cause === undefined ? undefined : { cause: where.cause },
    );
    this.file = where.file;
    this.position = where.position;
    this.oid = where.oid;
    this.tid = where.tid;
  }
}

/** A wrong argument: its name and what was given are in the message. */
export class ArgumentError extends ZodbError {
  constructor(message: string) {
    super('ARGUMENT', message);
  }
}

/** Something was used after it was closed, or in a state that does not allow it. */
export class ClosedError extends ZodbError {
  constructor(message: string) {
    super('CLOSED', message);
  }
}

/** The base of what goes wrong in a storage. */
export class StorageError extends PlacedError {
  constructor(message: string, where: Where = {}, code = 'STORAGE') {
    super(code, message, where);
  }
}

/** The object, or the revision asked for, does not exist. */
export class POSKeyError extends StorageError {
  declare readonly oid: Oid;
  constructor(oid: Oid, where: Omit<Where, 'oid'> & { readonly reason?: string } = {}) {
    super(where.reason ?? 'no such object', { ...where, oid }, 'POS_KEY');
  }
}

/** Another transaction committed the same object first. Retrying the whole transaction may help. */
export class ConflictError extends StorageError {
  /** The tid that is committed now, and the tid the loser started from. */
  readonly serials: readonly [committed: Tid, ours: Tid] | undefined;
  constructor(
    message: string,
    where: Where & { readonly serials?: readonly [Tid, Tid] } = {},
    code = 'CONFLICT',
  ) {
    super(message, where, code);
    this.serials = where.serials;
  }
}

/** An object that was read (not written) was changed by another transaction, or packed away under a snapshot. */
export class ReadConflictError extends ConflictError {
  constructor(message: string, where: Where & { readonly serials?: readonly [Tid, Tid] } = {}) {
    super(message, where, 'READ_CONFLICT');
  }
}

/** A transaction cannot be undone: it is unknown, was packed, or later ones changed what it did. */
export class UndoError extends StorageError {
  constructor(message: string, where: Where = {}, code = 'UNDO') {
    super(message, where, code);
  }
}

/** Several objects keep a transaction from being undone. */
export class MultipleUndoErrors extends UndoError {
  /** One error for each of the objects, which it names. */
  readonly errors: readonly UndoError[];
  constructor(errors: readonly [UndoError, ...UndoError[]], where: Where = {}) {
    const objects = errors.length === 1 ? 'an object' : `${errors.length} objects`;
    super(`${objects} cannot be undone; the first: ${errors[0].message}`, where, 'MULTIPLE_UNDO');
    this.errors = errors;
  }
}

/** The storage may not grow beyond its quota. */
export class FileStorageQuotaError extends StorageError {
  constructor(message: string, where: Where = {}) {
    super(message, where, 'QUOTA');
  }
}

/** A write to something that was opened for reading. */
export class ReadOnlyError extends StorageError {
  constructor(message: string, where: Where = {}) {
    super(message, where, 'READ_ONLY');
  }
}

/** A two-phase commit call in the wrong order or with the wrong transaction. */
export class StorageTransactionError extends StorageError {
  constructor(message: string, where: Where = {}) {
    super(message, where, 'STORAGE_TRANSACTION');
  }
}

/** The file is not of a format this package knows, or not one that may be written. */
export class FormatError extends StorageError {
  constructor(message: string, where: Where = {}) {
    super(message, where, 'FORMAT');
  }
}

/** The bytes at `position` contradict the format. */
export class CorruptedDataError extends StorageError {
  constructor(message: string, where: Where = {}, code = 'CORRUPTED') {
    super(message, where, code);
  }
}

/** Another process, or this one, has the file open for writing. */
export class LockError extends StorageError {
  /** The process that holds the lock, where the lock file names it. */
  readonly pid: number | undefined;
  constructor(
    message: string,
    where: Where & { readonly pid?: number | undefined } = {},
    code = 'LOCK',
  ) {
    super(message, where, code);
    this.pid = where.pid;
  }
}

/** Whether the transaction is on disk cannot be known; the storage takes no more writes until it is reopened. */
export class CommitOutcomeUnknownError extends StorageError {
  constructor(message: string, where: Where = {}) {
    super(message, where, 'COMMIT_OUTCOME_UNKNOWN');
  }
}

/** A record could not be made into an object's state; `cause` says why. */
export class StateLoadError extends PlacedError {
  /** The Python class of the object, `module.name`. */
  readonly className: string | undefined;
  constructor(message: string, where: Where & { readonly className?: string | undefined } = {}) {
    super('STATE_LOAD', message, where);
    this.className = where.className;
  }
}

/** The constructor of a registered class threw while an object was being loaded. */
export class ClassError extends PlacedError {
  readonly className: string;
  constructor(message: string, where: Where & { readonly className: string }) {
    super('CLASS', message, where);
    this.className = where.className;
  }
}

/** A transaction was used in a way its state does not allow (failed, doomed, inside another one ...). */
export class TransactionError extends ZodbError {
  constructor(message: string, code = 'TRANSACTION', cause?: unknown) {
    super(code, message, cause === undefined ? undefined : { cause });
  }
}

/** An object cannot be stored by this connection: it belongs to another one, or its class has no name. */
export class InvalidObjectError extends PlacedError {
  constructor(message: string, where: Where = {}, code = 'INVALID_OBJECT') {
    super(code, message, where);
  }
}

/** The data of a blob were used in a way that their state does not allow: they are open elsewhere, or not committed. */
export class BlobError extends PlacedError {
  constructor(message: string, where: Where = {}) {
    super('BLOB', message, where);
  }
}
