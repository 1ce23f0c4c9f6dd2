// Chooses the memory for a file: faulting where the addon and the storage allow it, explicit elsewhere, and says why once.

import type { Connection } from '../zodb/connection.ts';
import type { Oid, Tid } from '../zodb/ids.ts';
import { BLOCK_SIZE } from './block.ts';
import { BlockLoader, drive } from './block-loader.ts';
import { BlockTable } from './block-table.ts';
import { blockLoadError } from './errors.ts';
import { ExplicitRegion } from './explicit-region.ts';
import { FaultingRegion } from './faulting-region.ts';
import { type FoundNative, native } from './native.ts';
import { SnapshotSource } from './record-source.ts';
import type { SnapshotRegion } from './region.ts';
import type { ZBigFile } from './zbigfile.ts';

/** Blocks whose object is noted in explicit mode: a file of 1 TiB. */
const TABLE_BLOCKS = 524288;

let told = false;

export function openRegion(file: ZBigFile, connection: Connection): SnapshotRegion {
  const { storage } = connection;
  const found = wanted();
  if (found.addon !== undefined && storage.share !== undefined) {
    return new FaultingRegion(found.addon, file, connection);
  }
  const why =
    found.addon === undefined
      ? found.reason
      : `the storage ${storage.name} cannot be opened by a second thread`;
  if (!told && process.env['ZODB_NATIVE'] !== 'off') {
    told = true;
    process.emitWarning(
      `arrays are loaded when a view is made, up to 256 MiB a view, because ${why}`,
      { code: 'ZODB_EXPLICIT_ARRAYS' },
    );
  }
  return new ExplicitSnapshot(file, connection, why);
}

/** The addon, unless the environment asks for memory without it: ZODB_NATIVE=off. */
function wanted(): FoundNative {
  if (process.env['ZODB_NATIVE'] !== 'off') return native();
  return { addon: undefined, reason: 'ZODB_NATIVE=off asks for it' };
}

/** Explicit memory over the records of a connection. */
class ExplicitSnapshot extends ExplicitRegion implements SnapshotRegion {
  readonly table: BlockTable;
  readonly #loader: BlockLoader;
  readonly #source: SnapshotSource;

  constructor(file: ZBigFile, connection: Connection, why: string) {
    const table = new BlockTable(BlockTable.allocate(TABLE_BLOCKS));
    const loader = new BlockLoader(file._p_oid as Oid, (oid) => table.addNode(oid));
    const source = new SnapshotSource(connection.storage, connection.before);
    super((block, target) => {
      try {
        const loaded = drive(loader.load(block, target), source);
        target.fill(0, loaded.length, BLOCK_SIZE);
        table.setBlock(block, loaded.oid);
      } catch (cause) {
        throw blockLoadError(block, file._p_oid, connection.storage.name, cause);
      }
    }, why);
    this.table = table;
    this.#loader = loader;
    this.#source = source;
  }

  moveTo(before: Tid, reread: boolean): void {
    this.#source.before = before;
    if (reread) this.#loader.forget();
  }
}
