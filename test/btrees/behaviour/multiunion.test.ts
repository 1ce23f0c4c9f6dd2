// multiunion: the keys of many collections at once, in the families whose keys are integers.
import { expect } from 'chai';
import * as btrees from '../../../src/btrees/index.ts';
import {
  each,
  FAMILIES,
  INTEGER_KEYS,
  isMapping,
  type Kind,
  keys,
  make,
  range,
  shuffled,
} from './kinds.ts';

const { multiunion, union } = btrees as any;

describe('multiunion', () => {
  const SETS_OF = FAMILIES.map((kinds) => kinds.find(({ type }) => type === 'Set')!);
  const INTEGER = SETS_OF.filter((kind) => INTEGER_KEYS.includes(kind));

  /** The multiunion of parts of one family. */
  const united = (kind: Kind, parts: Iterable<unknown>): unknown[] => [
    ...multiunion(kind.class, parts),
  ];

  it('exists for keys that are integers, and for no others', () => {
    for (const kind of SETS_OF) {
      const call = (): unknown => multiunion(kind.class, []);
      if (INTEGER.includes(kind)) call();
      else expect(call, kind.name).to.throw('integer keys').with.property('code', 'ARGUMENT');
    }
  });

  it('of nothing is an empty Set', () => {
    each(INTEGER, (kind) => expect(united(kind, [])).to.deep.equal([]));
  });

  const parts: [
    title: string,
    part: (kinds: readonly Kind[], numbers: readonly number[]) => unknown,
  ][] = [
    ['of one Set has its keys', (kinds, numbers) => make(kinds[3]!, numbers)],
    ['of one TreeSet has its keys', (kinds, numbers) => make(kinds[2]!, numbers)],
    ['of one array has its keys in order', (_, numbers) => [...numbers]],
    ['of one array of bigints has its keys in order', (_, numbers) => numbers.map(BigInt)],
    ["of one of JavaScript's sets has its keys in order", (_, numbers) => new Set(numbers)],
    ['of one generator has its keys in order', (_, numbers) => numbers.values()],
  ];
  for (const [title, part] of parts) {
    it(title, () => {
      for (const kinds of FAMILIES) {
        const kind = kinds[3]!;
        if (!INTEGER.includes(kind)) continue;
        const lists = [[3], range(0, 20), shuffled(20)];
        if (kind.signedKeys) lists.push([...range(-10, 0, 2), ...range(1, 10, 2)]);
        for (const numbers of lists.flatMap((list) => [list, list.toReversed()])) {
          const sorted = numbers.toSorted((a, b) => a - b);
          expect(united(kind, [part(kinds, numbers)]), kind.name).to.deep.equal(keys(kind, sorted));
        }
      }
    });
  }

  it('of mappings has their keys alone', () => {
    for (const kinds of FAMILIES) {
      const kind = kinds[3]!;
      if (!INTEGER.includes(kind)) continue;
      const mappings = kinds.filter(isMapping).map((each) => make(each, [5, 1, 3]));
      expect(united(kind, mappings)).to.deep.equal(keys(kind, [1, 3, 5]));
      const other = new Map([
        [1, 'c'],
        [9, 'd'],
      ]);
      expect(united(kind, [mappings[0], other.keys()])).to.deep.equal(keys(kind, [1, 3, 5, 9]));
    }
  });

  it('of mappings whose values are no numbers has their keys alone', () => {
    const named = [
      new btrees.IOBTree([
        [1, 'a'],
        [2, 'b'],
      ]),
      new btrees.IOBucket([
        [1, 'c'],
        [3, 'd'],
      ]),
    ];
    expect([...multiunion(btrees.IOSet, named)]).to.deep.equal([1, 2, 3]);
  });

  it('of ranges that overlap has each key once', () => {
    each(INTEGER, (kind) => {
      expect(united(kind, [range(0, 3), range(0, 7)])).to.deep.equal(keys(kind, range(0, 7)));
    });
  });

  it('of keys below 0 is refused where there are none such', () => {
    each(INTEGER, (kind) => {
      const given = [
        [0, 1, 2],
        [-1, -2, -3],
      ];
      if (kind.signedKeys) expect(united(kind, given)).to.deep.equal(keys(kind, range(-3, 3)));
      else
        expect(() => united(kind, given))
          .to.throw('expected an unsigned')
          .with.property('code', 'ARGUMENT');
    });
  });

  it('of an array with a wrong key is refused', () => {
    each(INTEGER, (kind) => {
      expect(() => united(kind, [[1, 2, 3, 'a']]))
        .to.throw('expected')
        .with.property('code', 'ARGUMENT');
    });
  });

  it('of a generator that throws throws the same', () => {
    function* broken(): Generator<number> {
      yield* range(0, 3);
      throw new RangeError('broken on purpose');
    }
    each(INTEGER, (kind) =>
      expect(() => united(kind, [broken()])).to.throw(RangeError, 'broken on purpose'),
    );
  });

  it('of ten times the same large Set is as large as that', () => {
    const count = 20_000;
    const set = new btrees.IISet(range(0, count));
    const result = multiunion(
      btrees.IISet,
      Array.from({ length: 10 }, () => set),
    );
    expect([result.size, result.minKey(), result.maxKey()]).to.deep.equal([count, 0, count - 1]);
    expect([...result]).to.deep.equal(range(0, count));
  });

  it('of very many small ones has all their keys', () => {
    for (const kinds of FAMILIES) {
      const kind = kinds[3]!;
      if (!INTEGER.includes(kind)) continue;
      const offset = kind.signedKeys ? -500 : 0;
      const small = shuffled(500).flatMap((n) => [
        make(kinds[3]!, [4 * n + offset, 4 * n + 1 + offset]),
        make(kinds[2]!, [4 * n + 2 + offset, 4 * n + 3 + offset]),
      ]);
      expect(united(kind, small)).to.deep.equal(keys(kind, range(offset, 2000 + offset)));
    }
  });

  it('takes single integers as well, and so does union', () => {
    each(INTEGER, (kind) => {
      let slow = make(kind);
      for (const n of range(0, 100)) slow = union(slow, n);
      expect(united(kind, range(0, 100))).to.deep.equal([...slow]);
      expect([...slow]).to.deep.equal(keys(kind, range(0, 100)));
    });
  });
});
