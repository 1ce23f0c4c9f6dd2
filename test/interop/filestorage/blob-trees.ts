// The folders of blobs in the alternating sequences: copied for the other side, and compared with it after each step.

import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { type BlobLayout, blobFileName } from '../../../src/zodb/blob-layout.ts';
import { isBlobRecord } from '../../../src/zodb/blob-record.ts';
import type { Step } from './sequence-steps.ts';

/** What is added to the name of a data file for its blobs, and for those that a pack has kept. */
export const BLOBS: readonly string[] = ['.blobs', '.blobs.old'];

export function makeBlobFolder(folder: string, layout: BlobLayout): void {
  mkdirSync(folder);
  writeFileSync(join(folder, '.layout'), layout);
}

/** Gives the copy of a data file the blobs of the original; returns both folders. */
export function copyBlobs(file: string, copy: string): [string | undefined, string | undefined] {
  for (const suffix of BLOBS) {
    rmSync(copy + suffix, { recursive: true, force: true });
    if (existsSync(file + suffix)) cpSync(file + suffix, copy + suffix, { recursive: true });
  }
  return existsSync(`${file}.blobs`) ? [`${file}.blobs`, `${copy}.blobs`] : [undefined, undefined];
}

/** Both must have the same files with the same permissions and contents. */
export function compareBlobs(node: string, python: string, step: Step, where: string): void {
  const named = new Set(namesOf(node));
  for (const name of Object.keys(treeOf(`${node}.blobs`)))
    expect(named.has(name) || name === '.layout', `${name} has a record after ${where}`).to.equal(
      true,
    );
  // Python leaves the files of transactions that are given up before their vote.
  for (const name of Object.keys(treeOf(`${python}.blobs`)))
    if (!named.has(name) && name !== '.layout') rmSync(join(`${python}.blobs`, name));
  const [ours, theirs] = [node, python].map((file) => treeOf(`${file}.blobs`)) as [Tree, Tree];
  if (step.kind !== 'pack') {
    expect(ours, `blobs after ${where}`).to.deep.equal(theirs);
    return;
  }
  // Python also removes blobs that later transactions have written again; Node has all that there are records of.
  expect({ ...ours, ...theirs }, `blobs after ${where}`).to.deep.equal(ours);
  const more =
    statSync(node).size > statSync(python).size ||
    Object.keys(ours).length > Object.keys(theirs).length;
  // Python removes what an earlier pack kept even where it then finds nothing to do, and Node finds nothing more often.
  if (existsSync(`${python}.blobs.old`) && !more)
    expect(treeOf(`${node}.blobs.old`, true), `old blobs after ${where}`).to.deep.equal(
      treeOf(`${python}.blobs.old`, true),
    );
}

export type Tree = Record<string, string>;

/** Names, permissions, contents and numbers of links of the files, but for what Python leaves after a pack that did nothing. */
export function treeOf(folder: string, links = false): Tree {
  const tree: Tree = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(folder, name);
    const { mode, nlink } = statSync(file);
    if (name === '.removed' || name.startsWith('tmp/') || (mode & 0o170000) !== 0o100000) continue;
    const hash = createHash('sha1').update(readFileSync(file)).digest('hex');
    tree[name] = [(mode & 0o7777).toString(8), hash, ...(links ? [nlink] : [])].join(' ');
  }
  return tree;
}

function* namesOf(file: string): Generator<string> {
  using storage = new FileStorage(file, { readOnly: true });
  const layout = readFileSync(`${file}.blobs/.layout`, 'latin1') as BlobLayout;
  for (const transaction of storage.iterate())
    for (const { oid, tid, data } of transaction.records())
      if (data !== undefined && isBlobRecord(data)) yield blobFileName(layout, oid, tid);
}
