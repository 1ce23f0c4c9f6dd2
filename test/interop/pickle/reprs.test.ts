import { inspect } from 'node:util';
import { expect } from 'chai';
import {
  decode,
  describe as describeValue,
  encode,
  NumpyArray,
} from '../../../src/pickle/index.ts';
import { toHex } from '../../hex.ts';
import { fromHex } from '../../pickle/raw.ts';
import { peer } from '../peers.ts';

const OPTIONS = { maxLength: Number.POSITIVE_INFINITY, maxDepth: 1000 };

describe('The text of values', () => {
  const zodb = peer('zodb');

  it('is the repr of Python for ten thousand generated values', function () {
    this.timeout(120_000);
    const lines = zodb.run('pickle/reprs.py', ['10000', '20240131']).trim().split('\n');
    expect(lines.length).to.equal(10_000);
    for (const line of lines) {
      const [hex = ''] = line.split(' ', 1);
      const text = JSON.parse(line.slice(hex.length + 1)) as string;
      const value = decode(fromHex(hex), { exact: true });
      expect(describeValue(value, OPTIONS), hex).to.equal(text);
    }
  });

  it('is the repr of numpy for generated arrays', () => {
    const arrays = zodb.runJson<[string, string][]>('pickle/arrays.py', ['1000', '20240131']);
    for (const [hex, text] of arrays) {
      const value = decode(fromHex(hex), { exact: true });
      expect(value).to.be.instanceOf(NumpyArray);
      expect(describeValue(value, OPTIONS), hex.slice(0, 200)).to.equal(text);
      expect(toHex(encode(value)), text).to.equal(hex);
    }
  });

  it('is what Node shows for the values of the package', () => {
    const lines = zodb.run('pickle/reprs.py', ['500', '7']).trim().split('\n');
    let shown = 0;
    for (const line of lines) {
      const [hex = ''] = line.split(' ', 1);
      const value = decode(fromHex(hex), { exact: true });
      if (typeof value !== 'object' || value === null) continue;
      if (Array === value.constructor || value instanceof Uint8Array) continue;
      shown += 1;
      expect(inspect(value)).to.equal(describeValue(value));
    }
    expect(shown).to.be.greaterThan(100);
  });
});
