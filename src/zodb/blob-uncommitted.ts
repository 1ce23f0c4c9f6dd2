// Files with data of blobs that no transaction has committed yet. Each belongs to a blob and goes away with it, unless the
// blob hands it over: at the latest when the process ends.

import { rmSync } from 'node:fs';

const files = new Set<string>();
const owners = new FinalizationRegistry(removeUncommitted);
let listening = false;

/** From now on `file` is removed with `owner`. */
export function ownFile(owner: object, file: string): void {
  if (!listening) process.on('exit', () => files.forEach(removeUncommitted));
  listening = true;
  files.add(file);
  owners.register(owner, file, owner);
}

/** `file`, the one that `owner` has, belongs to someone else now. */
export function handOver(owner: object, file: string): void {
  files.delete(file);
  owners.unregister(owner);
}

/** Removes the file that `owner` has. */
export function dropFile(owner: object, file: string): void {
  owners.unregister(owner);
  removeUncommitted(file);
}

function removeUncommitted(file: string): void {
  if (!files.delete(file)) return;
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays in a folder of temporary files.
  }
}
