// Three states of one object: what two transactions did to it at once is merged, or refused with its reason.
import { expect } from 'chai';
import { each, KINDS, type Kind, key, MAPPINGS, make, SETS, value } from './kinds.ts';

/** The keys that all begin with, by number. */
const BASE = [
  14, 17, 156, 227, 368, 384, 400, 427, 445, 460, 512, 563, 604, 641, 679, 719, 732, 737, 862, 880,
];

type Change = readonly [what: '-' | '+', key: number, value?: number];

interface Case {
  readonly title: string;
  readonly base: readonly number[];
  readonly committed: readonly Change[] | 'clear';
  readonly ours: readonly Change[] | 'clear';
  /** The number of the reason; none where it is merged. */
  readonly reason?: number;
}

const deletions = (...numbers: number[]): Change[] => numbers.map((n) => ['-', n]);
const inserts = (...numbers: number[]): Change[] => numbers.map((n) => ['+', n, n]);
const last = BASE.at(-1)!;

const BOTH: readonly Case[] = [
  {
    title: 'deletions of different keys are merged',
    base: BASE,
    committed: deletions(17, last),
    ours: deletions(384, 862),
  },
  {
    title: 'the deletion of one key by both is refused',
    base: BASE,
    committed: deletions(384),
    ours: deletions(384),
    reason: 4,
  },
  {
    title: 'inserts at different places are merged',
    base: BASE,
    committed: inserts(1, 542),
    ours: inserts(23, 999),
  },
  {
    title: 'inserts into an empty one are merged',
    base: [],
    committed: inserts(170, 402, 698),
    ours: inserts(774, 254, 271, 315),
  },
  {
    title: 'emptying by one and filling by the other is refused',
    base: BASE,
    committed: 'clear',
    ours: inserts(774, 254),
    reason: 12,
  },
  {
    title: 'emptying by one alone is refused',
    base: BASE,
    committed: 'clear',
    ours: [],
    reason: 12,
  },
  {
    title: 'the insert of one key by both is refused',
    base: BASE,
    committed: inserts(1, 999),
    ours: inserts(9, 999),
    reason: 6,
  },
  {
    title: 'the deletion of the first key by one alone is refused',
    base: BASE,
    committed: deletions(14),
    ours: inserts(500),
    reason: 13,
  },
];

const MAPPINGS_ALONE: readonly Case[] = [
  {
    title: 'deletions and new values of different keys are merged',
    base: BASE,
    committed: deletions(17, last),
    ours: [
      ['+', 384, 1],
      ['+', 862, 2],
    ],
  },
  {
    title: 'new values of different keys are merged',
    base: BASE,
    committed: [
      ['+', 14, 1],
      ['+', last, 3],
    ],
    ours: [
      ['+', 384, 2],
      ['+', 862, 4],
    ],
  },
  {
    title: 'new values of one key by both are refused',
    base: BASE,
    committed: [['+', 14, 1]],
    ours: [['+', 14, 2]],
    reason: 1,
  },
  {
    title: 'the deletion of a key by one and its new value by the other is refused',
    base: BASE,
    committed: deletions(384),
    ours: [['+', 384, 9]],
    reason: 3,
  },
];

function changed(kind: Kind, { base }: Case, ...changes: (readonly Change[] | 'clear')[]): any {
  const made = make(kind, base);
  for (const list of changes) {
    if (list === 'clear') made.clear();
    else {
      for (const [what, n, v] of list) {
        if (what === '-') made.delete(key(kind, n));
        else if (SETS.includes(kind)) made.add(key(kind, n));
        else made.set(key(kind, n), value(kind, v!));
      }
    }
  }
  return made;
}

function check(kind: Kind, given: Case): void {
  const [base, committed, ours, both] = [
    make(kind, given.base),
    changed(kind, given, given.committed),
    changed(kind, given, given.ours),
    changed(kind, given, given.committed, given.ours),
  ];
  const states = [base, committed, ours].map((side) => side.__getstate__());
  const merge = (): unknown => (kind.class as any)._p_resolveConflict(...states);
  if (given.reason === undefined) expect(merge()).to.deep.equal(both.__getstate__());
  else expect(merge).to.throw('BTrees conflict').with.property('reason', given.reason);
}

describe('two transactions at once', () => {
  for (const given of BOTH) {
    it(`on mappings and sets: ${given.title}`, () => each(KINDS, (kind) => check(kind, given)));
  }
  for (const given of MAPPINGS_ALONE) {
    it(`on mappings: ${given.title}`, () => each(MAPPINGS, (kind) => check(kind, given)));
  }
});
