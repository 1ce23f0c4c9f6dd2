/**
 * What page faults cost, in microseconds for a block of 2 MiB, as a Markdown table:
 *
 *     node --import tsx bench/fault.ts [--blocks 400] [--backend mremap|memfd]
 *
 * Medians over single blocks, touched in an order that reads nothing ahead. "Empty loader" is a worker whose JavaScript
 * writes one byte and answers: all that is left is the signal, two changes of thread, and moving the frame into place.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { BLOCK_SIZE } from '../src/bigfile/block.ts';
import { native } from '../src/bigfile/native.ts';

const { values: options } = parseArgs({
  options: {
    blocks: { type: 'string', default: '400' },
    backend: { type: 'string', default: 'mremap' },
  },
});

const found = native();
if (found.addon === undefined) throw new Error(found.reason);
const { addon } = found;
const blocks = Number(options.blocks);
const budget = (blocks + 32) * BLOCK_SIZE;
addon.configure({ backend: options.backend as 'mremap' | 'memfd', budget, readAhead: 0 });

const EMPTY = 1;
const COPYING = 2;
const workers = [await startLoader(EMPTY, false), await startLoader(COPYING, true)];

async function startLoader(channel: number, copies: boolean): Promise<Worker> {
  const worker = new Worker(new URL('./fault-loader.mjs', import.meta.url), {
    workerData: { channel, copies },
  });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return worker;
}

/** The median of what `step` takes for each of the blocks, in an order without neighbours. */
function median(step: (block: number) => void): number {
  const times: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const block = ((i * 101) % blocks) * 3;
    const start = process.hrtime.bigint();
    step(block);
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return times.sort((a, b) => a - b)[blocks >> 1] as number;
}

/** The mean over all blocks of one call for all of them. */
function each(count: number, act: () => void): number {
  const start = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}

const results: [what: string, microseconds: number][] = [];
let sum = 0;

{
  const region = addon.openRegion({ reserve: 3 * blocks * BLOCK_SIZE, channel: EMPTY });
  const bytes = new Uint8Array(region.buffer(0, region.reserved));
  const touch = (block: number): void => {
    sum += bytes[block * BLOCK_SIZE] as number;
  };
  // The kernel zeroes the memory of a fresh frame; from here on each has its own.
  results.push(['read, empty loader, a frame used for the first time', median(touch)]);
  const all = Float64Array.from({ length: blocks }, (_, i) => i * 3);
  results.push(['take a frame back (discard)', each(blocks, () => region.discard(all))]);
  results.push(['read, empty loader', median(touch)]);
  results.push(['read of a block in memory', median(touch)]);
  const write = (block: number): void => {
    bytes[block * BLOCK_SIZE] = 1;
  };
  results.push(['first write to a clean block', median(write)]);
  results.push([
    'list the changed blocks',
    each(blocks, () => {
      sum += region.dirtyBlocks().length;
    }),
  ]);
  results.push([
    'begin to store a block',
    each(blocks, () => {
      for (const block of all) region.beginStore(block);
    }),
  ]);
  results.push(['mark a stored block clean', each(blocks, () => region.finishStore(true))]);
  results.push(['first write after a commit', median(write)]);
  region.discard('dirty');
  results.push(['write to an absent block, empty loader', median(write)]);
  region.discard('dirty');
  results.push(['load on request, empty loader', median((block) => region.load(block, 1))]);
  region.close();
}

// Twice as many blocks as frames: each touch takes a frame from another block.
{
  addon.configure({ budget: Math.max(16, blocks >> 1) * BLOCK_SIZE });
  const region = addon.openRegion({ reserve: 3 * blocks * BLOCK_SIZE, channel: EMPTY });
  const bytes = new Uint8Array(region.buffer(0, region.reserved));
  const touch = (block: number): void => {
    sum += bytes[block * BLOCK_SIZE] as number;
  };
  median(touch);
  const before = addon.stats().evictions;
  const time = median(touch);
  results.push([`read, empty loader, with evictions (${addon.stats().evictions - before})`, time]);
  region.close();
  addon.configure({ budget });
}

{
  const region = addon.openRegion({ reserve: 3 * blocks * BLOCK_SIZE, channel: COPYING });
  const bytes = new Uint8Array(region.buffer(0, region.reserved));
  median((block) => {
    sum += bytes[block * BLOCK_SIZE] as number;
  });
  region.discard(Float64Array.from({ length: blocks }, (_, i) => i * 3));
  results.push([
    'read, loader copies 2 MiB',
    median((block) => {
      sum += bytes[block * BLOCK_SIZE] as number;
    }),
  ]);
  region.close();
  const target = new Uint8Array(BLOCK_SIZE);
  const source = new Uint8Array(BLOCK_SIZE).fill(1);
  results.push(['for comparison: copy 2 MiB', median(() => target.set(source))]);
}

const { backend } = addon.capabilities;
console.log(`Node ${process.version}, frames by ${backend}, ${blocks} blocks, check ${sum}\n`);
console.log('| | µs a block |\n| --- | ---: |');
for (const [what, time] of results) console.log(`| ${what} | ${time.toFixed(1)} |`);
for (const worker of workers) await worker.terminate();
