// What every child process of these tests begins with: the addon with the wanted backend and budget, and a loader.

import { Worker } from 'node:worker_threads';
import { register } from 'tsx/esm/api';
import { BLOCK } from './pattern.mjs';

register();
const found = (await import('../../../src/bigfile/native.ts')).native();
if (found.addon === undefined) {
  console.error(found.reason);
  process.exit(77);
}

export const addon = found.addon;
export const raw = found;
const controls = new Int32Array(new SharedArrayBuffer(64));

addon.configure({
  backend: process.env.TEST_BACKEND ?? 'auto',
  budget: Number(process.env.TEST_BUDGET ?? 64) * BLOCK,
  readAhead: Number(process.env.TEST_READ_AHEAD ?? 8),
});

/** Starts a loader and waits for it. */
export async function startLoader(options = {}) {
  const { resourceLimits, ...workerData } = options;
  const worker = new Worker(new URL('./loader-worker.mjs', import.meta.url), {
    workerData: { ...workerData, controls: controls.buffer },
    ...(resourceLimits ? { resourceLimits } : {}),
  });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  worker.unref();
  return worker;
}

/** From now on, blocks are made up for this snapshot. */
export function setPattern(snapshot) {
  Atomics.store(controls, 0, snapshot);
}

/** How many requests loaders have had. */
export function requests() {
  return Atomics.load(controls, 1);
}

/** A region with a buffer over its first `bytes`. */
export function open(bytes = 2 ** 32, options = {}) {
  const region = addon.openRegion({ reserve: bytes, ...options });
  return { region, buffer: region.buffer(0, Math.min(bytes, addon.capabilities.maxBuffer)) };
}

/** Runs the scenario that was asked for; an assertion that fails ends the process with 1. */
export async function run(scenarios) {
  const scenario = scenarios[process.argv[2]];
  if (scenario === undefined) throw new Error(`no scenario ${process.argv[2]}`);
  await scenario();
  process.stdout.write('done\n');
}
