import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { BLOCK_SIZE, ZBigFile } from '../../src/bigfile/index.ts';
import { native } from '../../src/bigfile/native.ts';
import { open, TransactionManager } from '../../src/main.ts';

/** Opens a file of its own thread and sums the first bytes of its blocks. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(({ register }) => register()).then(() => import(workerData.main)).then(({ open }) => {
    const db = open(workerData.path, { readOnly: true });
    const connection = db.open();
    const handle = connection.root.get('file').open();
    let sum = 0;
    for (let round = 0; round < 3; round++) {
      for (let block = 0; block < 12; block++) {
        const { buffer, byteOffset } = handle.buffer(block * ${BLOCK_SIZE}, 1);
        sum += new Uint8Array(buffer, byteOffset, 1)[0];
      }
    }
    db.close();
    parentPort.postMessage(sum);
  });
`;

describe('arrays in several threads', () => {
  it('each thread has its files, and a loader that knows them', async function () {
    this.timeout(60_000);
    if (native().addon === undefined) this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'zodb-threads-'));
    try {
      const paths = [1, 2, 3].map((factor) => {
        const path = join(folder, `${factor}.fs`);
        const db = open(path, { fsync: false });
        const manager = new TransactionManager();
        const { root } = db.open({ transactionManager: manager });
        const file = new ZBigFile();
        root.set('file', file);
        manager.commit();
        for (let block = 0; block < 12; block++) {
          const { buffer, byteOffset } = file.open().buffer(block * BLOCK_SIZE, 1);
          new Uint8Array(buffer, byteOffset, 1)[0] = factor * (block + 1);
        }
        manager.commit();
        db.close();
        return path;
      });
      const main = new URL('../../src/main.ts', import.meta.url).href;
      const sums = await Promise.all(
        paths.map(
          (path) =>
            new Promise((resolve, reject) => {
              const worker = new Worker(PROGRAM, {
                eval: true,
                workerData: { path, main },
                execArgv: [],
              });
              worker.once('message', resolve);
              worker.once('error', reject);
            }),
        ),
      );
      expect(sums).to.deep.equal([3 * 78, 6 * 78, 9 * 78]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
