// Several connections of one process change, commit, abort and look, in random order: each always sees the state of its
// snapshot with its own changes, which a plain model holds.

import { expect } from 'chai';
import { IOBTree } from '../../src/btrees/index.ts';
import {
  type Connection,
  DB,
  isZodbError,
  MappingStorage,
  PersistentMapping,
  TransactionManager,
} from '../../src/main.ts';
import { Random } from '../random.ts';

const STEPS = Number(process.env['ZODB_STEPS'] ?? 3000);
const SEED = Number(process.env['ZODB_SEED'] ?? Date.now() % 1_000_000);
const OBJECTS = 6;
const KEYS = 40;

type State = ReadonlyMap<string, number>;

/** A connection beside what it should see. */
class Reader {
  readonly manager = new TransactionManager();
  readonly connection: Connection;
  /** The committed state of its snapshot. */
  snapshot: State;
  changes = new Map<string, number>();
  /** The objects that it changed: what may conflict. */
  touched = new Set<string>();

  constructor(db: DB, snapshot: State) {
    this.connection = db.open({ transactionManager: this.manager });
    this.snapshot = snapshot;
  }

  set(name: string, value: number): void {
    const [kind, number] = name.split(' ') as [string, string];
    if (kind === 'tree') this.tree.set(Number(number), value);
    else this.object(number).set('value', value);
    this.changes.set(name, value);
    this.touched.add(name);
  }

  get(name: string): number | undefined {
    const [kind, number] = name.split(' ') as [string, string];
    return kind === 'tree' ? this.tree.get(Number(number)) : this.object(number).get('value');
  }

  expected(name: string): number | undefined {
    return this.changes.get(name) ?? this.snapshot.get(name);
  }

  moved(to: State): void {
    this.snapshot = to;
    this.changes = new Map();
    this.touched = new Set();
  }

  get tree(): IOBTree<number> {
    return this.connection.root.get('tree');
  }

  object(number: string): PersistentMapping<string, number> {
    return this.connection.root.get(`object ${number}`);
  }
}

describe('connections of one process', () => {
  it(`each see their own snapshot in ${STEPS} random steps, ZODB_SEED=${SEED}`, () => {
    const random = new Random(SEED);
    using db = new DB(new MappingStorage(), { cacheSize: 4 });
    const names: string[] = [];
    db.transaction(({ root }) => {
      root.set('tree', new IOBTree());
      for (let i = 0; i < OBJECTS; i++) {
        root.set(`object ${i}`, new PersistentMapping([['value', 0]]));
        names.push(`object ${i}`);
      }
      for (let i = 0; i < KEYS; i++) {
        root.get('tree').set(i, 0);
        names.push(`tree ${i}`);
      }
    });
    let committed: State = new Map(names.map((name) => [name, 0]));
    const readers = [1, 2, 3].map(() => new Reader(db, committed));
    const counts = { commits: 0, conflicts: 0, looks: 0 };
    for (let step = 1; step <= STEPS; step++) {
      const reader = random.of(readers);
      const where = `ZODB_SEED=${SEED}, step ${step}`;
      const roll = random.below(20);
      if (roll < 7) reader.set(random.of(names), step);
      else if (roll < 14) {
        const name = random.of(names);
        expect(reader.get(name), `${where}, ${name}`).to.equal(reader.expected(name));
        counts.looks++;
      } else if (roll < 15) reader.connection.cacheMinimize();
      else if (roll < 16) {
        for (const name of names)
          expect(reader.get(name), `${where}, ${name}`).to.equal(reader.expected(name));
      } else if (roll < 17) {
        if (random.chance(50)) reader.manager.abort();
        else reader.manager.begin();
        reader.moved(committed);
      } else {
        // What another one committed since to one of the same things cannot be overwritten.
        const stale = [...reader.touched].some(
          (name) => committed.get(name) !== reader.snapshot.get(name),
        );
        try {
          reader.manager.commit();
          expect(stale, `${where}: a lost update`).to.equal(false);
          committed = new Map([...committed, ...reader.changes]);
          counts.commits++;
        } catch (error) {
          if (!isZodbError(error, 'CONFLICT') && !isZodbError(error, 'READ_CONFLICT')) throw error;
          reader.manager.abort();
          counts.conflicts++;
        }
        reader.moved(committed);
      }
    }
    expect(counts.commits).to.be.above(STEPS / 30);
    expect(counts.conflicts).to.be.above(STEPS / 100);
    for (const { manager } of readers) manager.abort();
  });
});
