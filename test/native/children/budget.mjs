// Memory stays within the budget, whatever is touched, and is right all the same.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { BLOCK, patternWord, WORDS } from './pattern.mjs';
import { loadProbe } from './probe.mjs';
import { addon, open, requests, run, startLoader } from './start.mjs';

const MIB = 2 ** 20;
const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** The most memory this process ever had, in bytes. */
function peak() {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line[1]) * 1024;
}

function mappings() {
  return readFileSync('/proc/self/maps', 'utf8').split('\n').length;
}

await run({
  // Four threads and this one read and write at random; each writes only words of its own.
  async random() {
    await startLoader();
    const { region, buffer } = open(2 ** 31);
    const workers = Array.from(
      { length: 4 },
      (_, i) =>
        new Worker(new URL('./random-visitor.mjs', import.meta.url), {
          workerData: { id: region.id, reserved: 2 ** 31, seed: i + 1, touches: 500 },
        }),
    );
    let running = true;
    const answers = Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)),
      ),
    ).finally(() => {
      running = false;
    });
    // Meanwhile this thread does what a file handle does: snapshots, invalidations, failed commits, prefetches, pins.
    for (let i = 0; running; i++) {
      const block = 3 + ((i * 31) % 97);
      if (i % 3 === 0) region.setSnapshot(i, 100);
      region.invalidate([block, block + 1]);
      await region.prefetch((block * 7) % 90, 3);
      const pin = region.pin(block * BLOCK, BLOCK, false);
      for (const dirty of region.dirtyBlocks()) region.beginStore(dirty);
      await tick(1);
      region.finishStore(false);
      pin.unpin();
    }
    const wrong = await answers;
    assert.deepEqual(wrong, [0, 0, 0, 0]);
    const { frames, loads, evictions } = addon.stats();
    assert.ok(frames <= 8, `${frames} frames`);
    assert.ok(loads > 400 && evictions > 300, `${loads} loads, ${evictions} evictions`);
    assert.equal(new Uint32Array(buffer)[WORDS], patternWord(1, 0));
    region.close();
  },

  // Blocks that are used again and again outlive a stream of others, though nearly as many as fit.
  async clock() {
    await startLoader();
    const { region, buffer } = open(2 ** 32);
    const words = new Uint32Array(buffer);
    let sum = 0;
    for (let i = 0; i < 300; i++) {
      sum += words[(100 + i) * WORDS];
      for (let hot = 0; hot < 24; hot++) sum += words[hot * WORDS + i];
    }
    assert.ok(sum > 0);
    // Exact least-recently-used would load 324; first-in-first-out about 650.
    assert.ok(requests() < 420, `${requests()} loads`);
    assert.ok(addon.stats().agings > 0 && addon.stats().touchedAgain > 0);
    region.close();
  },

  async readAhead() {
    await startLoader({ delay: 1 });
    const { region, buffer } = open(2 ** 32);
    region.setSnapshot(1, 60);
    const words = new Uint32Array(buffer);
    let sum = 0;
    for (let block = 0; block < 60; block++) sum += words[block * WORDS];
    await tick(20);
    assert.ok(sum > 0);
    assert.equal(requests(), 60, 'each block once, and none beyond the end of the file');
    assert.ok(addon.stats().readAheads >= 40, `${addon.stats().readAheads} read ahead`);
    const before = addon.stats().readAheads;
    for (let i = 0; i < 40; i++) sum += words[((i * 37) % 60) * WORDS + 5];
    region.setSnapshot(2, 2000);
    for (let i = 0; i < 40; i++) sum += words[(100 + ((i * 370) % 1000)) * WORDS];
    assert.equal(addon.stats().readAheads - before, 0, 'random access reads nothing ahead');
    region.close();
  },

  async scan() {
    await startLoader();
    const blocks = 512;
    const { region, buffer } = open(blocks * BLOCK);
    const numbers = new Float64Array(buffer);
    let count = 0;
    for (let i = 0; i < numbers.length; i += 512) if (numbers[i] !== 0) count++;
    assert.equal(count, numbers.length / 512);
    const budget = addon.stats().budget;
    // Pages of a memory file count twice, at the frame's address and at the block's.
    const most = (addon.capabilities.backend === 'memfd' ? 2 : 1) * budget + 190 * MIB;
    assert.ok(peak() < most, `${Math.round(peak() / MIB)} MiB at the most`);
    process.stdout.write(
      `peak ${Math.round(peak() / MIB)} MiB for ${blocks * 2} MiB in ${budget / MIB} MiB\n`,
    );
    region.close();
  },

  // Scattered over a TiB: the kernel has two mappings for each resident block, not for each one ever touched.
  async scattered() {
    await startLoader();
    const region = addon.openRegion({ reserve: 2 ** 40 });
    const before = mappings();
    for (let i = 0; i < 3000; i++) {
      const block = 1000 + ((i * 7919) % 523000);
      const words = new Uint32Array(region.buffer(block * BLOCK, BLOCK));
      assert.equal(words[2], patternWord(block, 2));
    }
    const more = mappings() - before;
    assert.ok(more < 2 * (addon.stats().budget / BLOCK) + 200, `${more} mappings more`);
    region.close();
  },

  // Other code of the process has taken nearly all mappings that the kernel allows: blocks are evicted to go on.
  async crowded() {
    await startLoader();
    const probe = loadProbe();
    const { region, buffer } = open(2 ** 32);
    const words = new Uint32Array(buffer);
    const scan = () => {
      for (let i = 0; i < 400; i++) {
        const block = (i * 3) % 890;
        assert.equal(words[block * WORDS + 1], patternWord(block, 1));
      }
    };
    const taken = probe.crowd(300);
    assert.ok(taken > 1000, `${taken} mappings`);
    scan();
    const { clean, aged } = addon.stats();
    assert.ok(clean + aged < 160, `${clean + aged} blocks, two mappings each`);
    for (let i = 0; i < 20; i++) words[i * 6 * WORDS] = i;
    for (let i = 0; i < 20; i++) assert.equal(words[i * 6 * WORDS], i);
    assert.equal(region.dirtyBlocks().length, 20);
    for (const block of region.dirtyBlocks()) region.beginStore(block);
    region.finishStore(true);
    scan();
    assert.equal(addon.stats().loadErrors, 0);
    region.close();
  },

  async shrink() {
    await startLoader();
    const { region, buffer } = open(2 ** 31);
    const words = new Uint32Array(buffer);
    for (let block = 0; block < 64; block++) words[block * WORDS] = block;
    addon.configure({ budget: 8 * BLOCK });
    assert.equal(addon.stats().frames, 64, 'dirty blocks stay');
    for (const block of region.dirtyBlocks()) region.beginStore(block);
    assert.equal(addon.stats().stored, 64);
    region.finishStore(true);
    addon.configure({ budget: 8 * BLOCK });
    assert.ok(addon.stats().frames <= 8, `${addon.stats().frames} frames`);
    assert.throws(() => addon.configure({ budget: 5 }), { code: 'ARGUMENT' });
    assert.throws(() => addon.configure({ backend: 'magic' }), { code: 'ARGUMENT' });
    const other = addon.capabilities.backend === 'mremap' ? 'memfd' : 'mremap';
    assert.throws(() => addon.configure({ backend: other }), { code: 'LATE' });
    region.close();
  },
});
