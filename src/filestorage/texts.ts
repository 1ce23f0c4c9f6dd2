// What is said about a transaction, as it stands in the file: three byte strings behind the transaction's header.

import { ArgumentError } from '../zodb/errors.ts';
import type { TransactionMetadata } from '../zodb/storage.ts';

export interface Texts {
  readonly user: Uint8Array;
  readonly description: Uint8Array;
  readonly extension: Uint8Array;
}

const LONGEST = 0xffff;
const utf8 = new TextEncoder();

/** @throws ArgumentError for a text that is neither text nor bytes, or longer than 65535 bytes */
export function textsOf(metadata: TransactionMetadata): Texts {
  return {
    user: bytesOf(metadata, 'user'),
    description: bytesOf(metadata, 'description'),
    extension: bytesOf(metadata, 'extension'),
  };
}

function bytesOf(metadata: TransactionMetadata, name: keyof TransactionMetadata): Uint8Array {
  const text = metadata[name] ?? '';
  const encoded = typeof text === 'string' ? utf8.encode(text) : text;
  if (!(encoded instanceof Uint8Array))
    throw new ArgumentError(`the ${name} of a transaction is text or bytes, got ${typeof text}`);
  if (encoded.length > LONGEST)
    throw new ArgumentError(
      `the ${name} of a transaction takes at most ${LONGEST} bytes, got ${encoded.length}`,
    );
  return encoded;
}
