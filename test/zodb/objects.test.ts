import { inspect } from 'node:util';
import { expect } from 'chai';
import { OOBTree } from '../../src/btrees/index.ts';
import {
  type Connection,
  classOf,
  DB,
  MappingStorage,
  Persistent,
  PersistentList,
  PersistentMapping,
  registerClass,
  TransactionManager,
} from '../../src/main.ts';
import { PyDict } from '../../src/pickle/index.ts';
import { stateOf } from '../../src/zodb/object-state.ts';

class Point extends Persistent {
  x = 0;
  y = 0;
  #lengths = 0;

  get length(): number {
    this.#lengths++;
    return Math.hypot(this.x, this.y);
  }
  get lengthsAsked(): number {
    return this.#lengths;
  }
}
registerClass(Point, 'shapes.Point', 'oldshapes.Dot');

class Named extends Point {
  name = '';
}
registerClass(Named, 'shapes.Named');

class Tags extends PersistentMapping<string, number> {
  limit = 3;
  add(tag: string): void {
    this.set(tag, (this.get(tag) ?? 0) + 1);
  }
}
registerClass(Tags, 'shapes.Tags');

/** Keeps its state as one text. */
class Packed extends Persistent {
  parts: string[] = [];

  __getstate__(): unknown {
    return new PyDict([['text', this.parts.join(' ')]]);
  }
  __setstate__(state: unknown): void {
    this.parts = String((state as PyDict).get('text')).split(' ');
  }
}
registerClass(Packed, 'shapes.Packed');

describe('objects in a database', () => {
  let db: DB;
  let manager: TransactionManager;
  let connection: Connection;
  beforeEach(() => {
    db = new DB(new MappingStorage());
    manager = new TransactionManager();
    connection = db.open({ transactionManager: manager });
  });
  afterEach(() => db[Symbol.dispose]());

  /** Stores an object, and gives the ghost of it in a new connection. */
  const stored = <T extends Persistent>(object: T): T => {
    connection.root.set('o', object);
    manager.commit();
    const other = new DB(db.storage).open({ transactionManager: new TransactionManager() });
    return other.get<T>(object._p_oid!);
  };

  it('of a subclass have the fields, getters and private state of both classes', () => {
    const named = stored(Object.assign(new Named(), { x: 3, y: 4, name: 'n' }));
    expect(named).to.be.instanceOf(Named);
    expect([named.length, named.lengthsAsked, named.name]).to.eql([5, 1, 'n']);
    expect(classOf(named)).to.eql({ module: 'shapes', name: 'Named' });
    expect(named._p_changed).to.equal(false);
  });

  it('of a subclass of a mapping have its methods, and attributes of their own', () => {
    const tags = new Tags([['a', 1]]);
    tags.limit = 5;
    const read = stored(tags);
    read.add('a');
    read.add('b');
    expect([...read]).to.eql([
      ['a', 2],
      ['b', 1],
    ]);
    expect(read.limit).to.equal(5);
    read._p_jar && (read._p_jar as Connection).transactionManager.commit();
    manager.begin();
    expect([...tags]).to.eql([...read]);
  });

  it('with hooks of their own are stored and loaded by them', () => {
    const read = stored(Object.assign(new Packed(), { parts: ['a', 'b'] }));
    expect(read.parts).to.eql(['a', 'b']);
    read.parts = ['c'];
    (read._p_jar as Connection).transactionManager.commit();
    expect(db.transaction(({ root }) => root.get('o').parts)).to.eql(['c']);
  });

  it('of a class that was renamed keep the name that references to them have', () => {
    class Dot extends Persistent {
      x = 1;
    }
    const before = new DB(db.storage, { classes: { 'oldshapes.Dot': Dot } });
    before.transaction(({ root }) => root.set('dot', new Dot()));
    manager.begin();
    const dot = connection.root.get<Point>('dot')!;
    expect(dot).to.be.instanceOf(Point);
    expect(dot.x).to.equal(1);
    connection.root.set('new', new Point());
    dot.x = 2;
    manager.commit();
    const record = (oid: bigint) =>
      Buffer.from(db.storage.load(oid as never)!.data).toString('latin1');
    expect(record(connection.root.get('new')._p_oid)).to.contain('shapes\nPoint');
    expect(record(dot._p_oid!)).to.contain('shapes\nPoint');
  });

  it('that are sticky stay loaded until they are told otherwise, or others change them', () => {
    const point = Object.assign(new Point(), { x: 1 });
    connection.root.set('o', point);
    manager.commit();
    point._p_sticky = true;
    expect([point._p_status, point._p_state]).to.eql(['sticky', 2]);
    connection.cacheMinimize();
    expect(point._p_status).to.equal('sticky');
    point.x = 2;
    expect(point._p_status).to.equal('changed');
    manager.commit();
    expect(point._p_status).to.equal('sticky');
    db.transaction(({ root }) => {
      root.get('o').x = 3;
    });
    manager.begin();
    expect(point._p_status).to.equal('ghost');
    point._p_sticky = true;
    expect(point.x).to.equal(3);
    point._p_sticky = false;
    point._p_deactivate();
    expect(point._p_status).to.equal('ghost');
  });

  it('know when they were stored, and what they weigh', () => {
    const point = new Point();
    expect([point._p_mtime, point._p_estimated_size]).to.eql([undefined, 0]);
    const read = stored(point);
    expect(read._p_estimated_size).to.equal(0);
    expect(Math.abs(read._p_mtime!.getTime() - Date.now())).to.be.lessThan(60_000);
    expect(read._p_status).to.equal('saved');
    const { length } = db.storage.load(read._p_oid!)!.data;
    expect(read._p_estimated_size).to.equal(64 * (Math.floor(length / 64) + 1));
    expect(point._p_estimated_size).to.equal(read._p_estimated_size);
  });

  it('lose their _v_ attributes as ghosts, and changing those stores nothing', () => {
    const point = new Point() as Point & { _v_note?: string };
    connection.root.set('o', point);
    manager.commit();
    const last = db.lastTransaction();
    point._v_note = 'volatile';
    expect(point._p_changed).to.equal(false);
    manager.commit();
    expect(db.lastTransaction()).to.equal(last);
    point._p_invalidate();
    expect(point._v_note).to.equal(undefined);
  });

  it('stay loaded as long as nothing else has their state', () => {
    const point = new Point();
    point.x = 7;
    connection.add(point);
    point._p_deactivate();
    point._p_invalidate();
    expect(point.x).to.equal(7);
    manager.savepoint();
    point._p_deactivate();
    expect(point._p_status).to.equal('ghost');
    expect(point.x).to.equal(7);
    manager.commit();
  });

  it('are stored in the order in which they were added or changed', () => {
    const [first, second] = [new Point(), new Point()];
    connection.root.set('first', first).set('second', second);
    manager.commit();
    second.x = 1;
    const added = connection.add(new Point());
    first.x = 1;
    manager.commit();
    const [last] = db.storage.iterate!({ start: db.lastTransaction() });
    const oids = [...last!.records()].map(({ oid }) => oid);
    expect(oids).to.deep.equal([second._p_oid, added, first._p_oid]);
  });

  it('that are only read can be held to what they were', () => {
    const [a, b] = [new Point(), new Point()];
    connection.root.set('o', a).set('b', b);
    manager.commit();
    expect(a.x).to.equal(0);
    connection.readCurrent(a);
    b.x = 1;
    db.transaction(({ root }) => {
      root.get('o').x = 5;
    });
    expect(() => manager.commit())
      .to.throw()
      .with.property('code', 'READ_CONFLICT');
    manager.abort();
  });

  const shown: [name: string, make: () => Persistent, ghost: RegExp, loaded: RegExp][] = [
    [
      'of a class',
      () => new Point(),
      /^Point <oid 0{15}1, ghost>$/,
      /^Point <oid .*, saved> \{ x: 0/,
    ],
    [
      'mappings',
      () => new PersistentMapping([['a', 1]]),
      /^PersistentMapping <oid .*, ghost>$/,
      /'a'|a/,
    ],
    ['lists', () => new PersistentList([7]), /^PersistentList <oid .*, ghost>$/, /7/],
    ['trees', () => new OOBTree([['k', 7]]), /OOBTree <oid .*, ghost>$/, /k.*7/s],
  ];
  for (const [name, make, ghost, loaded] of shown)
    it(`${name} are printed with class, oid and state, and printing loads none`, () => {
      const read = stored(make());
      expect(inspect(read)).to.match(ghost);
      expect(inspect({ nested: [read] })).to.contain('ghost');
      expect(String(stateOf(read).code)).to.equal('-1');
      read._p_activate();
      expect(inspect(read)).to.match(loaded);
      expect(inspect(make())).to.contain('unsaved');
    });

  it('that lead to each other are printed once each, those in dicts too', () => {
    const [one, two] = [new PersistentMapping(), new Point() as Point & { other?: unknown }];
    one.set('two', two);
    two.other = [one, { again: two }];
    for (const depth of [2, 10, null]) {
      const text = inspect([one, two], { depth });
      expect(text.length).to.be.below(1000);
      expect(text).to.contain("{'two': Point <unsaved>}");
    }
  });

  it('whose class is not known are printed by its name', () => {
    class Temporary extends Persistent {
      a = 1;
    }
    const own = new DB(db.storage, { classes: { 'gone.Thing': Temporary } });
    own.transaction(({ root }) => root.set('t', new Temporary()));
    manager.begin();
    const thing = connection.root.get('t');
    expect(inspect(thing)).to.match(/^Thing <oid .*, ghost>$/);
    expect(thing._p_status).to.equal('ghost');
    expect(thing.a).to.equal(1);
    expect(inspect(thing)).to.match(/^Thing <oid .*, saved> \{ a: 1 \}$/);
  });
});
