// A thread that reads and writes another thread's region at random, and counts what is not as it should be.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';
import { patternWord, WORDS } from './pattern.mjs';

register();
const { addon } = (await import('../../../src/bigfile/native.ts')).native();
const region = addon.attachRegion(workerData.id, workerData.reserved);
const words = new Uint32Array(region.buffer(0, workerData.reserved));

let state = workerData.seed;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % below;
};

let wrong = 0;
const written = new Map();
for (let i = 0; i < workerData.touches; i++) {
  const block = random(100);
  // Few writes, for dirty blocks stay: all threads share three of them.
  if (block < 3) {
    const word = workerData.seed * 1000 + random(100);
    words[block * WORDS + word] = i;
    written.set(block * WORDS + word, i);
  } else {
    const word = random(WORDS);
    if (words[block * WORDS + word] !== patternWord(block, word)) wrong++;
  }
}
for (const [index, value] of written) if (words[index] !== value) wrong++;
parentPort.postMessage(wrong);
