import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../src/filestorage/index.ts';
import { testFolder } from './folder.ts';

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

describe('a FileStorage whose process is killed', () => {
  const path = testFolder();

  it('has every transaction that was acknowledged, whole, and at most one more', async function () {
    this.timeout(60_000);
    const acknowledged: bigint[] = [];
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, [WRITER, path('Data.fs')]);
      let printed = '';
      child.stdout.on('data', (piece) => {
        printed += piece;
        if (printed.length > 500) setTimeout(() => child.kill('SIGKILL'), kill * 3);
      });
      const [code, signal] = await once(child, 'close');
      expect([code, signal]).to.deep.equal([null, 'SIGKILL']);
      const lines = printed.split('\n').slice(0, -1).map(BigInt);
      acknowledged.push(...lines);
      using storage = new FileStorage(path('Data.fs'));
      const tids = [...storage.iterate()].map((transaction) => {
        expect([...transaction.records()]).to.have.length(5);
        return transaction.tid;
      });
      expect(tids.slice(0, acknowledged.length)).to.deep.equal(acknowledged);
      expect(tids.length - acknowledged.length).to.be.within(0, 1);
      acknowledged.push(...tids.slice(acknowledged.length));
      expect(storage.length()).to.equal(tids.length * 5);
    }
  });
});
