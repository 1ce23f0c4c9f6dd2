// A loader that writes one byte, so that the frame has memory, or fills it: what a fault costs without, and with, the
// bytes of a block.

import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { addon } = (await import('../src/bigfile/native.ts')).native();
const block = new Uint8Array(2 ** 21).fill(7);

addon.serve(
  ({ token, frame }) => {
    if (workerData.copies) frame.set(block);
    else frame[0] = 1;
    addon.complete(token, frame.length);
  },
  { channel: workerData.channel },
);
parentPort.postMessage('ready');
