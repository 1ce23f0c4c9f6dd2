import { expect } from 'chai';
import fc from 'fast-check';
import {
  decode,
  describe as describeValue,
  encode,
  float,
  PyByteArray,
  PyDict,
  PyFrozenSet,
  PySet,
  PyTuple,
} from '../../../src/pickle/index.ts';
import { toHex } from '../../hex.ts';
import { type Neutral, neutral } from '../../pickle/neutral.ts';
import { fromHex } from '../../pickle/raw.ts';
import { peer } from '../peers.ts';

describe('Pickles that zodbpickle writes', () => {
  const zodb = peer('zodb');

  it('decode to the same values and are written back byte for byte', () => {
    const cases = zodb.runJson<[string, string, Neutral, string][]>('pickle/cases.py');
    expect(cases.length).to.be.greaterThan(100);
    for (const [name, hex, expected, text] of cases) {
      const pickle = fromHex(hex);
      expect(neutral(decode(pickle, { exact: true })), name).to.deep.equal(expected);
      if (name !== 'classes') {
        const described = describeValue(decode(pickle, { exact: true }), { maxLength: 1e7 });
        expect(described, `${name}, as text`).to.equal(text);
      }
      expect(encode(decode(pickle)), `${name}, with kinds`).to.deep.equal(pickle);
      expect(encode(decode(pickle, { exact: true })), `${name}, exact`).to.deep.equal(pickle);
    }
  });
});

/** Values with sharing and cycles: leaves, and containers that take earlier containers as items. */
function graphs(): fc.Arbitrary<unknown> {
  const scalar = fc.oneof(
    fc.constantFrom(null, true, false, '', 'a', -0, Number.NaN, Number.POSITIVE_INFINITY),
    fc.integer({ min: -70000, max: 70000 }),
    fc.maxSafeInteger(),
    fc
      .bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
      .filter((n) => !Number.isSafeInteger(Number(n))),
    fc.double().filter((n) => !Number.isSafeInteger(n)),
    fc.integer().map(float),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.uint8Array({ maxLength: 12 }),
  );
  const step = fc.record({
    kind: fc.constantFrom('tuple', 'list', 'dict', 'set', 'frozenset', 'bytearray'),
    leaves: fc.array(scalar, { maxLength: 5 }),
    links: fc.array(fc.nat(20), { maxLength: 3 }),
    back: fc.option(fc.nat(20), { freq: 4, nil: undefined }),
  });
  return fc.array(step, { minLength: 1, maxLength: 12 }).map((steps) => {
    const made: object[] = [];
    for (const { kind, leaves, links, back } of steps) {
      const linked = links.filter((link) => link < made.length).map((link) => made[link]);
      made.push(container(kind, leaves, linked));
      const target = back === undefined ? undefined : made[back];
      if (Array.isArray(target) && !(target instanceof PyTuple)) target.push(made.at(-1));
      if (target instanceof PyDict) target.set('back', made.at(-1));
    }
    return [...made].reverse();
  });
}

function container(kind: string, leaves: unknown[], linked: unknown[]): object {
  switch (kind) {
    case 'tuple':
      return PyTuple.from([...leaves, ...linked]);
    case 'list':
      return [...leaves, ...linked];
    case 'dict':
      return new PyDict(
        [...leaves, ...linked].map((value, i) => [i % 2 === 0 ? `k${i}` : i, value]),
      );
    // the order of a larger set is Python's own
    case 'set':
      return new PySet(leaves.slice(0, 1));
    case 'frozenset':
      return new PyFrozenSet(leaves.slice(0, 1));
    default:
      return new PyByteArray(Uint8Array.from(leaves.map((_, i) => i)));
  }
}

describe('Pickles that we write', () => {
  const zodb = peer('zodb');

  it('are loaded and written again by zodbpickle byte for byte, for generated graphs', () => {
    const values = fc.sample(graphs(), { numRuns: 2000, seed: 20240131 });
    const pickles = values.map((value) => toHex(encode(value)));
    const again = zodb.runJson<string[]>('pickle/again.py', [], { input: JSON.stringify(pickles) });
    expect(again.length).to.equal(pickles.length);
    pickles.forEach((pickle, i) => {
      expect(again[i], `graph ${i}`).to.deep.equal(pickle);
    });
  });
});
