// Opens what a FileStorage of another thread shares, and answers what is asked.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { openShared } = await import('../../src/filestorage/index.ts');
const reader = openShared(workerData);
parentPort.on('message', ([oid, before]) => {
  try {
    parentPort.postMessage(reader.load(oid, before));
  } catch (error) {
    parentPort.postMessage(error.code);
  }
});
