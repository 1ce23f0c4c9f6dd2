// What BTrees and Buckets have in common.
import { inspect } from 'node:util';
import { expect } from 'chai';
import { PersistentMapping } from '../../../src/main.ts';
import { PyDict } from '../../../src/pickle/index.ts';
import {
  each,
  entries,
  key,
  keys,
  MAPPINGS,
  make,
  range,
  shownKey,
  shownValue,
  shuffled,
  value,
  values,
} from './kinds.ts';

const isTyped = (name: string): boolean => !name.startsWith('O');

describe('mappings of all families', () => {
  it('popItem takes the smallest entries one by one, then gives undefined', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, shuffled(200));
      for (let n = 0; n < 200; n++) {
        expect(made.popItem()).to.deep.equal([shownKey(kind, n), shownValue(kind, n)]);
      }
      expect(made.size).to.equal(0);
      expect(made.popItem()).to.equal(undefined);
    });
  }).timeout(10000);

  it('console.log shows class, oid and entries of a small one', () => {
    each(MAPPINGS, (kind) => {
      const text = inspect(make(kind, range(0, 5)));
      expect(text).to.match(new RegExp(`^${kind.name} <unsaved> \\{`));
      expect(text.match(/=>/g)).to.have.length(5);
    });
  });

  it('console.log shows the first entries of a large one, and that there are more', () => {
    each(MAPPINGS, (kind) => {
      const text = inspect(make(kind, range(0, 1000)));
      expect(text.match(/=>/g)).to.have.length(10);
      expect(text).to.match(/, \.\.\. }$/);
    });
  });

  it('get of a key that is not there gives undefined', () => {
    each(MAPPINGS, (kind) => expect(make(kind).get(key(kind, 1))).to.equal(undefined));
  });

  it('get of a key that is not there gives the default', () => {
    each(MAPPINGS, (kind) => {
      expect(make(kind).get(key(kind, 1), 'foo')).to.equal('foo');
      expect(make(kind, [1]).get(key(kind, 2), null)).to.equal(null);
      expect(make(kind, [1]).get(key(kind, 1), 'foo')).to.deep.equal(shownValue(kind, 1));
    });
  });

  it('get of what cannot be a key gives the default', () => {
    each(MAPPINGS, (kind) => {
      expect(make(kind).get('abc')).to.equal(undefined);
      expect(make(kind).get('abc', 'def')).to.equal('def');
      if (isTyped(kind.name)) expect(make(kind, [1]).get('abc', 'def')).to.equal('def');
    });
  });

  it('get of a key beyond the range gives the default', () => {
    each(MAPPINGS, (kind) => {
      for (const far of [2n ** 64n + 1n, -(2n ** 64n) - 1n, 1e300]) {
        expect(make(kind).get(far)).to.equal(undefined);
        expect(make(kind).get(far, 'def')).to.equal('def');
      }
    });
  });

  it('what was set is what get gives', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      expect(made.set(key(kind, 1), value(kind, 2))).to.equal(made);
      expect(made.get(key(kind, 1))).to.deep.equal(shownValue(kind, 2));
    });
  });

  it('setting a key again replaces its value', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, [1]);
      made.set(key(kind, 1), value(kind, 2));
      expect([...made.values()]).to.deep.equal(values(kind, [2]));
    });
  });

  it('size counts each key once', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      for (const n of shuffled(1000)) made.set(key(kind, n % 317), value(kind, n));
      expect(made.size).to.equal(317);
    });
  });

  it('has finds the keys that were set and no others', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, [1]);
      expect([0, 1, 2].map((n) => made.has(key(kind, n)))).to.deep.equal([false, true, false]);
    });
  });

  it('has of what cannot be a key is false', () => {
    each(MAPPINGS, (kind) => {
      for (const wrong of [2n ** 64n + 1n, -(2n ** 64n) - 1n, 'abc']) {
        expect(make(kind).has(wrong)).to.equal(false);
        if (isTyped(kind.name)) expect(make(kind, [1]).has(wrong)).to.equal(false);
      }
    });
  });

  it('values come in the order of their keys', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      for (const n of shuffled(100)) made.set(key(kind, n), value(kind, 99 - n));
      expect([...made.values()]).to.deep.equal(values(kind, range(0, 100).reverse()));
      expect([...made.values()][100]).to.equal(undefined);
    });
  });

  it('values of ranges are those of the keys in them', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, shuffled(100));
      for (let n = 0; n < 40; n++) {
        const bounds = { min: key(kind, n), max: key(kind, 99 - n) };
        expect([...made.values(bounds)]).to.deep.equal(values(kind, range(n, 100 - n)));
      }
    });
  });

  it('keys come in order, also between bounds', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, shuffled(100));
      const all = [...made.keys()];
      expect(all).to.deep.equal(keys(kind, range(0, 100)));
      expect(all).to.have.length(100);
      for (let n = 0; n < 40; n++) {
        const bounds = { min: key(kind, n), max: key(kind, 99 - n) };
        expect([...made.keys(bounds)]).to.deep.equal(keys(kind, range(n, 100 - n)));
      }
    });
  });

  it('entries come in the order of keys, also between bounds', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, shuffled(100));
      expect([...made.entries()]).to.deep.equal(entries(kind, range(0, 100)));
      const bounds = { min: key(kind, 12), max: key(kind, 20) };
      expect([...made.entries(bounds)]).to.deep.equal(entries(kind, range(12, 21)));
    });
  });

  for (const what of ['keys', 'values', 'entries'] as const) {
    const title = {
      keys: 'keys counted from the end are those of the reverse order',
      values: 'values counted from the end are those of the reverse order',
      entries: 'entries counted from the end are those of the reverse order',
    }[what];
    it(title, () => {
      each(MAPPINGS, (kind) => {
        const numbers = kind.signedKeys && kind.signedValues ? [-3, 6, -11, 4] : [3, 6, 11, 4];
        const made = make(kind, numbers);
        const sorted = numbers.toSorted((a, b) => a - b);
        const expected = { keys, values, entries }[what](kind, sorted);
        const given = [...made[what]()];
        const reverse = [...made[what]({ reverse: true })];
        for (let n = 1; n <= 4; n++) {
          expect(given.at(-n)).to.deep.equal(expected.at(-n));
          expect(reverse[n - 1]).to.deep.equal(expected.at(-n));
        }
        expect(given.at(-5)).to.equal(undefined);
        expect(reverse).to.have.length(4);
      });
    });
  }

  it('deleting a key that is not there gives false', () => {
    each(MAPPINGS, (kind) => {
      expect(make(kind).delete(key(kind, 1))).to.equal(false);
      expect(make(kind, [2]).delete(key(kind, 1))).to.equal(false);
    });
  });

  it('minKey and maxKey take a bound, and give undefined where no key is', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, [7, 3, 8, 1, 5, 10, 6, 4]);
      made.delete(key(kind, 7));
      const table: [what: 'minKey' | 'maxKey', bound: number | undefined, expected: number][] = [
        ['maxKey', undefined, 10],
        ['maxKey', 6, 6],
        ['maxKey', 9, 8],
        ['minKey', undefined, 1],
        ['minKey', 3, 3],
        ['minKey', 9, 10],
      ];
      for (const [what, bound, expected] of table) {
        const found = bound === undefined ? made[what]() : made[what](key(kind, bound));
        expect(found, `${what} ${bound}`).to.deep.equal(shownKey(kind, expected));
      }
      expect(made.maxKey(key(kind, 0))).to.equal(undefined);
      expect(made.minKey(key(kind, 11))).to.equal(undefined);
      expect(make(kind).minKey()).to.equal(undefined);
      expect(make(kind).maxKey()).to.equal(undefined);
    });
  });

  it('clear leaves nothing', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind, shuffled(100));
      made.clear();
      expect([...made.keys()]).to.deep.equal([]);
      expect(made.size).to.equal(0);
    });
  });

  it('update takes a Map and pairs', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      const pairs = shuffled(400).map((n) => [key(kind, n), value(kind, n)] as const);
      made.update(new Map(pairs));
      expect([...made]).to.deep.equal(entries(kind, range(0, 400)));
      made.clear();
      expect([...made]).to.deep.equal([]);
      made.update(pairs);
      made.update(pairs.values());
      expect([...made]).to.deep.equal(entries(kind, range(0, 400)));
    });
  });

  it('update and the constructor take a PersistentMapping, a dict and another tree', () => {
    each(MAPPINGS, (kind) => {
      const pair = [key(kind, 1), value(kind, 2)] as const;
      const expected = [[shownKey(kind, 1), shownValue(kind, 2)]];
      for (const given of [
        new PersistentMapping([pair]),
        new PyDict([pair]),
        new kind.class([pair]),
      ]) {
        const made = make(kind);
        made.update(given);
        expect([...made]).to.deep.equal(expected);
        expect([...new kind.class(given as Iterable<unknown>)]).to.deep.equal(expected);
      }
    });
  });

  it('update refuses what are no pairs', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      const [k, v] = [key(kind, 1), value(kind, 2)];
      for (const wrong of [[[k, v, v]], [[k]], [k], ['ab']]) {
        expect(() => made.update(wrong))
          .to.throw('pair [key, value]')
          .with.property('code', 'ARGUMENT');
      }
      for (const wrong of [undefined, null, 5, {}]) {
        expect(() => made.update(wrong))
          .to.throw('something iterable')
          .with.property('code', 'ARGUMENT');
      }
      made.update([[k, v]]);
      expect([...made]).to.deep.equal([[shownKey(kind, 1), shownValue(kind, 2)]]);
    });
  });

  it('setDefault sets a value that is not there and gives the one that is', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      expect(made.setDefault(key(kind, 1), value(kind, 2))).to.deep.equal(shownValue(kind, 2));
      expect(made.setDefault(key(kind, 1), value(kind, 6))).to.deep.equal(shownValue(kind, 2));
      expect([...made.values()]).to.deep.equal(values(kind, [2]));
      expect(() => made.setDefault(key(kind, 3))).to.throw('got undefined');
      expect(made.size).to.equal(1);
    });
  });

  it('pop deletes a key and gives its value, or the default', () => {
    each(MAPPINGS, (kind) => {
      const made = make(kind);
      expect(made.pop(key(kind, 1))).to.equal(undefined);
      expect(made.pop(key(kind, 1), 42)).to.equal(42);
      made.update([
        [key(kind, 1), value(kind, 3)],
        [key(kind, 2), value(kind, 4)],
      ]);
      expect(made.pop(key(kind, 5))).to.equal(undefined);
      expect(made.size).to.equal(2);
      expect(made.pop(key(kind, 1), 7)).to.deep.equal(shownValue(kind, 3));
      expect([...made]).to.deep.equal([[shownKey(kind, 2), shownValue(kind, 4)]]);
      expect(made.pop(key(kind, 1), 3)).to.equal(3);
      expect(() => made.pop(undefined)).to.throw('got undefined');
    });
  });

  it('a first bucket that becomes empty far from the root is left out', () => {
    each(
      MAPPINGS.filter(({ name }) => ['OOBTree', 'IOBTree', 'LLBTree'].includes(name)),
      (kind) => {
        const made = make(kind);
        for (let n = 0; n < 29972; n++) made.set(n, n);
        for (let n = 0; n < 30; n++) {
          made.delete(n);
          made.set(n + 40000, n);
        }
        expect(made.minKey()).to.equal(shownKey(kind, 30));
        expect(made.size).to.equal(29972);
        made.check();
      },
    );
  }).timeout(10000);
});
