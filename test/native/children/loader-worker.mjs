// A loader that makes blocks up: word i of block b is patternWord(b, i). Blocks from SPECIAL on behave as their number says.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { native } = await import('../../../src/bigfile/native.ts');
const { fillPattern, SPECIAL } = await import('./pattern.mjs');
const { addon } = native();

const held = [];
const controls = new Int32Array(workerData.controls);

function answer(request) {
  fillPattern(new Uint32Array(request.frame.buffer), request.block, Atomics.load(controls, 0));
  addon.complete(request.token, request.frame.length);
}

addon.serve(
  (request) => {
    Atomics.add(controls, 1, 1);
    switch (request.block) {
      case SPECIAL.fails:
        return addon.fail(request.token, 'the disk is on fire', 'EIO');
      case SPECIAL.throws:
        throw new Error('a loader with a bug');
      case SPECIAL.hangs:
        return;
      case SPECIAL.exits:
        return process.exit(3);
      case SPECIAL.exhaustsMemory: {
        const all = [];
        for (;;) all.push(new Array(1e6).fill(all.length));
      }
      case SPECIAL.touches:
        return new Uint8Array(
          held[0] ?? addon.attachRegion(request.region, 2 ** 32).buffer(0, 2 ** 21),
        )[0];
      case SPECIAL.short:
        request.frame.fill(255);
        return addon.complete(request.token, 100);
      case SPECIAL.slow:
        return setTimeout(answer, 150, request);
      case SPECIAL.collects:
        for (let i = 0; i < 3; i++) globalThis.gc?.();
        return answer(request);
      default:
        return workerData.delay ? setTimeout(answer, workerData.delay, request) : answer(request);
    }
  },
  { channel: workerData.channel ?? 0 },
);
parentPort.postMessage('ready');
