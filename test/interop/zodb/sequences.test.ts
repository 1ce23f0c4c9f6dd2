// Random sequences of operations on the objects of a database, by two connections in turn, done here and in Python: the same
// outcome of each operation, and the same records, byte for byte, in the same order in each transaction.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FAMILIES } from '../../../src/btrees/index.ts';
import { isZodbError } from '../../../src/errors.ts';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { formatId } from '../../../src/zodb/ids.ts';
import { toHex } from '../../hex.ts';
import { Random } from '../../random.ts';
import { peer } from '../peers.ts';
import { PythonSession } from '../python-session.ts';
import { merged } from './sequence-classes.ts';
import type { Sequence, Tree } from './sequence-language.ts';
import { OPERATIONS, sequence, TREE_TYPES } from './sequence-operations.ts';
import { NOTHING, play } from './sequence-player.ts';

const FULL = process.env['CI'] === 'true' && process.env['ZODB_LIMITS'] !== 'small';
const SEQUENCES = Number(process.env['ZODB_SEQUENCES'] ?? (FULL ? 1000 : 100));
const SEED = Number(process.env['ZODB_SEED'] ?? Date.now() % 1_000_000);
/** Of those operations that found something to do. */
const LEAST_OPERATIONS = 20;
const LEAST_OF_FAMILY = 40;
/** Of each kind of operation, in all sequences. */
const LEAST_DONE = 20;
const MOST_FAILURES_SHOWN = 5;
const MEMORY = '/dev/shm';
const FAMILY_NAMES = [...FAMILIES.keys()];

/** What may make records unequal, by the section of the pickle specification that allows it. */
const CAUSES: Readonly<Record<string, string>> = {
  texts: 'texts that are equal and distinct in Python (6.9)',
  oids: 'oids in weak references that are equal and distinct in Python (6.9)',
  singletons: 'Ellipsis, which Python writes anew each time (6.2)',
  fold: 'the fold of a datetime, which Python drops (6.2)',
};

/** A record: its data in hex. */
type Entry = readonly [oid: string, data: string];

interface Written {
  readonly tid: string;
  readonly user: string;
  readonly description: string;
  readonly records: readonly Entry[];
}

/** A sequence is all in its seed; of seeds in a row, each family of trees comes as often as the others. */
function drawn(seed: number): Sequence {
  const random = new Random(seed);
  const families = [FAMILY_NAMES[seed % FAMILY_NAMES.length]!, random.of(FAMILY_NAMES)];
  const trees = families.map((family): Tree => {
    const type = random.of(TREE_TYPES);
    const small = !['Bucket', 'Set'].includes(type) && random.chance(70);
    return { family, type, small, kind: random.below(6) };
  });
  return sequence(random, seed, trees, { blobs: seed % 10 === 0, distinct: seed % 10 === 5 });
}

function written(file: string): Written[] {
  using storage = new FileStorage(file, { readOnly: true });
  return [...storage.iterate()].map((transaction) => ({
    tid: formatId(transaction.tid),
    user: toHex(transaction.user),
    description: toHex(transaction.description),
    records: [...transaction.records()].map(({ oid, data }) => [
      formatId(oid),
      data === undefined ? '' : toHex(data),
    ]),
  }));
}

/** Python stores an object twice that was changed, then declared to be unchanged, and then changed again. */
function withoutRepeated(records: readonly Entry[]): readonly Entry[] {
  const seen = new Set<string>();
  return records.filter((record) => {
    const known = seen.has(record.join(' '));
    seen.add(record.join(' '));
    return !known;
  });
}

/** Python stores such an object as if it were empty. */
const isLostState = (error: unknown): boolean =>
  isZodbError(error, 'INVALID_OBJECT') && /was given up/.test((error as Error).message);

describe('sequences of operations on objects, Python and Node', () => {
  const zodb = peer('zodb');
  const counts = new Map<string, number>();
  let python: PythonSession;
  let folder: string;
  let ours: string;
  let theirs: string;
  before(() => {
    folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'zodb-sequences-'));
    [ours, theirs] = [join(folder, 'node.fs'), join(folder, 'python.fs')];
    python = new PythonSession(zodb.python, 'zodb/sequences.py');
  });
  after(() => {
    python?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const count = (name: string, by = 1): void => {
    counts.set(name, (counts.get(name) ?? 0) + by);
  };
  const counted = (name: string): number => counts.get(name) ?? 0;

  it(`${SEQUENCES} sequences lead to the same records, ZODB_SEED=${SEED}`, async function () {
    this.timeout(900_000);
    const failures: string[] = [];
    for (let seed = SEED; seed < SEED + SEQUENCES; seed++) {
      const given = drawn(seed);
      try {
        await compare(given);
      } catch (error) {
        if (isLostState(error)) {
          count('sequences left out, which store a new object whose state was given up');
          continue;
        }
        if (await pythonDamagedTree(given)) {
          count('sequences left out, in which Python damaged a tree');
          continue;
        }
        failures.push(`ZODB_SEED=${seed}, ${(error as Error).message}`);
        if (failures.length === MOST_FAILURES_SHOWN) break;
      }
      for (const { family } of given.trees) count(`family ${family}`);
    }
    report();
    expect(failures).to.deep.equal([]);
    const left = [...counts.keys()].filter((name) => name.startsWith('sequences left out'));
    for (const name of left) expect(counted(name), name).to.be.below(Math.max(3, SEQUENCES / 50));
    if (SEQUENCES < 1000) return;
    for (const family of FAMILY_NAMES)
      expect(counted(`family ${family}`), family).to.be.at.least(LEAST_OF_FAMILY);
    for (const name of OPERATIONS)
      expect(counted(`done: ${name}`), name).to.be.at.least(LEAST_DONE);
    for (const [name, least] of [
      ['conflicts refused', 100],
      ['undos refused', 20],
      ['reads that were not current', 3],
    ] as const)
      expect(counted(name), name).to.be.at.least(least);
    expect(merged.trees).to.be.at.least(20);
    expect(merged.counters).to.be.at.least(10);
  });

  function report(): void {
    for (const cause of Object.values(CAUSES))
      console.log(`      ${counted(cause)} records unequal: ${cause}`);
    console.log(`      conflicts merged: ${merged.trees} of trees, ${merged.counters} of counters`);
    const families = FAMILY_NAMES.map((family) => counted(`family ${family}`));
    console.log(`      each family in ${Math.min(...families)} sequences or more`);
    for (const [name, times] of [...counts].sort())
      if (!name.startsWith('family') && !Object.values(CAUSES).includes(name))
        console.log(`      ${name}: ${times}`);
  }

  /** Plays a sequence on both sides and compares. @throws Error that says where they differ */
  async function compare(given: Sequence): Promise<void> {
    for (const file of [ours, theirs])
      for (const suffix of ['', '.index', '.tmp', '.lock', '.blobs'])
        rmSync(file + suffix, { force: true, recursive: true });
    const { distinct, operations } = given;
    const answer = python.ask<unknown[]>({
      do: 'play',
      file: theirs,
      blobs: given.blobs ? `${theirs}.blobs` : null,
      distinct,
      operations,
    });
    let outcomes: unknown[];
    try {
      outcomes = play(ours, given);
    } finally {
      await answer;
    }
    compareOutcomes(given, outcomes, await answer);
    await compareFiles();
  }

  function compareOutcomes(
    { operations }: Sequence,
    outcomes: readonly unknown[],
    expected: readonly unknown[],
  ): void {
    for (const [i, operation] of operations.entries()) {
      const [here, there] = [JSON.stringify(outcomes[i]), JSON.stringify(expected[i])];
      if (here !== there)
        throw new Error(
          `operation ${i}, ${JSON.stringify(operation)}: ${here}, in Python ${there}`,
        );
      countOutcome(operation.do, outcomes[i]);
    }
    const done = outcomes.filter((outcome) => outcome !== NOTHING).length;
    expect(done, 'operations that did something').to.be.at.least(LEAST_OPERATIONS);
  }

  function countOutcome(name: string, outcome: unknown): void {
    if (outcome === NOTHING) return;
    count(`done: ${name}`);
    const [error] = Array.isArray(outcome) ? outcome : [outcome];
    if (name === 'undo' && error !== null) count('undos refused');
    if (error === 'ConflictError') count('conflicts refused');
    if (error === 'ReadConflictError') count('reads that were not current');
  }

  async function compareFiles(): Promise<void> {
    const [node, all] = [written(ours), written(theirs)];
    expect(node.length, 'transactions').to.equal(all.length);
    const pairs: [python: string, node: string][] = [];
    for (const [i, transaction] of all.entries()) {
      const { records, ...texts } = node[i] as Written;
      const { records: found, ...expected } = transaction;
      expect(texts).to.deep.equal(expected);
      const theirRecords = found.length > records.length ? withoutRepeated(found) : found;
      count('records that Python stores twice', found.length - theirRecords.length);
      const oids = (list: readonly Entry[]): string => list.map(([oid]) => oid).join(' ');
      expect(oids(records), `oids of transaction ${texts.tid}`).to.equal(oids(theirRecords));
      for (const [j, [, data]] of theirRecords.entries())
        if (records[j]?.[1] !== data) pairs.push([data, records[j]?.[1] as string]);
      count('records compared', records.length);
    }
    const bothEqual = pairs.length === 0 && readFileSync(ours).equals(readFileSync(theirs));
    count('files that are equal', bothEqual ? 1 : 0);
    if (pairs.length === 0) return;
    const causes = await python.ask<(string | null)[]>({ do: 'causes', pairs });
    for (const [i, cause] of causes.entries()) {
      if (cause === null) throw new Error(`record ${pairs[i]?.[1]}, in Python ${pairs[i]?.[0]}`);
      count(CAUSES[cause] as string);
    }
  }

  /** docs/btrees.md tells when it does. */
  async function pythonDamagedTree(given: Sequence): Promise<boolean> {
    const blobs = given.blobs ? `${theirs}.blobs` : null;
    for (const { tid } of written(theirs))
      if (!(await python.ask<boolean>({ do: 'whole', file: theirs, blobs, tid }))) return true;
    return false;
  }
});
