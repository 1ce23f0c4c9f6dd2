// A thread that reads and writes another thread's region.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { addon } = (await import('../../../src/bigfile/native.ts')).native();
const region = addon.attachRegion(workerData.id, workerData.reserved);
const words = new Uint32Array(region.buffer(0, workerData.reserved));

parentPort.on('message', ({ read, write, value }) => {
  if (write !== undefined) words[write] = value;
  parentPort.postMessage(words[read ?? write]);
});
parentPort.postMessage('ready');
