// Writers killed at random moments, over and over on one file: what was acknowledged is there, for Python too.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

const WRITER = fileURLToPath(new URL('../../filestorage/writer.mjs', import.meta.url));
// In CI the package was built just before; elsewhere a build may be an old one.
const BUILT =
  process.env['CI'] === 'true' &&
  existsSync(new URL('../../../dist/filestorage/index.js', import.meta.url));

// 1 000 on request, a tenth in CI.
const KILLS = process.env['ZODB_LIMITS'] === 'all' ? 1000 : process.env['CI'] === 'true' ? 100 : 10;
const LANES = 2;

describe(`${KILLS} killed writers`, () => {
  const python = peer('zodb');
  const path = testFolder();

  it('leave what they had acknowledged, whole, and at most one transaction more each', async function () {
    this.timeout(3_600_000);
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      killOften(path(`${lane}.fs`), KILLS / LANES),
    );
    const acknowledged = await Promise.all(lanes);
    for (const [lane, tids] of acknowledged.entries()) {
      const seen = python.runJson<[string, number][]>('filestorage/kills.py', [path(`${lane}.fs`)]);
      expect(seen).to.deep.equal(tids.map((tid) => [String(tid), 5]));
    }
  });
});

/** Kills so many writers, and gives the transactions that are in the file then. */
async function killOften(file: string, kills: number): Promise<bigint[]> {
  const tids: bigint[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, [WRITER, file], {
      env: { ...process.env, ZODB_BUILT: String(BUILT) },
    });
    let printed = '';
    const waiting = Math.random() * 60;
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), waiting));
    child.stdout.on('data', (piece) => {
      printed += piece;
    });
    const [, signal] = await once(child, 'close');
    expect(signal).to.equal('SIGKILL');
    tids.push(...printed.split('\n').slice(0, -1).map(BigInt));
    using storage = new FileStorage(file);
    const found = [...storage.iterate()].map(({ tid }) => tid as bigint);
    expect(found.slice(0, tids.length)).to.deep.equal(tids);
    expect(found.length - tids.length).to.be.within(0, 1);
    tids.push(...found.slice(tids.length));
  }
  return tids;
}
