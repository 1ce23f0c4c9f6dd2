// The thread that loads blocks. It knows records, not objects: no connection, classes or transactions. For each region it
// has the storage's shared description, the file's oid and the snapshot; a fault brings it a block number and a frame.
//
// The thread that waits may be any thread, so nothing here may wait for another one, and no asynchronous file operation
// of libuv may be used: its pool may be waiting too.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Oid, Tid } from '../zodb/ids.ts';
import type { SharedReader, SharedStorage } from '../zodb/storage.ts';
import { BlockLoader, drive } from './block-loader.ts';
import { BlockTable, type SharedBlockTable } from './block-table.ts';
import { native } from './native.ts';
import type { LoaderSide, LoadRequest } from './native-addon.ts';
import { SnapshotSource } from './record-source.ts';

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

/** A region and the storage opened for it; requests wait while it opens. */
interface LoadedRegion {
  readonly loader: BlockLoader;
  readonly table: BlockTable;
  readonly waiting: LoadRequest[];
  before: Tid;
  /** The storage, once it is open. */
  source: SnapshotSource | undefined;
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

  constructor(addon: LoaderSide, port: MessagePort) {
    this.#addon = addon;
    this.#port = port;
    port.on('message', (message: LoaderMessage) => this.#receive(message));
  }

  /** Begins to answer the faults of this channel. */
  start(channel: number): void {
    const answer = (request: LoadRequest): void => {
      // A fault may overtake the messages that were sent before it.
      for (
        let next = receiveMessageOnPort(this.#port);
        next !== undefined;
        next = receiveMessageOnPort(this.#port)
      ) {
        this.#receive(next.message as LoaderMessage);
      }
      this.#answer(request);
    };
    this.#addon.serve(answer, { channel });
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
      if (region.source !== undefined) region.source.before = message.before;
      if (message.reread) region.loader.forget();
      return;
    }
    this.#regions.delete(message.region);
    region.reader?.close();
  }

  #open(message: Extract<LoaderMessage, { type: 'open' }>): void {
    const table = new BlockTable(message.table);
    const region: LoadedRegion = {
      loader: new BlockLoader(message.file, (oid) => table.addNode(oid)),
      table,
      waiting: [],
      before: message.before,
      source: undefined,
      reader: undefined,
      failure: undefined,
    };
    this.#regions.set(message.region, region);
    openReader(message.storage)
      .then(
        (reader) => {
          region.reader = reader;
          region.source = new SnapshotSource(reader, region.before);
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
      const { loader, table, source, failure } = region;
      if (failure !== undefined) throw failure;
      if (source === undefined) {
        region.waiting.push(request);
        return;
      }
      const loaded = drive(loader.load(request.block, request.frame), source);
      table.setBlock(request.block, loaded.oid);
      this.#addon.complete(request.token, loaded.length, loaded.length);
    } catch (error) {
      const { message, code } = error as { message?: string; code?: string };
      this.#addon.fail(request.token, message ?? String(error), code);
    }
  }
}

/** Begins to answer the faults of a channel, with what is told through `port`. */
export function startLoader(port: MessagePort, channel: number): void {
  const { addon, reason } = native();
  if (addon === undefined) throw new Error(reason);
  new Loader(addon, port).start(channel);
}

async function openReader(shared: SharedStorage): Promise<SharedReader> {
  const { openShared } = (await import(shared.module)) as SharedModule;
  return openShared(shared);
}
