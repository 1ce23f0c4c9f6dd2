// The addon as the rest of this package sees it: regions, the guard, and the loader's side.

import { readFileSync } from 'node:fs';
import { BLOCK_SIZE } from './block.ts';
import type { LoadFailure, RawAddon } from './native-raw.ts';
import { type FailureToError, NativeRegion, plainError } from './native-region.ts';
import {
  checkNumber,
  type NativeSettings,
  type NativeStats,
  type Settings,
} from './native-settings.ts';

/** What the addon can do on this machine. */
export interface Capabilities {
  /** `mremap` moves pages into place, `memfd` maps them (before Linux 5.7, about 5 times the cost of a fault). */
  readonly backend: 'mremap' | 'memfd';
  /** Whether the kernel gives huge pages to frames; without them a fault costs about 13 µs more. */
  readonly hugePages: boolean;
  /** Whether a load error stops the guarded function at once; if not, `guard` throws when it returns. */
  readonly terminate: boolean;
  /** Whether the SIGSEGV action of this process is the addon's at this moment. */
  readonly installed: boolean;
  /** The longest ArrayBuffer on a region's memory, in bytes: 4 GiB on Node 20. */
  readonly maxBuffer: number;
}

/** A block to be loaded. Answer with `complete` or `fail`, now or later; until then the frame is yours. */
export interface LoadRequest {
  readonly region: number;
  readonly block: number;
  readonly generation: number;
  readonly token: number;
  /** Nobody waits for it yet. */
  readonly prefetch: boolean;
  /** Where the block's bytes belong. Not zeroed; `complete` zeroes what lies behind its length. */
  readonly frame: Uint8Array;
}

/** What a loader worker needs. */
export interface LoaderSide {
  /** Begins to answer the faults of regions of this channel. An exception of `onLoad` fails the load. */
  serve(onLoad: (request: LoadRequest) => void, options?: { channel?: number }): { stop(): void };
  /**
   * The first `length` bytes of the token's frame are the block's; the rest of it is zeros. `touched` says up to where the
   * loader has written at most, if it knows: what nobody has written need not be cleared.
   */
  complete(token: number, length: number, touched?: number): void;
  fail(token: number, message: string, code?: string): void;
}

export interface RegionOptions {
  /** Bytes to reserve; halved until the system agrees. Address space costs nothing, moving a region is impossible. */
  readonly reserve: number;
  /** The least that is of use, in bytes. Default: one block. */
  readonly minimum?: number;
  /** Which loader fills its blocks. Default 0. */
  readonly channel?: number;
  /** Makes the error of a failed load. Default: a BlockLoadError that names the block. */
  readonly toError?: FailureToError;
}

export interface NativeAddon extends LoaderSide {
  readonly capabilities: Capabilities;
  /** Changes settings; those not given stay. The backend cannot be changed once a region was made. */
  configure(settings: NativeSettings): void;
  /** Reserves address space for a file handle. @throws RangeError when there is not even `minimum` of it */
  openRegion(options: RegionOptions): NativeRegion;
  /** A region that another thread opened, for buffers and loads of this one. Closing it ends this thread's buffers. */
  attachRegion(id: number, reserved: number): NativeRegion;
  /**
   * Calls `fn`. If a block that it touches on this thread cannot be loaded, it is stopped (its `catch` and `finally`
   * do not run) and BlockLoadError is thrown.
   */
  guard<T>(fn: () => T): T;
  stats(): NativeStats;
  /** Ends all waiting: nothing is loaded any more. Done by itself when the process exits. */
  shutdown(): void;
}

export class Addon implements NativeAddon {
  readonly #raw: RawAddon;
  readonly #settings: Settings;
  readonly #regions = new Map<number, NativeRegion>();

  constructor(raw: RawAddon, settings: Settings) {
    this.#raw = raw;
    this.#settings = settings;
  }

  get capabilities(): Capabilities {
    const { backend, terminate, installed, maxBuffer } = this.#raw.probe();
    return { backend, hugePages: hugePages(), terminate, installed, maxBuffer };
  }

  configure(settings: NativeSettings): void {
    this.#settings.configure(settings);
  }

  openRegion(options: RegionOptions): NativeRegion {
    const { reserve, minimum = BLOCK_SIZE, channel = 0 } = options;
    checkNumber('reserve', reserve, BLOCK_SIZE, 2 ** 46);
    const length = Math.ceil(reserve / BLOCK_SIZE) * BLOCK_SIZE;
    const place = this.#raw.open(length, minimum, channel);
    if (place === undefined) {
      throw new RangeError(`${minimum} bytes of address space cannot be reserved (ulimit -v?)`);
    }
    return this.#region(place[0], place[1], true, options.toError ?? plainError);
  }

  attachRegion(id: number, reserved: number): NativeRegion {
    return this.#region(id, reserved, false, plainError);
  }

  guard<T>(fn: () => T): T {
    try {
      return this.#raw.guard(fn);
    } catch (error) {
      throw isFailure(error)
        ? (this.#regions.get(error.region)?.errorOf(error) ?? plainError(error))
        : error;
    }
  }

  stats(): NativeStats {
    return this.#raw.stats() as unknown as NativeStats;
  }

  shutdown(): void {
    this.#raw.shutdown();
  }

  serve(
    onLoad: (request: LoadRequest) => void,
    options: { channel?: number } = {},
  ): { stop(): void } {
    const frames: Uint8Array[] = [];
    const server = this.#raw.serve(
      options.channel ?? 0,
      (region, block, generation, token, prefetch, slot) => {
        try {
          let frame = frames[slot];
          // A loader may have transferred it away.
          if (frame?.length !== BLOCK_SIZE) {
            frame = frames[slot] = new Uint8Array(this.#raw.frame(slot));
          }
          onLoad({ region, block, generation, token, prefetch: prefetch === 1, frame });
        } catch (error) {
          const { message, code } = error as { message?: string; code?: string };
          this.fail(token, message ?? String(error), code);
        }
      },
    );
    return { stop: () => this.#raw.stop(server) };
  }

  complete(token: number, length: number, touched: number = BLOCK_SIZE): void {
    this.#raw.complete(token, length, touched);
  }

  fail(token: number, message: string, code = 'LOAD'): void {
    this.#raw.fail(token, message, code);
  }

  #region(id: number, reserved: number, owner: boolean, toError: FailureToError): NativeRegion {
    const { maxBuffer } = this.#raw.probe();
    const region = new NativeRegion(this.#raw, { id, reserved, owner, maxBuffer }, toError, () =>
      this.#regions.delete(id),
    );
    this.#regions.set(id, region);
    return region;
  }
}

function hugePages(): boolean {
  try {
    const setting = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8');
    return !setting.includes('[never]');
  } catch {
    return false;
  }
}

/** The brand by which the addon marks what it throws out of a guard. */
function isFailure(error: unknown): error is LoadFailure {
  return (
    typeof error === 'object' &&
    error !== null &&
    !(error instanceof Error) &&
    typeof (error as LoadFailure).region === 'number' &&
    typeof (error as LoadFailure).block === 'number'
  );
}
