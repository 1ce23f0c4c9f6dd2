// Errors of arrays' memory.

import { PlacedError, type Where } from '../zodb/errors.ts';
import type { Oid } from '../zodb/ids.ts';

/** A block could not be loaded; `cause` says why. The transaction cannot be committed any more. */
export class BlockLoadError extends PlacedError {
  readonly block: number | undefined;
  constructor(message: string, where: Where & { readonly block?: number | undefined } = {}) {
    super('BLOCK_LOAD', message, where);
    this.block = where.block;
  }
}

/** A view is larger than memory allows here; `read` and `write` work at any size. */
export class ViewTooLargeError extends PlacedError {
  readonly bytes: number;
  readonly limit: number;
  constructor(bytes: number, limit: number, why: string) {
    super(
      'VIEW_TOO_LARGE',
      `a view of ${bytes} bytes is above the limit of ${limit} (${why}): take a smaller view, or use read() and write(), which work at any size`,
    );
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** A load failure as the error that everyone sees. */
export function blockLoadError(
  block: number | undefined,
  oid: Oid | undefined,
  file: string,
  cause: unknown,
): BlockLoadError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const which = block === undefined ? 'a block' : `block ${block}`;
  return new BlockLoadError(`${which} of an array cannot be loaded: ${reason}`, {
    file,
    oid,
    block,
    cause,
  });
}
