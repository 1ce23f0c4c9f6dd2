import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { IntegerArray } from '../../examples/counteven/index.ts';

describe('counteven', function () {
  this.timeout(60_000);
  let counteven: (array: IntegerArray) => number;

  before(async () => {
    const build = fileURLToPath(new URL('../../examples/counteven/build.mjs', import.meta.url));
    execFileSync(process.execPath, [build]);
    ({ counteven } = await import('../../examples/counteven/index.ts'));
  });

  const numbers = [0, 1, 2, 3, 4, 255, 254];
  for (const type of [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ]) {
    it(`counts the even numbers of a ${type.name}`, () => {
      expect(counteven(new type(numbers))).to.equal(4);
    });
  }

  it('counts 64-bit numbers, negative ones too', () => {
    expect(counteven(BigInt64Array.of(-2n, -1n, 0n, 2n ** 62n, 2n ** 62n + 1n))).to.equal(3);
    expect(counteven(BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 2n))).to.equal(1);
  });

  it('counts only what a subarray shows', () => {
    expect(counteven(Int32Array.of(2, 4, 5, 6, 8).subarray(1, 4))).to.equal(2);
    expect(counteven(new Int32Array(0))).to.equal(0);
  });

  for (const [what, value] of [
    ['a plain array', [1, 2, 3]],
    ['a Float64Array', Float64Array.of(2, 4)],
    ['a Float32Array', Float32Array.of(2, 4)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['an object', new ArrayBuffer(8)],
    ['a number', 2],
    ['undefined', undefined],
    ['null', null],
  ] as const) {
    it(`refuses ${what} with a TypeError that says so`, () => {
      expect(() => counteven(value as never)).to.throw(TypeError, new RegExp(`not ${what}$`));
    });
  }
});
