import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RawAddon } from '../../src/bigfile/native-raw.ts';
import { binary, describeNative, succeeds } from './run.ts';

async function find(
  wish?: string,
): Promise<{ found: boolean; reason?: string; capabilities?: any }> {
  return JSON.parse(
    await succeeds('find', '', { env: wish === undefined ? {} : { ZODB_NATIVE: wish } }),
  );
}

describeNative('finding the native addon', function () {
  this.timeout(60_000);

  it('takes the binary of this platform, tries faults out, and says what it can', async () => {
    const { found, capabilities } = await find();
    expect(found).to.equal(true);
    expect(capabilities).to.include({ backend: 'mremap', terminate: true, installed: true });
    expect(capabilities.maxBuffer).to.be.at.least(2 ** 32);
  });

  it('takes the binary at a path that is given', async () => {
    expect(await find(binary)).to.include({ found: true });
  });

  it('goes without when it is told to, and says so', async () => {
    expect(await find('off')).to.deep.equal({
      found: false,
      reason: 'ZODB_NATIVE=off asks for explicit mode',
    });
  });

  it('goes without when the binary is not one, and names it', async () => {
    const { found, reason } = await find('/etc/hostname.node');
    expect(found).to.equal(false);
    expect(reason).to.match(/^the native addon \/etc\/hostname\.node does not load: /);
  });

  it('is compiled when a source is newer, and otherwise left alone; without a compiler it says what to do', async () => {
    await succeeds('build', '');
  });
});

describeNative('flock of the native addon', () => {
  const EBADF = 9;
  const EWOULDBLOCK = 11;

  it('gives 0, the error number when another descriptor holds the lock, and 0 again after it is closed', () => {
    const { flock } = createRequire(import.meta.url)(binary as string) as RawAddon;
    const folder = mkdtempSync(join(tmpdir(), 'zodb-flock-'));
    try {
      const one = openSync(join(folder, 'lock'), 'w');
      const two = openSync(join(folder, 'lock'), 'w');
      expect(flock(one, true)).to.equal(0);
      expect(flock(one)).to.equal(0);
      expect(flock(two, true)).to.equal(EWOULDBLOCK);
      closeSync(one);
      expect(flock(two)).to.equal(0);
      closeSync(two);
      expect(flock(two)).to.equal(EBADF);
      expect(() => flock('x' as never)).to.throw(TypeError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
