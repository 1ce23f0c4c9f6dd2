// Programs with savepoints, drawn from a seed, played in Python and here: the same objects under the same oids, the same
// records in the same order in each transaction.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type DB,
  open,
  PersistentMapping,
  type Savepoint,
  TransactionManager,
} from '../../../src/main.ts';
import { peer } from '../peers.ts';

type Step = readonly [string, ...unknown[]];

const PROGRAMS = Number(process.env['ZODB_SAVEPOINT_PROGRAMS'] ?? 12);

/** Numbers from a seed, the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A program of which every step makes sense. Names that exist are followed through rollbacks and aborts. */
function program(seed: number): Step[] {
  const below = random(seed);
  const steps: Step[] = [];
  let names: string[] = [];
  let committed: string[] = [];
  let saved: string[][] = [];
  let counter = 0;
  for (let i = 0; i < 60; i++) {
    const some = (): string => names[below(names.length)] as string;
    const roll = below(12);
    if (names.length < 2 || roll < 2) {
      names = [...names, `n${counter}`];
      steps.push(['new', `n${counter++}`]);
    } else if (roll < 5) steps.push(['set', some(), below(1000)]);
    else if (roll === 5) steps.push(['link', some(), some()]);
    else if (roll === 6) steps.push(['child', some()]);
    else if (roll < 9) {
      saved.push(names);
      steps.push(['savepoint']);
    } else if (roll === 9 && saved.length > 0) {
      const to = below(saved.length);
      names = saved[to] as string[];
      saved = saved.slice(0, to + 1);
      steps.push(['rollback', to]);
    } else if (roll >= 10) {
      saved = [];
      if (below(4) === 0) {
        names = committed;
        steps.push(['abort']);
      } else {
        committed = names;
        steps.push(['commit']);
      }
    }
  }
  return [...steps, ['commit']];
}

function play(path: string, steps: readonly Step[]): void {
  using db = open(path, { fsync: false });
  const manager = new TransactionManager();
  const { root } = db.open({ transactionManager: manager });
  let savepoints: Savepoint[] = [];
  for (const [step, name, value] of steps) {
    const object = (): PersistentMapping => root.get(name) as PersistentMapping;
    if (step === 'new') root.set(name, new PersistentMapping([['value', 0]]));
    else if (step === 'set') object().set('value', value);
    else if (step === 'link') object().set('link', root.get(value));
    else if (step === 'child') object().set('child', new PersistentMapping([['parent', object()]]));
    else if (step === 'savepoint') savepoints.push(manager.savepoint());
    else if (step === 'rollback') {
      savepoints = savepoints.slice(0, Number(name) + 1);
      savepoints.at(-1)?.rollback();
    } else {
      savepoints = [];
      if (step === 'commit') manager.commit();
      else manager.abort();
    }
  }
}

const contents = (db: DB): string[][] =>
  [...db.storage.iterate()].map((transaction) =>
    [...transaction.records()].map(
      ({ oid, data }) => `${oid} ${Buffer.from(data ?? []).toString('latin1')}`,
    ),
  );

describe('savepoints, Python and Node', () => {
  const zodb = peer('zodb');
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'zodb-savepoints-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (let seed = 1; seed <= PROGRAMS; seed++)
    it(`program ${seed} leads to the same records in the same order`, () => {
      const steps = program(seed);
      const [theirs, ours] = ['python', 'node'].map((name) => join(folder, `${name}${seed}.fs`));
      zodb.run('zodb/savepoints.py', [theirs!, JSON.stringify(steps)]);
      play(ours!, steps);
      using python = open(theirs!, { readOnly: true });
      using node = open(ours!, { readOnly: true });
      expect(contents(node)).to.eql(contents(python));
    });
});
