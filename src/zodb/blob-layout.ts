// Where the files of a blob folder stand, relative to it. Both layouts are Python's: `bushy` has a folder for each byte of
// the oid, `lawn` one folder for each object. A file is named by the transaction that wrote it.

import type { Oid, Tid } from './ids.ts';

export type BlobLayout = 'bushy' | 'lawn';

/** The file that names the layout of the folder it is in. */
export const LAYOUT_MARKER = '.layout';

const SUFFIX = '.blob';
const LEVELS = 8;

/** The folder with all revisions of an object's blob. */
export function blobFolderName(layout: BlobLayout, oid: Oid): string {
  if (layout === 'lawn') return shortHex(oid);
  const digits = oid.toString(16).padStart(2 * LEVELS, '0');
  const parts: string[] = [];
  for (let i = 0; i < digits.length; i += 2) parts.push(`0x${digits.slice(i, i + 2)}`);
  return parts.join('/');
}

/** The file with one revision of an object's blob. */
export function blobFileName(layout: BlobLayout, oid: Oid, tid: Tid): string {
  return `${blobFolderName(layout, oid)}/${shortHex(tid)}${SUFFIX}`;
}

/** The object and revision that a file belongs to; `undefined` if this is no name of a blob's file. */
export function readBlobFileName(
  layout: BlobLayout,
  name: string,
): { readonly oid: Oid; readonly tid: Tid } | undefined {
  const [file = '', ...above] = name.split('/').reverse();
  if (!file.endsWith(SUFFIX)) return undefined;
  const oid = readHex(`0x${above.reverse().map(withoutPrefix).join('')}`);
  const tid = readHex(file.slice(0, -SUFFIX.length));
  if (oid === undefined || tid === undefined) return undefined;
  const read = { oid: oid as Oid, tid: tid as Tid };
  return blobFileName(layout, read.oid, read.tid) === name ? read : undefined;
}

function withoutPrefix(part: string): string {
  return part.slice(2);
}

/** Python's short form of an id: without leading zero bytes, but for one. */
function shortHex(id: bigint): string {
  const digits = id.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

function readHex(text: string): bigint | undefined {
  return /^0x(?:[0-9a-f]{2}){1,8}$/.test(text) ? BigInt(text) : undefined;
}
