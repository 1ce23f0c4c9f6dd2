// Keys and values that a family does not take, and records that are not there.
import { expect } from 'chai';
import { type Oid, open, POSKeyError, TransactionManager } from '../../../src/main.ts';
import type { Kind } from './kinds.ts';
import {
  BTREES,
  each,
  INTEGER_KEYS,
  KINDS,
  key,
  MAPPINGS,
  make,
  range,
  SETS,
  shownKey,
  shownValue,
  value,
} from './kinds.ts';

interface Row {
  readonly given: unknown;
  /** The letters of the families that take it. */
  readonly takenBy: string;
  readonly asKey: string;
  readonly asValue: string;
}

const ROWS: readonly Row[] = [
  {
    given: 'c',
    takenBy: 'O',
    asKey: 'text is a key of the families that have such keys, and of no other',
    asValue: 'text is a value of the families that have such values, and of no other',
  },
  {
    given: 2.5,
    takenBy: 'OF',
    asKey: 'a fraction is a key of the families that have such keys, and of no other',
    asValue: 'a fraction is a value of the families that have such values, and of no other',
  },
  {
    given: null,
    takenBy: 'O',
    asKey: 'None is a key of the families that have such keys, and of no other',
    asValue: 'None is a value of the families that have such values, and of no other',
  },
];

function letters({ family }: Kind): [key: string, value: string] {
  return family.name === 'fs' ? ['fs', 'fs'] : [family.name[0]!, family.name[1]!];
}

/** Sets or adds; throws for what is not taken. */
function put(kind: Kind, made: any, givenKey: unknown, givenValue: unknown = value(kind, 1)): void {
  if (MAPPINGS.includes(kind)) made.set(givenKey, givenValue);
  else made.add(givenKey);
}

const LIMITS: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  I: [-(2n ** 31n), 2n ** 31n - 1n],
  U: [0n, 2n ** 32n - 1n],
  L: [-(2n ** 63n), 2n ** 63n - 1n],
  Q: [0n, 2n ** 64n - 1n],
};

describe('what families do not take', () => {
  for (const { given, takenBy, asKey, asValue } of ROWS) {
    it(asKey, () => {
      each(KINDS, (kind) => {
        const made = make(kind);
        if (takenBy.includes(letters(kind)[0])) return put(kind, made, given);
        expect(() => put(kind, made, given))
          .to.throw('expected')
          .with.property('code', 'ARGUMENT');
        expect(made.size).to.equal(0);
      });
    });

    it(asValue, () => {
      each(MAPPINGS, (kind) => {
        const made = make(kind);
        if (takenBy.includes(letters(kind)[1])) return put(kind, made, key(kind, 0), given);
        expect(() => put(kind, made, key(kind, 0), given))
          .to.throw('expected')
          .with.property('code', 'ARGUMENT');
        expect(made.size).to.equal(0);
      });
    });
  }

  it('text is not in an empty one, whatever its keys', () => {
    each(KINDS, (kind) => expect(make(kind).has('key')).to.equal(false));
  });

  it('text as a missing key gives undefined', () => {
    each(MAPPINGS, (kind) => expect(make(kind).get('key')).to.equal(undefined));
  });

  it('text as a missing key gives the default', () => {
    each(MAPPINGS, (kind) => expect(make(kind).get('key', 42)).to.equal(42));
  });

  for (const [title, cls] of [
    ['a class cannot be a key', class Plain {}],
    ['a class that extends another cannot be a key', class Extended extends Map {}],
    ['a function with properties cannot be a key', Object.assign(() => 0, { order: 1 })],
  ] as const) {
    it(title, () => {
      each(KINDS, (kind) => {
        const made = make(kind);
        expect(() => put(kind, made, cls))
          .to.throw()
          .with.property('code')
          .that.is.oneOf(['ARGUMENT', 'KEY_ORDER']);
        expect(made.size).to.equal(0);
      });
    });
  }

  it('integers at both ends of the range are keys and values, those beyond are not', () => {
    each(MAPPINGS, (kind) => {
      const [keyLimits, valueLimits] = letters(kind).map((letter) => LIMITS[letter]);
      if (keyLimits === undefined || valueLimits === undefined) return;
      const made = make(kind);
      const good = new Set<bigint>();
      for (const n of [...keyLimits, ...valueLimits].flatMap((end) =>
        [-3n, -2n, -1n, 0n, 1n, 2n].map((d) => end + d),
      )) {
        if (n >= keyLimits[0] && n <= keyLimits[1]) {
          made.set(n, 0);
          good.add(n);
        } else
          expect(() => made.set(n, 0))
            .to.throw('expected')
            .with.property('code', 'ARGUMENT');
        const other = make(kind);
        if (n >= valueLimits[0] && n <= valueLimits[1]) {
          other.set(0, n);
          expect(BigInt(other.get(0))).to.equal(n);
        } else
          expect(() => other.set(0, n))
            .to.throw('expected')
            .with.property('code', 'ARGUMENT');
      }
      expect([...made.keys()].map(BigInt)).to.deep.equal(
        [...good].sort((a, b) => (a < b ? -1 : 1)),
      );
    });
  });

  it('integers of 33 and 64 bits are keys of the families that have them', () => {
    each(MAPPINGS, (kind) => {
      if (!/^[LQ]/.test(kind.name)) return;
      const [low, high] = LIMITS[kind.name[0]!]!;
      const made = make(kind);
      made.set(1n, value(kind, 1));
      made.set(1, value(kind, 2));
      expect([...made]).to.deep.equal([[1n, shownValue(kind, 2)]]);
      for (const n of [2n ** 31n, high, low]) made.set(n, value(kind, 3));
      expect([...made.keys()]).to.deep.equal([low, 1n, 2n ** 31n, high]);
      expect([...made.keys({ min: low })]).to.deep.equal([low, 1n, 2n ** 31n, high]);
      expect([...made.keys({ max: high })]).to.deep.equal([low, 1n, 2n ** 31n, high]);
    });
  });

  it('integers of 65 bits are keys of none', () => {
    each(INTEGER_KEYS, (kind) => {
      for (const far of [2n ** 64n, 2n ** 64n + 1n, -(2n ** 63n) - 1n]) {
        expect(() => put(kind, make(kind), far))
          .to.throw('expected')
          .with.property('code', 'ARGUMENT');
      }
    });
  });

  it('integers of 33 bits are values of the families that have them', () => {
    each(MAPPINGS, (kind) => {
      if (!/^.[LQ]/.test(kind.name)) return;
      const made = new kind.class([
        [0, 2n ** 31n],
        [1, 2 ** 31 + 1],
      ]);
      expect([...made.values()]).to.deep.equal([2n ** 31n, 2n ** 31n + 1n]);
    });
  });

  it('integers of 65 bits are values of none', () => {
    each(MAPPINGS, (kind) => {
      if (!/^.[IULQ]/.test(kind.name)) return;
      for (const far of [2n ** 64n + 1n, -(2n ** 63n) - 1n]) {
        expect(() => make(kind).set(key(kind, 0), far))
          .to.throw('expected')
          .with.property('code', 'ARGUMENT');
      }
    });
  });

  it('a wrong key after a good one is refused by the constructor and by update; what came before is in', () => {
    each(SETS, (kind) => {
      expect(() => new kind.class([key(kind, 1), {}])).to.throw();
      const made = make(kind);
      expect(() => made.update([key(kind, 1), {}])).to.throw();
      expect([...made]).to.deep.equal([shownKey(kind, 1)]);
    });
  });
});

describe('records that are not there', () => {
  /** A stored tree whose records are gone, all ghosts but those that are loaded first. */
  function lost(
    kind: Kind,
    count: number,
    prepare: (tree: any) => void,
    check: (tree: any) => void,
  ): void {
    const db = open('memory:');
    const manager = new TransactionManager();
    const connection = db.open({ transactionManager: manager });
    try {
      const tree = make(kind, range(0, count));
      connection.root.set('tree', tree);
      manager.commit();
      connection.cacheMinimize();
      prepare(tree);
      const load = (oid: Oid): never => {
        throw new POSKeyError(oid);
      };
      Object.defineProperty(db.storage, 'load', { value: load });
      check(tree);
    } finally {
      manager.abort();
      db.close();
    }
  }

  function checkAll(kind: Kind, made: any): void {
    const calls: (() => unknown)[] = [
      () => made.has(key(kind, 1)),
      () => made.get(key(kind, 1)),
      () => made.setDefault(key(kind, 1), value(kind, 1)),
      () => made.pop(key(kind, 1)),
    ];
    for (const call of calls) expect(call).to.throw().with.property('code', 'POS_KEY');
  }

  it('of a mapping itself are an error, not a default', () => {
    each(MAPPINGS, (kind) =>
      lost(
        kind,
        0,
        () => {},
        (made) => checkAll(kind, made),
      ),
    );
  });

  it('of the buckets of a tree are an error, not a default', () => {
    each(BTREES, (kind) =>
      lost(
        kind,
        1000,
        (tree) => tree._p_activate(),
        (made) => checkAll(kind, made),
      ),
    );
  });
});
