// A thread that touches a word of another thread's region under a guard and tells the error's code.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { addon } = (await import('../../../src/bigfile/native.ts')).native();
const region = addon.attachRegion(workerData.id, workerData.reserved);
const words = new Uint32Array(region.buffer(0, workerData.reserved));

parentPort.on('message', (index) => {
  try {
    addon.guard(() => words[index]);
    parentPort.postMessage('no error');
  } catch (error) {
    parentPort.postMessage(error.code);
  }
});
parentPort.postMessage('ready');
