// Every family against a sorted list: the same operations, the same answers, and a whole tree after each step. Node sizes
// are small here, so that short sequences make deep trees.
import { expect } from 'chai';
import fc from 'fast-check';
import * as btrees from '../../src/btrees/index.ts';
import { FAMILIES } from '../../src/btrees/index.ts';
import * as samples from './samples.ts';

const SIZES = [
  { maxLeafSize: 4, maxInternalSize: 3 },
  { maxLeafSize: 3, maxInternalSize: 2 },
  { maxLeafSize: 7, maxInternalSize: 4 },
] as const;

type Operation =
  | { readonly kind: 'set'; readonly key: number; readonly value: number }
  | { readonly kind: 'insert'; readonly key: number; readonly value: number }
  | { readonly kind: 'delete'; readonly key: number }
  | { readonly kind: 'look'; readonly key: number }
  | { readonly kind: 'clear' };

/** 80 keys in their order, of those that samples.ts has. */
const key = fc.nat(79);
const keyAt = (family: btrees.Family, n: number): unknown => samples.keyAt(family, n * 50);
const { valueAt } = samples;
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), key, value: fc.nat(9) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), key }) },
);
const operations = fc
  .tuple(
    fc.array(operation, { minLength: 20, maxLength: 150, size: 'max' }),
    fc.boolean(),
    fc.array(operation, { maxLength: 40, size: 'max' }),
  )
  .map(([before, clear, after]): Operation[] =>
    clear ? [...before, { kind: 'clear' }, ...after] : [...before, ...after],
  );
const range = fc.record({
  min: fc.option(key, { nil: undefined }),
  max: fc.option(key, { nil: undefined }),
  excludeMin: fc.boolean(),
  excludeMax: fc.boolean(),
  reverse: fc.boolean(),
});

/** The keys of a model that lie in a range, by number. */
function expectedKeys(model: ReadonlyMap<number, number>, bounds: btrees.Range<number>): number[] {
  const { min = -1, max = 1000, excludeMin, excludeMax, reverse } = bounds;
  const keys = [...model.keys()]
    .filter((n) => (excludeMin ? n > min : n >= min) && (excludeMax ? n < max : n <= max))
    .sort((a, b) => a - b);
  return reverse ? keys.reverse() : keys;
}

function subclass(cls: any, sizes: (typeof SIZES)[number], direct: boolean): any {
  const made = class extends cls {};
  Object.defineProperty(made, 'maxLeafSize', { value: sizes.maxLeafSize });
  Object.defineProperty(made, 'maxInternalSize', { value: sizes.maxInternalSize });
  if (direct) Object.defineProperty(made, '_p_direct', { value: true });
  return made;
}

describe('BTrees against a model', () => {
  for (const family of FAMILIES.values()) {
    const classes = btrees as unknown as Record<string, any>;
    const shownKey = (n: number): unknown => family.key.show(family.key.hold(keyAt(family, n)));
    const shownValue = (n: number): unknown =>
      family.value.show(family.value.hold(valueAt(family, n)));

    it(`${family.name}BTree answers as a sorted list does`, () => {
      fc.assert(
        fc.property(operations, range, fc.nat(2), fc.boolean(), (steps, bounds, size, direct) => {
          const Tree = subclass(classes[`${family.name}BTree`], SIZES[size]!, direct);
          const tree = new Tree() as btrees.BTree<any, any>;
          const model = new Map<number, number>();
          for (const step of steps) {
            if (step.kind === 'clear') {
              tree.clear();
              model.clear();
            } else if (step.kind === 'delete') {
              expect(tree.delete(keyAt(family, step.key))).to.equal(model.delete(step.key));
            } else if (step.kind === 'look') {
              const known = model.get(step.key);
              expect(tree.has(keyAt(family, step.key))).to.equal(known !== undefined);
              expect(tree.get(keyAt(family, step.key))).to.deep.equal(
                known === undefined ? undefined : shownValue(known),
              );
            } else if (step.kind === 'set') {
              tree.set(keyAt(family, step.key), valueAt(family, step.value));
              model.set(step.key, step.value);
            } else {
              const inserted = tree.insert(keyAt(family, step.key), valueAt(family, step.value));
              expect(inserted).to.equal(!model.has(step.key));
              if (inserted) model.set(step.key, step.value);
            }
            tree.check();
          }
          const all = expectedKeys(model, {});
          expect(tree.size).to.equal(all.length);
          expect([...tree]).to.deep.equal(all.map((n) => [shownKey(n), shownValue(model.get(n)!)]));
          const keyed = {
            ...bounds,
            min: bounds.min === undefined ? undefined : keyAt(family, bounds.min),
            max: bounds.max === undefined ? undefined : keyAt(family, bounds.max),
          };
          const within = expectedKeys(model, bounds);
          expect([...tree.keys(keyed)]).to.deep.equal(within.map(shownKey));
          expect([...tree.values(keyed)]).to.deep.equal(
            within.map((n) => shownValue(model.get(n)!)),
          );
          const [first] = expectedKeys(model, { min: bounds.min });
          const [last] = expectedKeys(model, { max: bounds.max, reverse: true });
          expect(tree.minKey(keyed.min)).to.deep.equal(
            first === undefined ? undefined : shownKey(first),
          );
          expect(tree.maxKey(keyed.max)).to.deep.equal(
            last === undefined ? undefined : shownKey(last),
          );
        }),
        { numRuns: 25, seed: 20240131 },
      );
    });

    it(`${family.name}TreeSet answers as a sorted list does`, () => {
      fc.assert(
        fc.property(operations, range, fc.nat(2), (steps, bounds, size) => {
          const Tree = subclass(classes[`${family.name}TreeSet`], SIZES[size]!, true);
          const tree = new Tree() as btrees.TreeSet<any>;
          const model = new Map<number, number>();
          for (const step of steps) {
            if (step.kind === 'clear') {
              tree.clear();
              model.clear();
            } else if (step.kind === 'delete') {
              expect(tree.delete(keyAt(family, step.key))).to.equal(model.delete(step.key));
            } else if (step.kind === 'look') {
              expect(tree.has(keyAt(family, step.key))).to.equal(model.has(step.key));
            } else {
              expect(tree.insert(keyAt(family, step.key))).to.equal(!model.has(step.key));
              model.set(step.key, 0);
            }
            tree.check();
          }
          const keyed = {
            ...bounds,
            min: bounds.min === undefined ? undefined : keyAt(family, bounds.min),
            max: bounds.max === undefined ? undefined : keyAt(family, bounds.max),
          };
          expect([...tree]).to.deep.equal(expectedKeys(model, {}).map(shownKey));
          expect([...tree.keys(keyed)]).to.deep.equal(expectedKeys(model, bounds).map(shownKey));
        }),
        { numRuns: 10, seed: 20240131 },
      );
    });
  }
});
