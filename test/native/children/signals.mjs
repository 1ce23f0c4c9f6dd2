// Faults beside other users of SIGSEGV and of processes.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { patternWord, SPECIAL, WORDS } from './pattern.mjs';
import { loadProbe } from './probe.mjs';
import { addon, open, run, startLoader } from './start.mjs';

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

await startLoader();

/** A module whose `load(address)` traps beyond its one page of memory. */
function webAssembly() {
  const bytes = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
    [3, 2, 1, 0],
    [5, 3, 1, 0, 1],
    [7, 8, 1, 4, 0x6c, 0x6f, 0x61, 0x64, 0, 0],
    [10, 9, 1, 7, 0, 0x20, 0, 0x28, 2, 0, 0x0b],
  ];
  const module = new WebAssembly.Module(Uint8Array.from(bytes.flat()));
  return new WebAssembly.Instance(module).exports.load;
}

await run({
  webAssembly() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (let round = 0; round < 5; round++) {
      const load = webAssembly();
      assert.equal(load(0), 0);
      assert.throws(() => load(70000), WebAssembly.RuntimeError);
      assert.equal(words[round * WORDS], patternWord(round, 0));
      assert.throws(() => load(2 ** 31), WebAssembly.RuntimeError);
      assert.throws(
        () =>
          addon.guard(() => {
            words[(round + 100) * WORDS] = 1;
            load(70000);
          }),
        WebAssembly.RuntimeError,
      );
    }
    region.close();
  },

  // Node's own handler takes our place and would let the instruction fault for ever.
  async replaced() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (const comeBack of [() => region.setSnapshot(1), () => addon.guard(() => undefined)]) {
      const listener = () => undefined;
      process.on('SIGSEGV', listener);
      assert.equal(addon.capabilities.installed, false);
      comeBack();
      assert.equal(addon.capabilities.installed, true);
      region.discard([5]);
      assert.equal(words[5 * WORDS], patternWord(5, 0));
      process.off('SIGSEGV', listener);
      region.setSnapshot(1);
      region.discard([5]);
      assert.equal(words[5 * WORDS], patternWord(5, 0));
    }
    region.close();
  },

  async duringFaults() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    let signals = 0;
    process.on('SIGUSR2', () => signals++);
    // They come from a shell, while this thread waits for a slow block.
    for (let i = 0; i < 3; i++) {
      const killer = spawn('sh', [
        '-c',
        `for i in 1 2 3 4 5; do kill -USR2 ${process.pid}; sleep 0.02; done`,
      ]);
      await tick(10);
      assert.equal(words[SPECIAL.slow * WORDS + i], patternWord(SPECIAL.slow, i));
      region.discard([SPECIAL.slow]);
      await new Promise((resolve) => killer.on('close', resolve));
    }
    await tick(10);
    assert.ok(signals > 0, `${signals} signals`);
    region.close();
  },

  children() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    for (let block = 0; block < 30; block++) words[block * WORDS] = block;
    assert.equal(execFileSync('echo', ['hello'], { encoding: 'utf8' }), 'hello\n');
    assert.equal(loadProbe().fork(), 42);
    // A forked child does not have the memory, so that a fork copies no page tables and later writes copy no pages.
    const resident = new Uint8Array(buffer, 0, 1);
    resident[0] = 7;
    assert.equal(loadProbe().fork(new Uint8Array([7])), 7);
    assert.equal(loadProbe().fork(resident), -11);
    assert.equal(spawnSync(process.execPath, ['-e', 'process.exit(3)']).status, 3);
    for (let block = 1; block < 30; block++) assert.equal(words[block * WORDS], block);
    region.close();
  },

  stackOverflow() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    const deep = (n) => deep(n + 1) + words[0];
    assert.throws(() => deep(0), RangeError);
    // Near the end of the stack a fault has to find room for its handler.
    let touched = 0;
    const touchDeep = (n) => {
      try {
        touchDeep(n + 1);
      } catch {
        touched ||= words[7 * WORDS];
      }
    };
    touchDeep(0);
    assert.equal(touched, patternWord(7, 0));
    region.close();
  },

  foreignCrash() {
    const { buffer } = open();
    assert.equal(new Uint32Array(buffer)[0], patternWord(0, 0));
    process.stdout.write('alive\n');
    loadProbe().crash();
  },

  foreignCrashBehindAnother() {
    const { region, buffer } = open();
    process.on('SIGSEGV', () => undefined);
    region.setSnapshot(1);
    process.removeAllListeners('SIGSEGV');
    region.setSnapshot(2);
    assert.equal(new Uint32Array(buffer)[0], patternWord(0, 0));
    process.stdout.write('alive\n');
    loadProbe().crash();
  },

  sentSignal() {
    const { buffer } = open();
    assert.equal(new Uint32Array(buffer)[0], patternWord(0, 0));
    process.stdout.write('alive\n');
    process.kill(process.pid, 'SIGSEGV');
    for (;;);
  },
});
