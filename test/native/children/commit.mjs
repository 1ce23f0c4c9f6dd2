// Storing, forgetting, snapshots, loading on request: what a file handle does to blocks.

import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BLOCK, patternBlock, patternWord, SPECIAL, WORDS } from './pattern.mjs';
import { addon, open, requests, run, setPattern, startLoader } from './start.mjs';

const dirty = (region) => [...region.dirtyBlocks()];
const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

await startLoader();

await run({
  store() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (const block of [5, 2, 300]) words[block * WORDS] = block;
    assert.deepEqual(dirty(region), [2, 5, 300]);
    const bytes = region.beginStore(5);
    assert.equal(region.state(5), 'stored');
    assert.equal(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), 5);
    assert.equal(Buffer.compare(bytes.subarray(4), patternBlock(5).subarray(4)), 0);
    assert.throws(() => region.beginStore(5), { code: 'ARGUMENT' });
    assert.throws(() => region.beginStore(6), { code: 'ARGUMENT' });
    region.beginStore(2);
    assert.deepEqual(dirty(region), [300]);
    // A write during the commit belongs to the next transaction.
    words[2 * WORDS + 1] = 1;
    assert.deepEqual(dirty(region), [2, 300]);
    region.finishStore(true);
    assert.equal(region.state(5), 'clean');
    assert.deepEqual(dirty(region), [2, 300]);
    words[5 * WORDS + 1] = 1;
    assert.deepEqual(dirty(region), [2, 5, 300]);
    assert.equal(words[5 * WORDS], 5);
    for (const block of dirty(region)) region.beginStore(block);
    region.finishStore(false);
    assert.deepEqual(dirty(region), [2, 5, 300], 'after a commit that failed');
    words[5 * WORDS + 2] = 9;
    region.beginStore(300);
    region.discard('dirty');
    assert.deepEqual(dirty(region), []);
    assert.equal(region.state(300), 'absent', 'stored by a savepoint, then aborted');
    assert.equal(words[5 * WORDS], patternWord(5, 0));
    region.close();
  },

  snapshots() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    assert.equal(words[1], patternWord(0, 1));
    assert.equal(words[WORDS + 1], patternWord(1, 1));
    setPattern(7);
    region.setSnapshot(1);
    region.invalidate([1, 17]);
    assert.equal(words[1], patternWord(0, 1), 'not changed by others, so still there');
    assert.equal(words[WORDS + 1], patternWord(1, 1, 7));
    assert.equal(words[17 * WORDS + 1], patternWord(17, 1, 7));
    region.discard([1, 2, 3]);
    assert.equal(region.state(1), 'absent');
    region.close();
  },

  // While a slow load is under way, the snapshot moves: nobody may see what was loaded for the old one.
  async movingSnapshot() {
    for (const move of [
      (region) => region.setSnapshot(2),
      (region) => region.invalidate([SPECIAL.slow]),
    ]) {
      setPattern(0);
      const { region } = open();
      const before = requests();
      const loaded = region.prefetch(SPECIAL.slow, 1);
      while (requests() === before) await tick(1);
      move(region);
      await loaded;
      assert.equal(requests(), before + 2, 'loaded again');
      assert.equal(addon.stats().reloads > 0, true);
      region.close();
    }
  },

  async requests() {
    const { region, buffer } = open();
    region.load(3, 20);
    for (let block = 3; block < 23; block++) assert.equal(region.state(block), 'clean');
    const sofar = requests();
    const words = new Uint32Array(buffer);
    assert.equal(words[22 * WORDS + 5], patternWord(22, 5));
    await region.prefetch(50, 10);
    for (let block = 50; block < 60; block++) assert.equal(region.state(block), 'aged');
    assert.equal(words[55 * WORDS + 5], patternWord(55, 5));
    assert.equal(requests(), sofar + 10, 'what was prefetched is not loaded again');
    await Promise.all([region.prefetch(70, 10), region.prefetch(75, 10), region.prefetch(70, 20)]);
    assert.equal(requests(), sofar + 30, 'overlapping requests are one load each');
    await region.prefetch(0, 0);
    region.load(0, 0);
    assert.throws(() => region.load(SPECIAL.fails, 1), {
      code: 'BLOCK_LOAD',
      block: SPECIAL.fails,
    });
    await assert.rejects(region.prefetch(SPECIAL.fails - 2, 3), {
      code: 'BLOCK_LOAD',
      block: SPECIAL.fails,
    });
    await assert.rejects(region.prefetch(SPECIAL.throws, 1), /a loader with a bug/);
    assert.equal(region.doomed, false, 'nobody saw zeros');
    assert.equal(region.state(SPECIAL.fails), 'absent');
    const closing = region.prefetch(SPECIAL.slow, 1);
    region.close();
    await assert.rejects(closing, /closed/);
  },

  pins() {
    const path = join(tmpdir(), `zodb-pin-${process.pid}`);
    const fd = openSync(path, 'w+');
    const { region, buffer } = open();
    const view = new Uint8Array(buffer, 9 * BLOCK + 100, 2 * BLOCK);
    assert.throws(() => writeSync(fd, view), { code: 'EFAULT' });
    const pin = region.pin(9 * BLOCK + 100, 2 * BLOCK, false);
    assert.equal(writeSync(fd, view), 2 * BLOCK);
    assert.deepEqual(dirty(region), []);
    assert.throws(
      () => readSync(fd, view, 0, BLOCK, 0),
      { code: 'EFAULT' },
      'reading into clean blocks',
    );
    // Pinned blocks survive a scan of much more than the budget.
    const words = new Uint32Array(buffer);
    for (let block = 100; block < 400; block++)
      assert.equal(words[block * WORDS], patternWord(block, 0));
    for (let block = 9; block < 12; block++) assert.equal(region.state(block), 'clean');
    pin.unpin();
    pin.unpin();
    for (let block = 400; block < 600; block++)
      assert.equal(words[block * WORDS], patternWord(block, 0));
    assert.equal(region.state(9), 'absent');
    const write = region.pin(20 * BLOCK, BLOCK, true);
    assert.equal(readSync(fd, new Uint8Array(buffer, 20 * BLOCK, BLOCK), 0, BLOCK, 0), BLOCK);
    write.unpin();
    assert.deepEqual(dirty(region), [20]);
    assert.equal(words[20 * WORDS], new DataView(patternBlock(9).buffer).getUint32(100, true));
    assert.throws(() => region.pin(SPECIAL.fails * BLOCK, 1, false), { code: 'BLOCK_LOAD' });
    assert.equal(addon.stats().pinned, 0);
    closeSync(fd);
    unlinkSync(path);
    region.close();
  },

  // Other threads have buffers of their own on the same memory, also after the region's owner closed it.
  async otherThreads() {
    const { region, buffer } = open(2 ** 31);
    const worker = new Worker(new URL('./visitor.mjs', import.meta.url), {
      workerData: { id: region.id, reserved: region.reserved },
    });
    const answer = () => new Promise((resolve) => worker.once('message', resolve));
    await answer();
    worker.postMessage({ write: 3 * WORDS, value: 11 });
    await answer();
    assert.equal(new Uint32Array(buffer)[3 * WORDS], 11);
    assert.deepEqual(dirty(region), [3]);
    worker.postMessage({ read: 4 * WORDS });
    assert.equal(await answer(), patternWord(4, 0));
    region.close();
    worker.postMessage({ read: 4 * WORDS });
    assert.equal(await answer(), 0, 'zeros, not a crash');
    await worker.terminate();
    const another = open(2 ** 31);
    assert.equal(new Uint32Array(another.buffer)[WORDS], patternWord(1, 0));
    another.region.close();
  },

  async openAndClose() {
    const maps = () => process.memoryUsage.rss();
    let before = 0;
    for (let i = 0; i < 300; i++) {
      const { region, buffer } = open(2 ** 36, i % 2 === 0 ? {} : { channel: 0 });
      const words = new Uint32Array(buffer);
      words[i * WORDS] = 1;
      assert.equal(words[WORDS * (i + 1) + 2], patternWord(i + 1, 2));
      region.close();
      if (i % 20 === 0) await tick();
      if (i === 100) before = maps();
    }
    const grown = maps() - before;
    assert.ok(grown < 30 * 2 ** 20, `200 handles grew the process by ${grown}`);
    assert.equal(addon.stats().dirty + addon.stats().clean, 0);
  },
});
