/**
 * Random histories of several connections and arrays in one process, against a model. Longer ones:
 * ZODB_STRESS_SEED=n ZODB_STRESS_ROUNDS=n.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BLOCK_SIZE, type BlockFormat, configure, stats } from '../../src/bigfile/index.ts';
import { native } from '../../src/bigfile/native.ts';
import { OOBTree } from '../../src/btrees/index.ts';
import { type DB, open } from '../../src/main.ts';
import { ArraySession } from './array-session.ts';
import { CommittedModel, sizeOf } from './block-model.ts';
import { Random, randomPattern } from './random-arrays.ts';

const seed = Number(process.env['ZODB_STRESS_SEED'] ?? Date.now() % 1_000_000);
const rounds = Number(process.env['ZODB_STRESS_ROUNDS'] ?? 15);

for (const mode of ['faulting', 'explicit'] as const) {
  describe(`random histories of arrays, ${mode}, seed ${seed}`, () => {
    const before = process.env['ZODB_NATIVE'];
    const { budget } = stats();
    let folder: string;
    let db: DB | undefined;

    beforeEach(function () {
      if (mode === 'explicit') process.env['ZODB_NATIVE'] = 'off';
      else if (native().addon === undefined) this.skip();
      else configure({ budget: 4 * BLOCK_SIZE });
      folder = mkdtempSync(join(tmpdir(), 'zodb-stress-'));
    });
    afterEach(() => {
      if (before === undefined) delete process.env['ZODB_NATIVE'];
      else process.env['ZODB_NATIVE'] = before;
      if (budget !== undefined) configure({ budget });
      db?.storage.close();
      db = undefined;
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    it('arrays hold what the model holds, in every connection and after every end of a transaction', function () {
      this.timeout(60_000 + rounds * 2000);
      const random = new Random(seed);
      const log: string[] = [];
      try {
        db = open(join(folder, 'data.fs'), { fsync: false });
        // Explicit memory compares every block that was ever touched.
        play(db, random, log, mode === 'faulting' ? 55 : 0);
      } catch (error) {
        console.error(log.slice(-40).join('\n'));
        throw error;
      }
    });
  });
}

/** Bytes of the long array: blocks of it are in several leaves of the table, and beyond one window of explicit memory. */
const LONG = 400 * BLOCK_SIZE;

function play(db: DB, random: Random, log: string[], spread: number): void {
  const committed = new CommittedModel();
  const one = new ArraySession(db, committed, random, log, 'one');
  one.connection.root.set('tree', new OOBTree());
  one.create('long', { dtype: 'uint8', itemsize: 1, order: 'C', shape: [LONG] });
  one.create('short', { dtype: 'int64', itemsize: 8, order: 'C', shape: [800_000] });
  one.create('flat', { dtype: 'i4, f8, S3', itemsize: 15, order: 'F', shape: [30, 9000] });
  one.commit('ZBlk0');
  // With so many blocks, a few more split a leaf of the table.
  for (let n = 0; n < spread; n++) {
    one.write('long', [{ start: n * 7 * BLOCK_SIZE, count: 9, step: 1 }], { a: n, b: 0, c: 1 });
  }
  one.commit('ZBlk0');
  const two = new ArraySession(db, committed, random, log, 'two');
  const three = new ArraySession(db, committed, random, log, 'three');
  const sessions = [one, two, three];
  const hot = Array.from({ length: 8 }, () => random.below(400));
  for (let round = 0; round < rounds; round++) {
    const session = random.pick(sessions);
    for (let n = random.below(4); n >= 0; n--) step(session, random, hot);
    end(session, random);
    const other = random.pick(sessions);
    if (random.chance(0.5) && !other.model.touched) other.begin();
    if (random.chance(0.3)) other.check([random.pick(other.model.names)]);
  }
  for (const session of sessions) {
    session.begin();
    session.check();
    session.close();
  }
}

function end(session: ArraySession, random: Random): void {
  const format = random.pick<BlockFormat>(['ZBlk0', 'ZBlk1']);
  const chosen = random.below(20);
  if (chosen < 2) session.abort();
  else if (chosen === 2) session.failToCommit();
  else if (chosen < 16) session.commit(format);
}

function step(session: ArraySession, random: Random, hot: readonly number[]): void {
  const block = random.chance(0.7) ? random.pick(hot) : random.below(400);
  const at = block * BLOCK_SIZE + (random.chance(0.3) ? 0 : random.below(BLOCK_SIZE));
  const room = Math.min(random.between(1, 3 * BLOCK_SIZE), LONG - at);
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const count = random.chance(0.8) ? Math.min(room, random.between(1, 9000)) : room;
      session.write('long', [{ start: at, count, step: 1 }], randomPattern(random));
      break;
    }
    case 4: {
      const count = Math.min(random.between(1, 50), Math.floor((LONG - at) / 300_001));
      if (count > 0)
        session.write('long', [{ start: at, count, step: 300_001 }], randomPattern(random));
      break;
    }
    case 5:
      session.write('long', [{ start: block * BLOCK_SIZE, count: BLOCK_SIZE, step: 1 }], undefined);
      break;
    case 6:
    case 7:
      session.writeSomething(random.pick(['short', 'flat']));
      break;
    case 8:
      session.hold(random.pick(['short', 'flat']));
      break;
    case 9:
    case 10:
      session.writeHeld();
      break;
    case 11: {
      const { shape } = session.model.array('short');
      if (sizeOf(shape) > 1_200_000 || random.chance(0.4))
        session.resize('short', [random.below(sizeOf(shape) + 300_000)]);
      else session.append('short', [random.below(200_000)], randomPattern(random));
      break;
    }
    case 12:
      void session
        .array('long')
        .prefetch([])
        .catch(() => undefined);
      break;
    default:
      session.check([random.pick(session.model.names)]);
  }
}
