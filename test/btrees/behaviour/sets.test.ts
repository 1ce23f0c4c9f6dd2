// What TreeSets and Sets have in common.
import { inspect } from 'node:util';
import { expect } from 'chai';
import { stateOf } from '../../../src/zodb/object-state.ts';
import { each, key, keys, make, range, SETS, shownKey, shuffled } from './kinds.ts';

describe('sets of all families', () => {
  it('isDisjointFrom takes anything iterable, also the set itself', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const empty = make(kind);
      for (const others of [empty, [], new Set(), given(1, 2), new Set(given(1, 2)).values()]) {
        expect(empty.isDisjointFrom(others)).to.equal(true);
      }
      const two = make(kind, [0, 1]);
      for (const others of [given(2, 3), make(kind, range(2, 10)), given(2).values()]) {
        expect(two.isDisjointFrom(others)).to.equal(true);
      }
      for (const others of [two, given(0), given(1), given(2, 3, 0), make(kind, range(1, 10))]) {
        expect(two.isDisjointFrom(others)).to.equal(false);
      }
      expect(() => two.isDisjointFrom(5)).to.throw('something iterable');
    });
  });

  it('delete of a key that is not there changes nothing', () => {
    each(SETS, (kind) => {
      expect(make(kind).delete(key(kind, 1))).to.equal(false);
      const made = make(kind, [0, 1]);
      expect(made.delete(key(kind, 3))).to.equal(false);
      expect(() => made.delete({})).to.throw();
      expect([...made]).to.deep.equal(keys(kind, [0, 1]));
      expect(made.delete(key(kind, 1))).to.equal(true);
      expect(made.delete(key(kind, 0))).to.equal(true);
      expect([...made]).to.deep.equal([]);
    });
  });

  it('pop takes the smallest keys one by one, then gives undefined', () => {
    each(SETS, (kind) => {
      const made = make(kind, [1, 0]);
      expect([made.pop(), made.pop(), made.pop()]).to.deep.equal([
        shownKey(kind, 0),
        shownKey(kind, 1),
        undefined,
      ]);
      expect(made.size).to.equal(0);
    });
  });

  it('update adds the keys of anything iterable, and counts the new ones', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const made = make(kind);
      expect(made.update(given(1))).to.equal(1);
      expect(made.update(new Set(given(1, 2, 3)))).to.equal(2);
      expect(made.update(given(...range(0, 10)).values())).to.equal(7);
      expect(made.update(make(kind, [9, 10]))).to.equal(1);
      expect(made.update(made)).to.equal(0);
      expect([...made]).to.deep.equal(keys(kind, range(0, 11)));
    });
  });

  it('intersectionUpdate keeps the common keys', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const made = make(kind);
      made.intersectionUpdate(given(1));
      expect([...made]).to.deep.equal([]);
      made.update(given(...range(0, 10)));
      made.intersectionUpdate(given(3, 1, 2, 11).values());
      expect([...made]).to.deep.equal(keys(kind, [1, 2, 3]));
      made.intersectionUpdate(made);
      expect([...made]).to.deep.equal(keys(kind, [1, 2, 3]));
      made.check();
    });
  });

  it('differenceUpdate deletes what is among the others', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const made = make(kind, range(0, 10));
      made.differenceUpdate(given(1, 2, 3, 77));
      expect([...made]).to.deep.equal(keys(kind, [0, 4, 5, 6, 7, 8, 9]));
      made.differenceUpdate(made);
      expect([...made]).to.deep.equal([]);
      made.differenceUpdate(new Set(given(1)));
      expect([...made]).to.deep.equal([]);
      made.check();
    });
  });

  it('symmetricDifferenceUpdate adds what is not there and deletes what is', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const made = make(kind);
      made.symmetricDifferenceUpdate(given(1));
      expect([...made]).to.deep.equal(keys(kind, [1]));
      made.symmetricDifferenceUpdate(made);
      expect([...made]).to.deep.equal([]);
      made.symmetricDifferenceUpdate(given(1, 2, 3));
      made.symmetricDifferenceUpdate(new Set(given(2, 3, 4)));
      expect([...made]).to.deep.equal(keys(kind, [1, 4]));
      made.check();
    });
  });

  it('symmetricDifference gives a new set of the same class', () => {
    each(SETS, (kind) => {
      const given = (...numbers: number[]): any[] => numbers.map((n) => key(kind, n));
      const made = make(kind, [1, 2, 3]);
      const other = made.symmetricDifference(given(2, 3, 4));
      expect(other).to.be.instanceOf(kind.class);
      expect([...other]).to.deep.equal(keys(kind, [1, 4]));
      expect([...made.symmetricDifference(made)]).to.deep.equal([]);
      expect([...made.symmetricDifference(make(kind, [9]))]).to.deep.equal(
        keys(kind, [1, 2, 3, 9]),
      );
      expect([...made]).to.deep.equal(keys(kind, [1, 2, 3]));
    });
  });

  it('console.log shows class, oid and keys', () => {
    each(SETS, (kind) => {
      const text = inspect(make(kind, range(0, 5)));
      expect(text.startsWith(`${kind.name} <unsaved> {`)).to.equal(true);
      expect(text.match(kind.name.startsWith('fs') ? /Uint8Array/g : /\d/g)).to.have.length(5);
    });
  });

  it('insert and add of a new key say so, each in its way', () => {
    each(SETS, (kind) => {
      const made = make(kind);
      expect(made.insert(key(kind, 5))).to.equal(true);
      expect(made.add(key(kind, 4))).to.equal(made);
      expect(made.size).to.equal(2);
    });
  });

  it('inserting a key again gives false and changes nothing', () => {
    each(SETS, (kind) => {
      const made = make(kind, [5]);
      expect(made.insert(key(kind, 5))).to.equal(false);
      expect(made.add(key(kind, 5)).size).to.equal(1);
    });
  });

  it('has finds what was inserted and nothing else', () => {
    each(SETS, (kind) => {
      const made = make(kind, [1]);
      expect([made.has(key(kind, 1)), made.has(key(kind, 2))]).to.deep.equal([true, false]);
    });
  });

  it('finds each of many keys', () => {
    each(SETS, (kind) => {
      const made = make(kind, shuffled(2000));
      expect(range(0, 2000).every((n) => made.has(key(kind, n)))).to.equal(true);
    });
  }).timeout(10000);

  it('deletes each of many keys', () => {
    each(SETS, (kind) => {
      const made = make(kind, shuffled(2000));
      expect(range(0, 2000).every((n) => made.delete(key(kind, n)))).to.equal(true);
      expect(made.size).to.equal(0);
      made.check();
    });
  }).timeout(10000);

  it('deleting from an empty one gives false', () => {
    each(SETS, (kind) => expect(make(kind).delete(key(kind, 1))).to.equal(false));
  });

  it('an empty one has no key', () => {
    each(SETS, (kind) => expect(make(kind).has(key(kind, 1))).to.equal(false));
  });

  it('keys and values are the keys in order', () => {
    each(SETS, (kind) => {
      const made = make(kind, shuffled(1000));
      expect([...made.keys()]).to.deep.equal(keys(kind, range(0, 1000)));
      expect([...made.values({ min: undefined })]).to.deep.equal(keys(kind, range(0, 1000)));
      const met: unknown[] = [];
      made.forEach((each: unknown, again: unknown) => {
        met.push(each === again ? each : 'not the same');
      });
      expect(met).to.deep.equal(keys(kind, range(0, 1000)));
    });
  });

  it('clear leaves no key', () => {
    each(SETS, (kind) => {
      const made = make(kind, range(0, 1000));
      made.clear();
      expect([...made.keys()]).to.deep.equal([]);
    });
  });

  it('minKey and maxKey of sets take a bound', () => {
    each(SETS, (kind) => {
      const made = make(kind, [1, 2, 3, 8, 5, 10, 6, 4]);
      expect([made.maxKey(), made.maxKey(key(kind, 6)), made.maxKey(key(kind, 9))]).to.deep.equal(
        keys(kind, [10, 6, 8]),
      );
      expect([made.minKey(), made.minKey(key(kind, 3)), made.minKey(key(kind, 9))]).to.deep.equal(
        keys(kind, [1, 3, 10]),
      );
      expect(made.has(made.minKey()) && made.has(made.maxKey())).to.equal(true);
      expect(made.has(key(kind, 11)) || made.has(key(kind, 0))).to.equal(false);
      expect(made.maxKey(key(kind, 0))).to.equal(undefined);
      expect(made.minKey(key(kind, 11))).to.equal(undefined);
    });
  });

  it('update with many keys in any order, some twice, gives each once in order', () => {
    each(SETS, (kind) => {
      const made = make(kind, [...shuffled(3000), ...range(0, 100)]);
      expect([...made.keys()]).to.deep.equal(keys(kind, range(0, 3000)));
    });
  });

  it('ranges of sets between keys, and those with bounds the wrong way round, are empty', () => {
    each(SETS, (kind) => {
      const made = make(kind, [1, 5, 9]);
      for (const [min, max] of [
        [2, 4],
        [6, 8],
        [10, 12],
        [9, 1],
      ] as const) {
        expect([...made.keys({ min: key(kind, min), max: key(kind, max) })]).to.deep.equal([]);
      }
      if (kind.signedKeys) expect([...made.keys({ min: -6, max: -4 })]).to.deep.equal([]);
      const large = make(kind, range(0, 300));
      expect([...large.keys({ min: key(kind, 200), max: key(kind, 50) })]).to.deep.equal([]);
    });
  });

  it('spread into an array, a set has the slices that arrays have', () => {
    each(SETS, (kind) => {
      for (let count = 0; count < 5; count++) {
        const numbers = range(10 * count, 11 * count);
        const [given, expected] = [[...make(kind, numbers)], keys(kind, numbers)];
        for (let from = -2 * count; from <= 2 * count; from++) {
          for (const to of [undefined, ...range(-2 * count, 2 * count + 1)]) {
            expect(given.slice(from, to)).to.deep.equal(expected.slice(from, to));
          }
        }
      }
    });
  }).timeout(10000);

  it('iterators of sets are their own iterators', () => {
    each(SETS, (kind) => {
      const lists = [[], [1, 4], range(kind.signedKeys ? -170 : 0, 2000, 6)];
      for (const numbers of lists) {
        const made = make(kind, numbers);
        const iterator = made[Symbol.iterator]();
        expect(iterator[Symbol.iterator]()).to.equal(iterator);
        expect([...iterator]).to.deep.equal(keys(kind, numbers));
        expect(iterator.next().done).to.equal(true);
      }
      if (!kind.signedKeys) expect(() => make(kind).update([-2])).to.throw();
    });
  });

  it('adding to and deleting from a small set marks it changed', () => {
    each(SETS, (kind) => {
      const made = make(kind);
      const state = stateOf(made);
      let registered: unknown;
      state.jar = {
        register: (object: unknown) => (registered = object),
        readCurrent: () => {},
      } as never;
      state.oid = 1n as never;
      made.add(key(kind, 0));
      expect([made._p_changed, registered]).to.deep.equal([true, made]);
      made.add(key(kind, 1));
      for (const again of [1, 0]) {
        made._p_changed = false;
        registered = undefined;
        made.delete(key(kind, again));
        expect([made._p_changed, registered]).to.deep.equal([true, made]);
      }
    });
  });

  it('size counts the keys of a large set', () => {
    each(SETS, (kind) => expect(make(kind, range(0, 2000)).size).to.equal(2000));
  });

  it('a Set gives the key at a position, from either end', () => {
    each(
      SETS.filter(({ type }) => type === 'Set'),
      (kind) => {
        const made = make(kind, shuffled(300));
        for (const n of range(0, 300)) expect(made.at(n)).to.deep.equal(shownKey(kind, n));
        expect(made.at(-1)).to.deep.equal(shownKey(kind, 299));
        expect([made.at(300), made.at(-301)]).to.deep.equal([undefined, undefined]);
      },
    );
  });
});
