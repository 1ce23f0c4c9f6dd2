// The computing thread's side of the loader thread: one for the process, started when the first array is mapped.

import { MessageChannel, type MessagePort, threadId, Worker } from 'node:worker_threads';
import { BlockLoadError } from './errors.ts';
import type { LoaderMessage } from './loader.ts';

const STARTING = 0;
const READY = 1;

/** How long the thread may take to start, and how long one wait for it is, in milliseconds. */
const START_LIMIT = 60_000;
const SLICE = 50;

/** How many loader threads this thread has started. */
let started = 0;

export class LoaderThread {
  /** What ties regions to this loader: other threads of the process have loaders of their own. */
  readonly channel: number = threadId * 256 + (started++ % 256);
  readonly #port: MessagePort;
  readonly #state: Int32Array = new Int32Array(new SharedArrayBuffer(4));
  #failure: Error | undefined;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    // In the package this file and the thread's are translated, in a checkout neither is.
    const typescript = import.meta.url.endsWith('.ts');
    const worker = new Worker(new URL('./loader-worker.mjs', import.meta.url), {
      workerData: {
        port: port2,
        ready: this.#state.buffer,
        start: new URL(typescript ? './loader.ts' : './loader.js', import.meta.url).href,
        typescript,
        channel: this.channel,
      },
      transferList: [port2],
      execArgv: [],
    });
    worker.unref();
    worker.on('error', (error: Error) => {
      this.#failure = error;
    });
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a message; it arrives before any fault that is taken afterwards. */
  post(message: LoaderMessage): void {
    this.#port.postMessage(message);
  }

  /** Waits until faults will be answered. @throws BlockLoadError if the thread cannot start */
  waitUntilReady(): void {
    const limit = Date.now() + START_LIMIT;
    while (Atomics.load(this.#state, 0) === STARTING && Date.now() < limit) {
      Atomics.wait(this.#state, 0, STARTING, SLICE);
    }
    if (Atomics.load(this.#state, 0) === READY) return;
    throw new BlockLoadError('the thread that loads blocks could not be started', {
      cause: this.#failure,
    });
  }
}

let thread: LoaderThread | undefined;

/** The loader thread of this process; a new one if the last has died. */
export function loaderThread(): LoaderThread {
  if (thread === undefined || thread.failed) thread = new LoaderThread();
  return thread;
}
