// Ranges of mappings: what lies between bounds, and how it is walked.
import { expect } from 'chai';
import { each, entries, key, keys, MAPPINGS, make, range, values } from './kinds.ts';

describe('ranges of mappings of all families', () => {
  it('ranges between keys, and those whose bounds are the wrong way round, are empty', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, [1, 5, 9]);
      const bounds: [number, number][] = [
        [2, 4],
        [6, 8],
        [10, 12],
        [9, 1],
      ];
      if (kind.signedKeys) bounds.push([-6, -4]);
      for (const [min, max] of bounds) {
        expect([...made.keys({ min: key(kind, min), max: key(kind, max) })]).to.deep.equal([]);
      }
      const large = make(kind, range(0, 300));
      for (const reverse of [false, true]) {
        const crossed = { min: key(kind, 200), max: key(kind, 50), reverse };
        for (const what of ['keys', 'values', 'entries']) {
          expect([...large[what](crossed)]).to.deep.equal([]);
        }
      }
    });
  });

  it('spread into arrays, keys, values and entries have the slices that arrays have', () => {
    each(MAPPINGS, (kind) => {
      for (let count = 0; count < 5; count++) {
        const numbers = range(0, count);
        const made = make(kind, numbers);
        for (const [what, expected] of [
          ['keys', keys(kind, numbers)],
          ['values', values(kind, numbers)],
          ['entries', entries(kind, numbers)],
        ] as const) {
          const given = [...made[what]()];
          for (let from = -count - 1; from <= count + 1; from++) {
            expect(given.slice(from)).to.deep.equal(expected.slice(from));
            expect(given.slice(0, from)).to.deep.equal(expected.slice(0, from));
          }
          for (const [from, to] of numbers.flatMap((a) => numbers.map((b) => [a, b] as const))) {
            const bounds = { min: key(kind, from), max: key(kind, to), excludeMax: true };
            expect([...made[what](bounds)]).to.deep.equal(expected.slice(from, to));
          }
        }
      }
    });
  });

  it('iterators are their own iterators, and end once', () => {
    each(MAPPINGS, (kind) => {
      for (const numbers of [[], [2], [1, 4], range(0, 2000, 13)]) {
        const made = make(kind, numbers);
        const iterator = made[Symbol.iterator]();
        expect(iterator[Symbol.iterator]()).to.equal(iterator);
        const met: unknown[] = [];
        for (let step = iterator.next(); !step.done; step = iterator.next()) met.push(step.value);
        expect(met).to.deep.equal(entries(kind, numbers));
        expect(iterator.next()).to.deep.equal({ done: true, value: undefined });
        const called: unknown[] = [];
        made.forEach((given: unknown, at: unknown) => {
          called.push([at, given]);
        });
        expect(called).to.deep.equal(met);
      }
    });
  });

  it('iterators between bounds begin and end beside, at and between keys', () => {
    each(MAPPINGS, (kind) => {
      const signed = kind.signedKeys && kind.signedValues;
      for (const numbers of [[], [2], [1, 4], range(signed ? -170 : 1, 500, 13)]) {
        const made = make(kind, numbers);
        const [first, middle, last] = [numbers[0]!, numbers[numbers.length >> 1]!, numbers.at(-1)!];
        const near =
          numbers.length === 0 ? [] : [first, middle, last].flatMap((n) => [n - 1, n, n + 1]);
        const bounds = near.filter((n) => kind.signedKeys || n >= 0);
        for (const min of bounds) {
          for (const max of [...bounds, undefined]) {
            const inside = numbers.filter((n) => n >= min && n <= (max ?? n));
            const given = { min: key(kind, min), max: max === undefined ? max : key(kind, max) };
            expect([...made.entries(given)]).to.deep.equal(entries(kind, inside));
            expect([...made.values({ ...given, reverse: true })]).to.deep.equal(
              values(kind, inside.reverse()),
            );
          }
        }
      }
    });
  }).timeout(10000);

  it('keys, values and entries leave their bounds out on demand', () => {
    each(MAPPINGS, (kind) => {
      for (const [what, list] of [
        ['keys', keys],
        ['values', values],
        ['entries', entries],
      ] as const) {
        const at = (made: any, bounds: object): unknown[] => [...made[what](bounds)];
        const bounds = (from: number, to: number): object => ({
          min: key(kind, from),
          max: key(kind, to),
          excludeMin: true,
          excludeMax: true,
        });
        expect(at(make(kind), bounds(0, 1))).to.deep.equal([]);
        expect(at(make(kind, [0]), bounds(0, 0))).to.deep.equal([]);
        const three = make(kind, [0, 1, 2]);
        expect(at(three, { min: key(kind, 0), excludeMin: true })).to.deep.equal(
          list(kind, [1, 2]),
        );
        expect(at(three, { max: key(kind, 2), excludeMax: true })).to.deep.equal(
          list(kind, [0, 1]),
        );
        expect(at(three, bounds(0, 3))).to.deep.equal(list(kind, [1, 2]));
        expect(at(three, bounds(0, 2))).to.deep.equal(list(kind, [1]));
        if (kind.signedKeys) expect(at(three, bounds(-1, 3))).to.deep.equal(list(kind, [0, 1, 2]));
      }
    });
  });
});
