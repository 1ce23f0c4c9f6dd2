// Starts the loader thread. Plain JavaScript, because a worker cannot be started from TypeScript everywhere; beside the
// TypeScript sources it has them translated, in the package it stands beside the translated files.

import { workerData } from 'node:worker_threads';

const ready = new Int32Array(workerData.ready);

const sources = workerData.typescript
  ? import('tsx/esm/api').then(({ register }) => register())
  : Promise.resolve();

sources
  .then(() => import(workerData.start))
  .then(({ startLoader }) => startLoader(workerData.port, workerData.channel))
  .then(() => Atomics.store(ready, 0, 1))
  .catch((error) => {
    Atomics.store(ready, 0, 2);
    throw error;
  })
  .finally(() => Atomics.notify(ready, 0));
