// What happens when a block cannot be loaded.

import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { BLOCK, patternWord, SPECIAL, WORDS } from './pattern.mjs';
import { addon, open, run, startLoader } from './start.mjs';

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

let loader = await startLoader();

/** A guarded touch must throw BlockLoadError, run nothing behind the touch, and doom the region until it is discarded. */
function touchFails(region, words, block, message) {
  let caught = false;
  let sum = 0;
  assert.throws(
    () =>
      addon.guard(() => {
        try {
          sum = words[block * WORDS];
          for (let i = 0; ; i++) sum += words[(i % 10) * WORDS];
        } catch {
          caught = true;
        } finally {
          caught = true;
        }
      }),
    (error) => {
      assert.equal(error.code, 'BLOCK_LOAD');
      assert.equal(error.block, block);
      assert.match(error.message, message);
      return true;
    },
  );
  assert.equal(Number.isNaN(sum), false);
  assert.equal(caught, !addon.capabilities.terminate);
  assert.equal(region.doomed, true);
  assert.equal(region.state(block), 'poisoned');
}

/** After a failure everything works again. */
function recovers(region, words) {
  region.discard('poisoned');
  assert.equal(region.doomed, false);
  assert.equal(region.takeError(), undefined);
  assert.equal(words[500 * WORDS + 3], patternWord(500, 3));
  assert.equal(
    addon.guard(() => words[501 * WORDS + 3]),
    patternWord(501, 3),
  );
}

await run({
  guarded() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (let round = 0; round < 20; round++) {
      touchFails(region, words, SPECIAL.fails, /the disk is on fire/);
      assert.equal(region.takeError().cause.code, 'EIO');
      assert.equal(region.takeError(), undefined);
      region.discard('poisoned');
      touchFails(region, words, SPECIAL.throws, /a loader with a bug/);
      region.discard('poisoned');
    }
    recovers(region, words);
    assert.throws(
      () =>
        addon.guard(() => {
          throw new RangeError('mine');
        }),
      RangeError,
    );
    assert.equal(
      addon.guard(() => addon.guard(() => 5)),
      5,
    );
    // The innermost guard throws; the outer one sees an exception like any other.
    const seen = addon.guard(() => {
      try {
        addon.guard(() => words[SPECIAL.fails * WORDS]);
      } catch (error) {
        return error.code;
      }
    });
    assert.equal(seen, 'BLOCK_LOAD');
    region.close();
  },

  // A function that ends before V8 looks whether to stop: the guard throws all the same.
  short() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    assert.throws(() => addon.guard(() => words[SPECIAL.fails * WORDS]), { code: 'BLOCK_LOAD' });
    let after = 0;
    for (let i = 0; i < 1e6; i++) after += i & 1;
    assert.equal(after, 500000, 'nothing is terminated later');
    region.close();
  },

  // In builtins, writes, and native code that JavaScript called.
  inside() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    const block = words.subarray(SPECIAL.fails * WORDS, (SPECIAL.fails + 1) * WORDS);
    for (const act of [
      () => block.fill(1),
      () => block.set([1, 2]),
      () => block.reduce((a, b) => a + b),
      () => Buffer.from(block.buffer, block.byteOffset, 10).toString('hex'),
      () => [1].map(() => block[0]),
      () => {
        block[5] = 1;
      },
      () => structuredClone(block.slice(0, 10)),
    ]) {
      assert.throws(() => addon.guard(act), { code: 'BLOCK_LOAD' }, String(act));
      assert.deepEqual([...region.dirtyBlocks()], []);
      region.discard('poisoned');
    }
    recovers(region, words);
    region.close();
  },

  async unguarded() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    await tick();
    assert.equal(words[SPECIAL.fails * WORDS], 0, 'zeros');
    words[SPECIAL.fails * WORDS] = 5;
    words[3 * WORDS] = 5;
    assert.equal(region.doomed, true);
    assert.deepEqual([...region.dirtyBlocks()], [3]);
    assert.throws(() => region.beginStore(3), { code: 'BLOCK_LOAD' });
    assert.match(region.takeError().message, /block 900 .*the disk is on fire/);
    assert.equal(region.takeError(), undefined);
    assert.throws(() => region.beginStore(3), { code: 'BLOCK_LOAD' }, 'until it is discarded');
    region.discard('dirty');
    recovers(region, words);
    assert.equal(words[3 * WORDS], patternWord(3, 0));
    region.close();
  },

  // Several threads wait for one block that fails: all are told.
  async together() {
    const { region, buffer } = open(2 ** 32);
    const words = new Uint32Array(buffer);
    const workers = Array.from(
      { length: 3 },
      () =>
        new Worker(new URL('./guarded-visitor.mjs', import.meta.url), {
          workerData: { id: region.id, reserved: 2 ** 31 },
        }),
    );
    await Promise.all(
      workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
    );
    addon.configure({ loadTimeout: 300 });
    const answers = workers.map(
      (worker) => new Promise((resolve) => worker.once('message', resolve)),
    );
    for (const worker of workers) worker.postMessage(SPECIAL.hangs * WORDS);
    touchFails(region, words, SPECIAL.hangs, /time limit/);
    assert.deepEqual(await Promise.all(answers), ['BLOCK_LOAD', 'BLOCK_LOAD', 'BLOCK_LOAD']);
    recovers(region, words);
    await Promise.all(workers.map((worker) => worker.terminate()));
    region.close();
  },

  silent() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    addon.configure({ loadTimeout: 200 });
    touchFails(region, words, SPECIAL.hangs, /time limit/);
    addon.configure({ loadTimeout: 0 });
    recovers(region, words);
    region.close();
  },

  async exits() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    touchFails(region, words, SPECIAL.exits, /has ended/);
    region.discard('poisoned');
    touchFails(region, words, 5, /has ended/);
    region.discard('poisoned');
    await assert.rejects(region.prefetch(7, 3), /has ended/);
    loader = await startLoader();
    recovers(region, words);
    region.close();
  },

  async exhaustsMemory() {
    await loader.terminate();
    loader = await startLoader({ resourceLimits: { maxOldGenerationSizeMb: 40 } });
    loader.on('error', (error) => assert.equal(error.code, 'ERR_WORKER_OUT_OF_MEMORY'));
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    touchFails(region, words, SPECIAL.exhaustsMemory, /has ended/);
    loader = await startLoader();
    recovers(region, words);
    region.close();
  },

  // The worker waits, and the thread that would load for it is terminated meanwhile.
  async terminated() {
    const { region, buffer } = open();
    const worker = new Worker(new URL('./guarded-visitor.mjs', import.meta.url), {
      workerData: { id: region.id, reserved: 2 ** 31 },
    });
    const answer = () => new Promise((resolve) => worker.once('message', resolve));
    await answer();
    worker.postMessage(SPECIAL.hangs * WORDS);
    while (addon.stats().waiting === 0) await tick(5);
    const failed = answer();
    await loader.terminate();
    assert.equal(await failed, 'BLOCK_LOAD');
    await worker.terminate();
    loader = await startLoader();
    recovers(region, new Uint32Array(buffer));
    region.close();
  },

  // Frames that a loader holds when its time is over come back when it answers, or ends.
  async lateAnswers() {
    addon.configure({ loadTimeout: 100, budget: 8 * BLOCK, hardLimit: 8 * BLOCK, readAhead: 0 });
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (let round = 0; round < 8; round++) {
      touchFails(region, words, SPECIAL.slow, /time limit/);
      region.discard('poisoned');
      await tick(60);
    }
    for (let i = 0; i < 40; i++) assert.equal(words[i * WORDS + 1], patternWord(i, 1));
    assert.equal(addon.stats().loading, 0);
    region.close();
  },

  full() {
    addon.configure({ budget: 8 * BLOCK, hardLimit: 16 * BLOCK });
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    assert.throws(
      () =>
        addon.guard(() => {
          for (let block = 0; block < 40; block++) words[block * WORDS] = 1;
        }),
      /hard limit/,
    );
    assert.equal(region.dirtyBlocks().length, 16);
    assert.ok(addon.stats().overBudget >= 8);
    region.discard('dirty');
    region.discard('poisoned');
    assert.equal(addon.stats().frames <= 8, true, 'memory above the budget is given back');
    recovers(region, words);
    region.close();
  },

  async noLoader() {
    const { region, buffer } = open(2 ** 31, { channel: 5 });
    const words = new Uint32Array(buffer);
    // A touch before the loader is there waits for it.
    startLoader({ channel: 5 });
    assert.equal(words[WORDS], patternWord(1, 0));
    region.close();
  },

  // The process ends while a thread waits: it must end.
  exitWhileWaiting() {
    const { region } = open();
    const worker = new Worker(new URL('./guarded-visitor.mjs', import.meta.url), {
      workerData: { id: region.id, reserved: 2 ** 31 },
    });
    worker.once('message', () => {
      worker.postMessage(SPECIAL.hangs * WORDS);
      const waits = setInterval(() => {
        if (addon.stats().waiting === 0) return;
        clearInterval(waits);
        process.stdout.write('waiting\n');
        process.exit(0);
      }, 5);
    });
  },

  abort() {
    addon.configure({ onLoadError: 'abort' });
    const { buffer } = open();
    return new Uint32Array(buffer)[SPECIAL.fails * WORDS];
  },

  loaderTouches() {
    const { buffer } = open();
    return new Uint32Array(buffer)[SPECIAL.touches * WORDS];
  },
});
