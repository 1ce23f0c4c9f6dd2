// Finds the native addon, which makes memory that loads itself when it is touched. Where there is none, or faults do not
// work, `native()` says why, and arrays work in explicit mode.
//
// The environment variable ZODB_NATIVE is the path of a binary to take, or `off` for explicit mode.

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { Addon, type NativeAddon } from './native-addon.ts';
import type { RawAddon } from './native-raw.ts';
import { Settings } from './native-settings.ts';

export type {
  Capabilities,
  LoaderSide,
  LoadRequest,
  NativeAddon,
  RegionOptions,
} from './native-addon.ts';
export type { LoadFailure } from './native-raw.ts';
export type { BlockState, FailureToError, NativeRegion } from './native-region.ts';
export type { NativeSettings, NativeStats } from './native-settings.ts';

/** The addon, or why there is none. */
export type FoundNative =
  | { readonly addon: NativeAddon; readonly reason?: undefined }
  | { readonly addon: undefined; readonly reason: string };

const found: { native?: FoundNative } = {};

/** The addon if faults work here; its first call tries them out (about a millisecond). */
export function native(): FoundNative {
  found.native ??= find();
  return found.native;
}

function find(): FoundNative {
  const wish = process.env['ZODB_NATIVE'];
  if (wish === 'off') return without('ZODB_NATIVE=off asks for explicit mode');
  const paths = wish === undefined || wish === '' ? binaries() : [wish];
  let reason = `there is no binary of the native addon for ${process.platform}-${process.arch} (build it: node native/build.mjs)`;
  for (const path of paths) {
    try {
      return start(createRequire(import.meta.url)(path) as RawAddon);
    } catch (error) {
      reason = `the native addon ${path} does not load: ${(error as Error).message}`;
    }
  }
  return without(reason);
}

// Of several C libraries' binaries only one loads.
function binaries(): string[] {
  const folder = fileURLToPath(new URL('../../native/prebuilds/', import.meta.url));
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(`${process.platform}-${process.arch}`))
      .filter((name) => name.endsWith('.node'))
      .map((name) => folder + name);
  } catch {
    return [];
  }
}

function without(reason: string): FoundNative {
  return { addon: undefined, reason };
}

function start(raw: RawAddon): FoundNative {
  const settings = new Settings(raw);
  const probed = raw.probe();
  if (!probed.faults) return without(`page faults do not work here: ${probed.reason}`);
  // Node joins its threads when it ends, and one that waits for a block would never come.
  if (isMainThread) process.on('exit', () => raw.shutdown());
  return { addon: new Addon(raw, settings) };
}
