// The functions of the native addon as they are (native/addon.c). They check little: use native.ts.

/** Why a block could not be loaded. `code` and `message` are the loader's, or the addon's own: LOADER_GONE, TIMEOUT ... */
export interface LoadFailure {
  readonly region: number;
  readonly block: number;
  readonly code: string;
  readonly message: string;
}

export interface RawAddon {
  flock(fd: number, nonblocking?: boolean): number;
  probe(): {
    faults: boolean;
    reason?: string;
    backend: 'mremap' | 'memfd';
    terminate: boolean;
    installed: boolean;
    maxBuffer: number;
  };
  configure(
    budget: number,
    hardLimit: number,
    readAhead: number,
    abort: boolean,
    backend: number,
    loadTimeout: number,
  ): void;
  stats(): Record<string, number>;
  open(
    reserve: number,
    minimum: number,
    channel: number,
  ): [id: number, reserved: number] | undefined;
  buffer(region: number, offset: number, length: number): ArrayBuffer;
  detach(buffer: ArrayBuffer): void;
  close(region: number): void;
  setSnapshot(region: number, generation: number, blocks: number): void;
  dirtyBlocks(region: number): Float64Array;
  beginStore(region: number, block: number): boolean;
  finishStore(region: number, ok: boolean): void;
  drop(region: number, blocks: Float64Array): void;
  dropChanged(region: number): void;
  dropPoisoned(region: number): void;
  state(region: number, block: number): number;
  poisoned(region: number): number;
  takeError(region: number): LoadFailure | undefined;
  load(region: number, first: number, count: number): LoadFailure | undefined;
  prefetch(
    region: number,
    first: number,
    count: number,
    done: (failure: LoadFailure | undefined) => void,
  ): void;
  pin(region: number, first: number, count: number, write: boolean): LoadFailure | undefined;
  unpin(region: number, first: number, count: number): void;
  guard<T>(fn: () => T): T;
  serve(
    channel: number,
    onLoad: (
      region: number,
      block: number,
      generation: number,
      token: number,
      prefetch: number,
      slot: number,
    ) => void,
  ): object;
  stop(server: object): void;
  frame(slot: number): ArrayBuffer;
  complete(token: number, length: number, touched: number): void;
  fail(token: number, message: string, code: string): void;
  shutdown(): void;
}
