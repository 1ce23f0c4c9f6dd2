// The thread that loads blocks. It knows records, not objects: no connection, classes or transactions. For each region it
// has the storage's shared description, the file's oid and the snapshot; a fault brings it a block number and a frame.
//
// The thread that waits may be any thread, so nothing here may wait for another one, and no asynchronous file operation
// of libuv may be used: its pool may be waiting too.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { SharedReader, SharedStorage } from '../zodb/storage.ts';
import { BlockLoader, drive, type RecordSource } from './block-loader.ts';
import { findBlockBytes } from './block-record.ts';
import { BlockTable, type SharedBlockTable } from './block-table.ts';
import { native } from './native.ts';
import type { LoaderSide, LoadRequest } from './native-addon.ts';

/** What the computing thread tells the loading thread. */
export type LoaderMessage =
  | {
      readonly type: 'open';
      readonly region: number;
      readonly storage: SharedStorage;
      readonly file: Oid;
      readonly before: Tid;
      readonly table: SharedBlockTable;
    }
  | {
      readonly type: 'move';
      readonly region: number;
      readonly before: Tid;
      readonly reread: boolean;
    }
  | { readonly type: 'close'; readonly region: number };

/** The first bytes of a record: enough to see where a block's bytes begin. */
const HEAD = 128;

/** A region and the storage opened for it; requests wait while it opens. */
interface LoadedRegion {
  readonly loader: BlockLoader;
  readonly table: BlockTable;
  readonly waiting: LoadRequest[];
  before: Tid;
  reader: SharedReader | undefined;
  failure: unknown;
}

/** What a module named by a shared description exports. */
interface SharedModule {
  openShared(description: SharedStorage): SharedReader | Promise<SharedReader>;
}

export class Loader {
  readonly #addon: LoaderSide;
  readonly #port: MessagePort;
  readonly #regions = new Map<number, LoadedRegion>();
  readonly #head: Uint8Array = new Uint8Array(HEAD);

  constructor(addon: LoaderSide, port: MessagePort) {
    this.#addon = addon;
    this.#port = port;
    port.on('message', (message: LoaderMessage) => this.#receive(message));
  }

  /** Begins to answer faults. */
  start(): void {
    this.#addon.serve((request) => {
      // A fault may overtake the messages that were sent before it.
      for (
        let next = receiveMessageOnPort(this.#port);
        next !== undefined;
        next = receiveMessageOnPort(this.#port)
      ) {
        this.#receive(next.message as LoaderMessage);
      }
      this.#answer(request);
    });
  }

  #receive(message: LoaderMessage): void {
    if (message.type === 'open') {
      this.#open(message);
      return;
    }
    const region = this.#regions.get(message.region);
    if (region === undefined) return;
    if (message.type === 'move') {
      region.before = message.before;
      if (message.reread) region.loader.forget();
      return;
    }
    this.#regions.delete(message.region);
    region.reader?.close();
  }

  #open(message: Extract<LoaderMessage, { type: 'open' }>): void {
    const region: LoadedRegion = {
      loader: new BlockLoader(message.file),
      table: new BlockTable(message.table),
      waiting: [],
      before: message.before,
      reader: undefined,
      failure: undefined,
    };
    this.#regions.set(message.region, region);
    openReader(message.storage)
      .then(
        (reader) => {
          region.reader = reader;
          if (this.#regions.get(message.region) !== region) reader.close();
        },
        (error: unknown) => {
          region.failure = error ?? new Error('the storage cannot be opened');
        },
      )
      .finally(() => {
        for (const request of region.waiting.splice(0)) this.#answer(request);
      });
  }

  #answer(request: LoadRequest): void {
    try {
      const region = this.#regions.get(request.region);
      if (region === undefined) throw new Error('the file handle is closed');
      const { loader, table, reader, failure } = region;
      if (failure !== undefined) throw failure;
      if (reader === undefined) {
        region.waiting.push(request);
        return;
      }
      const loaded = drive(
        loader.load(request.block, request.frame),
        this.#source(reader, region.before),
      );
      table.setNodes(loader.tableOids);
      table.setBlock(request.block, loaded.oid);
      this.#addon.complete(request.token, loaded.length);
    } catch (error) {
      const { message, code } = error as { message?: string; code?: string };
      this.#addon.fail(request.token, message ?? String(error), code);
    }
  }

  #source(reader: SharedReader, before: Tid): RecordSource {
    const load = (oid: Oid): Uint8Array => {
      const revision = reader.load(oid, before);
      if (revision === undefined)
        throw new Error('the revision in this snapshot is gone, likely packed away');
      return revision.data;
    };
    const { locate, readAt } = reader;
    if (locate === undefined || readAt === undefined) return { load };
    return {
      load,
      loadBlock: (oid, frame) => {
        const place = reader.locate?.(oid, before);
        if (place === undefined) return undefined;
        const head = this.#head.subarray(0, Math.min(HEAD, place.length));
        reader.readAt?.(place.position, head);
        const extent = findBlockBytes(head);
        if (extent === undefined || extent.offset + extent.length > place.length) return undefined;
        if (extent.length > frame.length) return undefined;
        reader.readAt?.(place.position + extent.offset, frame.subarray(0, extent.length));
        return extent.length;
      },
    };
  }
}

/** Begins to answer the faults of this process, with what is told through `port`. */
export function startLoader(port: MessagePort): void {
  const { addon, reason } = native();
  if (addon === undefined) throw new Error(reason);
  new Loader(addon, port).start();
}

async function openReader(shared: SharedStorage): Promise<SharedReader> {
  const { openShared } = (await import(shared.module)) as SharedModule;
  return openShared(shared);
}
