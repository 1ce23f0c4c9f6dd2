/**
 * wendelin.core and Node take turns on one database and do random things, in one order and dtype after the other; after
 * every turn both say what they see, and it is what a model holds. Longer ones: ZODB_STRESS_SEED=n ZODB_STRESS_TURNS=n.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BLOCK_SIZE, type BlockFormat, configure, stats } from '../../src/bigfile/index.ts';
import { native } from '../../src/bigfile/native.ts';
import { OOBTree } from '../../src/btrees/index.ts';
import { type DB, open } from '../../src/main.ts';
import { ArraySession, appendTo } from '../bigfile/array-session.ts';
import {
  type ArrayModel,
  type Axis,
  CommittedModel,
  SessionModel,
  sizeOf,
} from '../bigfile/block-model.ts';
import {
  DTYPES,
  type Pattern,
  patternBytes,
  Random,
  randomAxes,
  randomPattern,
} from '../bigfile/random-arrays.ts';
import { peer } from './peers.ts';

const seed = Number(process.env['ZODB_STRESS_SEED'] ?? Date.now() % 1_000_000);
const turns = Number(process.env['ZODB_STRESS_TURNS'] ?? 3);

const FORMATS: readonly BlockFormat[] = ['ZBlk0', 'ZBlk1'];

/** What alternating.py prints of a database. */
interface Seen {
  arrays: Record<string, { shape: number[]; dtype: string; sha1: string }>;
  values: Record<string, unknown>;
  tree: [string, number][];
}

/** What alternating.py does. */
type Step =
  | ({ op: 'create'; name: string } & NewArray)
  | { op: 'write'; name: string; axes: readonly Axis[]; pattern: Pattern | undefined }
  | { op: 'append'; name: string; shape: readonly number[]; pattern: Pattern | undefined }
  | { op: 'resize'; name: string; shape: readonly number[] }
  | { op: 'value'; name: string; value: unknown }
  | { op: 'tree'; name: string; value: number | null }
  | { op: 'commit' }
  | { op: 'abort' };

type NewArray = Pick<ArrayModel, 'dtype' | 'itemsize' | 'order' | 'shape'>;

for (const mode of ['faulting', 'explicit'] as const) {
  describe(`Python and Node take turns on one database, ${mode}, seed ${seed}`, () => {
    const wendelin = peer('wendelin');
    const before = process.env['ZODB_NATIVE'];
    const { budget } = stats();
    let folder: string;

    beforeEach(function () {
      if (mode === 'explicit') process.env['ZODB_NATIVE'] = 'off';
      else if (native().addon === undefined) this.skip();
      else configure({ budget: 4 * BLOCK_SIZE });
      folder = mkdtempSync(join(tmpdir(), 'zodb-alternating-'));
    });
    afterEach(() => {
      if (before === undefined) delete process.env['ZODB_NATIVE'];
      else process.env['ZODB_NATIVE'] = before;
      if (budget !== undefined) configure({ budget });
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    it('and both always see what was written last', function () {
      this.timeout(60_000 + turns * 30_000);
      const random = new Random(seed);
      const committed = new CommittedModel();
      const file = join(folder, 'data.fs');
      const log: string[] = [];
      try {
        nodeTurn(file, committed, random, log, true);
        for (let turn = 0; turn < turns; turn++) {
          const format = random.pick(FORMATS);
          const steps: Step[] = [];
          const model = new SessionModel(committed);
          const expected = expectedOf(committed);
          pythonTurn(model, random, format, steps);
          log.push(
            ...steps.map((step) => `python: ${JSON.stringify(step)}`),
            `python: end ${format}`,
          );
          const seen = wendelin.runJson<{ before: Seen; after: Seen }>(
            'alternating.py',
            [file, format],
            { input: JSON.stringify(steps) },
          );
          expect(seenOf(seen.before), 'before the turn').eql(expected);
          expect(seenOf(seen.after), 'after the turn').eql(expectedOf(committed, model));
          nodeTurn(file, committed, random, log, false);
        }
      } catch (error) {
        console.error(log.slice(-60).join('\n'));
        throw error;
      }
    });
  });
}

function seenOf({ arrays, values, tree }: Seen): unknown {
  return {
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, sha1 }]) => [name, `${shape} ${sha1}`]),
    ),
    values,
    tree,
  };
}

function expectedOf(committed: CommittedModel, model = new SessionModel(committed)): unknown {
  const describe = (name: string): [string, string] => {
    const sha1 = createHash('sha1').update(model.elements(name)).digest('hex');
    return [name, `${model.array(name).shape} ${sha1}`];
  };
  return {
    arrays: Object.fromEntries(model.names.map(describe)),
    values: Object.fromEntries(model.values),
    tree: [...model.tree].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** An array of some blocks, of a dtype and order that may not have been there yet. */
function newArray(random: Random): NewArray {
  const [dtype, itemsize] = random.pick(DTYPES);
  const size = Math.floor((random.between(1, 5) * BLOCK_SIZE) / itemsize) + random.below(1000);
  if (random.chance(0.5)) return { dtype, itemsize, order: 'C', shape: [size] };
  const order = random.pick(['C', 'F'] as const);
  // Other ways to lay out the elements take the model longer.
  const elements = Math.min(size, order === 'F' ? 200_000 : 600_000);
  const inner = random.between(2, 900);
  const major = Math.ceil(elements / inner);
  return { dtype, itemsize, order, shape: order === 'C' ? [major, inner] : [inner, major] };
}

/** A shape to resize to: the axis that grows shorter or longer, sometimes another one too. */
function newShape(random: Random, { shape, order, itemsize }: ArrayModel): number[] {
  const major = order === 'C' ? 0 : shape.length - 1;
  const resized = [...shape];
  if (shape.length > 1 && random.chance(0.3)) resized[1 - major] = random.between(2, 900);
  const row = sizeOf(resized.filter((_, axis) => axis !== major)) * itemsize;
  const most = Math.floor((shape.length > 1 ? 4 : 12) * (BLOCK_SIZE / row)) + 1;
  resized[major] = random.chance(0.15) ? random.below(2) : random.below(most);
  return resized;
}

function appended(random: Random, { shape, order, itemsize }: ArrayModel): number[] | undefined {
  if (sizeOf(shape) * itemsize > 10 * BLOCK_SIZE) return undefined;
  const major = order === 'C' ? 0 : shape.length - 1;
  const row = sizeOf(shape.filter((_, axis) => axis !== major)) * itemsize;
  const most = Math.max(1, Math.floor((1.5 * BLOCK_SIZE) / row));
  return shape.map((length, axis) => (axis === major ? random.between(1, most) : length));
}

function randomValue(random: Random): unknown {
  return random.pick<unknown>([
    random.below(1e9),
    `text ${random.below(99)}`,
    [1, [random.below(9)], 'é'],
    null,
  ]);
}

/** Makes steps for Python, with what they do to the model. */
function pythonTurn(model: SessionModel, random: Random, format: string, steps: Step[]): void {
  const commit = (): void => {
    steps.push({ op: 'commit' });
    model.commit(format);
  };
  for (let n = random.between(4, 12); n > 0; n--) {
    const name = random.pick(model.names);
    const array = model.array(name);
    const chosen = random.below(12);
    if (chosen === 0 && model.names.length < 4) {
      const added = newArray(random);
      const called = `array ${model.names.length}`;
      steps.push({ op: 'create', name: called, ...added });
      model.create(called, added);
      commit();
    } else if (chosen === 1) {
      const shape = newShape(random, array);
      steps.push({ op: 'resize', name, shape });
      model.resize(name, shape);
    } else if (chosen < 4) {
      const shape = appended(random, array);
      if (shape === undefined) continue;
      const pattern = randomPattern(random);
      steps.push({ op: 'append', name, shape, pattern });
      appendTo(
        model,
        name,
        shape,
        patternBytes(pattern, array.dtype, sizeOf(shape) * array.itemsize),
      );
    } else if (chosen === 4) {
      const value = randomValue(random);
      steps.push({ op: 'value', name: 'value', value });
      model.setValue('value', value);
    } else if (chosen === 5) {
      const [key, value] = [
        `key ${random.below(200)}`,
        random.chance(0.3) ? null : random.below(1000),
      ];
      steps.push({ op: 'tree', name: key, value });
      model.setInTree(key, value ?? undefined);
    } else if (chosen === 6) {
      steps.push({ op: 'abort' });
      model.begin();
    } else if (chosen === 7) {
      commit();
    } else if (sizeOf(array.shape) > 0) {
      const axes = randomAxes(random, array);
      const pattern = randomPattern(random);
      steps.push({ op: 'write', name, axes, pattern });
      const length = sizeOf(axes.map((axis) => axis.count)) * array.itemsize;
      model.write(name, axes, patternBytes(pattern, array.dtype, length));
    }
  }
  commit();
}

/** Opens the database, does random things in two connections, compares, and closes it. */
function nodeTurn(
  file: string,
  committed: CommittedModel,
  random: Random,
  log: string[],
  first: boolean,
): void {
  const db: DB = open(file, { fsync: false });
  try {
    const one = new ArraySession(db, committed, random, log, 'one');
    if (first) {
      one.connection.root.set('tree', new OOBTree());
      one.create('array 0', newArray(random));
      one.create('array 1', newArray(random));
      one.commit('ZBlk0');
    }
    const two = new ArraySession(db, committed, random, log, 'two');
    one.check();
    for (let n = random.between(4, 14); n > 0; n--) {
      const session = random.chance(0.65) ? one : two;
      nodeStep(session, random);
      if (random.chance(0.2)) session.check([random.pick(session.model.names)]);
      if (random.chance(0.35)) session.commit(random.pick(FORMATS));
      else if (random.chance(0.1)) session.abort();
      else if (random.chance(0.05)) session.failToCommit();
    }
    for (const session of [one, two]) {
      session.commit(random.pick(FORMATS));
      session.begin();
    }
    one.begin();
    one.check();
    two.check();
    one.close();
    two.close();
  } finally {
    db.storage.close();
  }
}

function nodeStep(session: ArraySession, random: Random): void {
  const { model } = session;
  const name = random.pick(model.names);
  const array = model.array(name);
  const chosen = random.below(14);
  if (chosen === 0 && model.names.length < 4) {
    session.create(`array ${model.names.length}`, newArray(random));
    session.commit(random.pick(FORMATS));
  } else if (chosen === 1) {
    session.resize(name, newShape(random, array));
  } else if (chosen === 2) {
    const shape = appended(random, array);
    if (shape !== undefined) session.append(name, shape, randomPattern(random));
  } else if (chosen === 3) {
    session.setValue('value', randomValue(random));
  } else if (chosen === 4) {
    session.setInTree(
      `key ${random.below(200)}`,
      random.chance(0.3) ? undefined : random.below(1000),
    );
  } else if (chosen === 5) {
    session.clear(name);
  } else if (chosen === 6) {
    session.hold(name);
  } else if (chosen < 9) {
    session.writeHeld();
  } else {
    session.writeSomething(name);
  }
}
