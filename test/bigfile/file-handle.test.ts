import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  BLOCK_SIZE,
  configure,
  guard,
  stats,
  ZBigFile,
  type ZBlk0,
  ZBlk1,
} from '../../src/bigfile/index.ts';
import { native } from '../../src/bigfile/native.ts';
import { type Connection, type DB, open, TransactionManager, transaction } from '../../src/main.ts';

/** A connection with its manager, and the file under test in it. */
function session(db: DB): { manager: TransactionManager; connection: Connection; file: ZBigFile } {
  const manager = new TransactionManager();
  const connection = db.open({ transactionManager: manager });
  return { manager, connection, file: connection.root.get('file') as ZBigFile };
}

/** The bytes of one block, or part of it, as a view. */
function bytes(file: ZBigFile, block: number, length = 16): Uint8Array {
  const { buffer, byteOffset } = file.open().buffer(block * BLOCK_SIZE, length);
  return new Uint8Array(buffer, byteOffset, length);
}

for (const mode of ['faulting', 'explicit'] as const) {
  describe(`a file of blocks, ${mode}`, () => {
    let folder: string;
    let path: string;
    let db: DB;
    const before = process.env['ZODB_NATIVE'];

    beforeEach(function () {
      if (mode === 'explicit') process.env['ZODB_NATIVE'] = 'off';
      else if (native().addon === undefined) this.skip();
      folder = mkdtempSync(join(tmpdir(), 'zodb-bigfile-'));
      path = join(folder, 'data.fs');
      db = open(path);
      db.transaction((connection) => connection.root.set('file', new ZBigFile()));
    });

    afterEach(() => {
      if (before === undefined) delete process.env['ZODB_NATIVE'];
      else process.env['ZODB_NATIVE'] = before;
      db?.[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    it('reads as zeros where nothing was written', () => {
      const { file } = session(db);
      for (const block of [0, 1, 5, 31])
        expect([...bytes(file, block)]).to.deep.equal(Array(16).fill(0));
      expect(file.open().isDirty()).to.equal(false);
    });

    it('forgets what was written at abort, each time anew', () => {
      const { file, manager } = session(db);
      const view = bytes(file, 0);
      for (let round = 1; round < 4; round++) {
        view.fill(round);
        expect(file.open().isDirty()).to.equal(true);
        manager.abort();
        expect([...view]).to.deep.equal(Array(16).fill(0));
        expect(file.open().isDirty()).to.equal(false);
      }
    });

    it('forgets what was written when a new transaction begins, although nothing else had changed', () => {
      const one = session(db);
      const two = session(db);
      const view = bytes(two.file, 0);
      view[0] = 1;
      bytes(one.file, 0)[1] = 2;
      one.manager.commit();
      two.manager.begin();
      expect([...view.subarray(0, 2)]).to.deep.equal([0, 2]);
      expect(two.file.open().isDirty()).to.equal(false);
      view[0] = 3;
      two.manager.commit();
      one.manager.begin();
      expect([...bytes(one.file, 0, 2)]).to.deep.equal([3, 2]);
    });

    it('stores at commit exactly the blocks that were changed', () => {
      const { file, manager } = session(db);
      bytes(file, 0)[3] = 7;
      expect(bytes(file, 1)[0]).to.equal(0);
      bytes(file, 2, BLOCK_SIZE).fill(9);
      manager.commit();
      expect([...file.blocks.keys()].map(Number)).to.deep.equal([0, 2]);
      expect([...(file.blocks.get(0) as ZBlk0).read()]).to.deep.equal([0, 0, 0, 7]);
      expect((file.blocks.get(2) as ZBlk0).read()).to.have.length(BLOCK_SIZE);
      expect(bytes(file, 0)[3]).to.equal(7);
    });

    it('shows the data to another process that opens the file', () => {
      const { file, manager } = session(db);
      bytes(file, 0, BLOCK_SIZE + 5).fill(1);
      manager.commit();
      db.close();
      db = open(path, { readOnly: true });
      const again = session(db).file;
      expect([...bytes(again, 0, BLOCK_SIZE + 5)].every((byte) => byte === 1)).to.equal(true);
      expect(bytes(again, 1)[5]).to.equal(0);
    });

    it('keeps a view valid over commits, and stores what is written through it later', () => {
      const { file, manager } = session(db);
      const view = bytes(file, 0);
      for (let round = 1; round < 4; round++) {
        view[round] = round;
        manager.commit();
      }
      expect([...(session(db).file.blocks.get(0) as ZBlk0).read()]).to.deep.equal([0, 1, 2, 3]);
    });

    it('shows another connection a commit at its next transaction, also in a hole it has read', () => {
      const one = session(db);
      const two = session(db);
      const [inHole, inBlock] = [bytes(two.file, 3), bytes(two.file, 0)];
      expect(inHole[0]).to.equal(0);
      expect(inBlock[0]).to.equal(0);
      bytes(one.file, 3)[0] = 3;
      bytes(one.file, 0)[0] = 1;
      one.manager.commit();
      expect([inHole[0], inBlock[0]]).to.deep.equal([0, 0]);
      two.manager.begin();
      expect([inHole[0], inBlock[0]]).to.deep.equal([3, 1]);
      bytes(one.file, 0)[0] = 5;
      one.manager.commit();
      expect(inBlock[0]).to.equal(1);
      two.manager.begin();
      expect(inBlock[0]).to.equal(5);
    });

    it('shows another connection a block that has changed its format', () => {
      const one = session(db);
      const two = session(db);
      bytes(one.file, 0)[0] = 1;
      one.manager.commit();
      two.manager.begin();
      expect(bytes(two.file, 0)[0]).to.equal(1);
      one.file.blockFormat = 'ZBlk1';
      bytes(one.file, 0)[0] = 2;
      one.manager.commit();
      expect(one.file.blocks.get(0)).to.be.instanceOf(ZBlk1);
      two.manager.begin();
      expect(bytes(two.file, 0)[0]).to.equal(2);
    });

    it('shows a change of a block found by a part of the table that was read long ago', () => {
      const one = session(db);
      // More blocks than one leaf of the table holds.
      for (let block = 0; block < 70; block++) bytes(one.file, block)[0] = 1;
      one.manager.commit();
      const two = session(db);
      expect(bytes(two.file, 0)[0]).to.equal(1);
      bytes(two.file, 75)[0] = 1;
      two.manager.commit();
      expect(bytes(two.file, 69)[0]).to.equal(1);
      one.manager.begin();
      one.file.blockFormat = 'ZBlk1';
      bytes(one.file, 0)[0] = 2;
      one.manager.commit();
      two.manager.begin();
      expect(bytes(two.file, 0)[0]).to.equal(2);
    });

    for (const splitter of ['the other connection', 'the reader itself'] as const) {
      it(`shows a change of a hole whose leaf of the table was split since it was read, by ${splitter}`, () => {
        const one = session(db);
        const two = session(db);
        const fill = ({ file, manager }: typeof one, from: number, to: number): void => {
          for (let block = from; block < to; block++) bytes(file, block)[0] = 1;
          manager.commit();
        };
        fill(one, 0, 60);
        two.manager.begin();
        const hole = bytes(two.file, 99);
        expect(hole[0]).to.equal(0);
        fill(splitter === 'the reader itself' ? two : one, 60, 75);
        two.manager.begin();
        one.manager.begin();
        fill(one, 99, 100);
        two.manager.begin();
        expect(hole[0]).to.equal(1);
      });
    }

    it('has no memory before it is committed, also when it was added to a connection', () => {
      const { connection, manager } = session(db);
      const file = new ZBigFile();
      connection.add(file);
      const problem = expect(() => file.open()).to.throw();
      problem.with.property('code', 'INVALID_OBJECT');
      manager.abort();
      connection.root.set('other', file);
      manager.commit();
      bytes(file, 0)[0] = 1;
      manager.commit();
      const again = session(db).connection.root.get('other') as ZBigFile;
      expect(bytes(again, 0)[0]).to.equal(1);
    });

    it('refuses the second of two changes of one block, and goes on after the abort', () => {
      const one = session(db);
      const two = session(db);
      bytes(one.file, 0)[0] = 1;
      one.manager.commit();
      two.manager.begin();
      const view = bytes(two.file, 0);
      view[1] = 2;
      bytes(one.file, 0)[2] = 3;
      one.manager.commit();
      expect(() => two.manager.commit())
        .to.throw()
        .with.property('code', 'CONFLICT');
      view[5] = 5;
      two.manager.abort();
      expect([...view.subarray(0, 6)]).to.deep.equal([1, 0, 3, 0, 0, 0]);
      view[1] = 4;
      two.manager.commit();
      one.manager.begin();
      expect(bytes(one.file, 0)[1]).to.equal(4);
    });

    for (const first of ['the one that changes the format', 'the other one'] as const) {
      it(`refuses the second of two changes of a block where one changes its format: ${first} first`, () => {
        const one = session(db);
        bytes(one.file, 0)[0] = 1;
        one.manager.commit();
        for (const format of ['ZBlk1', 'ZBlk0'] as const) {
          const other = session(db);
          one.file.blockFormat = format;
          other.file.blockFormat = format === 'ZBlk0' ? 'ZBlk1' : 'ZBlk0';
          bytes(one.file, 0)[1]!++;
          bytes(other.file, 0)[2]!++;
          const inOrder = [one, other];
          if (first === 'the other one') inOrder.reverse();
          const [winner, loser] = inOrder as [typeof one, typeof one];
          winner.manager.commit();
          expect(() => loser.manager.commit())
            .to.throw()
            .with.property('code', 'CONFLICT');
          loser.manager.abort();
          one.manager.begin();
          one.file.blockFormat = format;
          bytes(one.file, 0)[0]!++;
          one.manager.commit();
        }
        const now = bytes(session(db).file, 0, 3);
        expect([...now]).to.deep.equal(first === 'the other one' ? [3, 0, 2] : [3, 2, 0]);
      });
    }

    it('stores chunks: only those that differ, on the same objects, and the block with them', () => {
      const { file, manager } = session(db);
      file.blockFormat = 'ZBlk1';
      const view = bytes(file, 0, BLOCK_SIZE);
      view.fill(1);
      manager.commit();
      const block = file.blocks.get(0) as ZBlk1;
      expect(block.chunks().size).to.equal(512);
      const oids = [...block.chunks().values()].map((chunk) => chunk._p_oid);
      const at = db.lastTransaction();
      view[4096] = 2;
      manager.commit();
      expect([...block.chunks().values()].map((chunk) => chunk._p_oid)).to.deep.equal(oids);
      const last = [...db.storage.iterate({ start: (at + 1n) as typeof at })];
      const stored = [...last[0]!.records()].map((record) => record.oid);
      expect(stored).to.have.members([block._p_oid, oids[1]]);
      view.fill(0, 0, 4096);
      manager.commit();
      expect(block.chunks().size).to.equal(511);
      expect(bytes(session(db).file, 0, BLOCK_SIZE).subarray(0, 4097)[4096]).to.equal(2);
    });

    it('keeps the last of several writes through views that overlap in a long file', () => {
      const { file, manager } = session(db);
      // Views far from the beginning, the first one behind the second: they cannot lie in one piece of memory.
      const late = bytes(file, 310);
      expect(bytes(file, 300)[0]).to.equal(0);
      const write = (value: number): void => {
        bytes(file, 310)[0] = value;
      };
      write(5);
      const long = bytes(file, 299, 12 * BLOCK_SIZE);
      expect(long[11 * BLOCK_SIZE]).to.equal(5);
      write(6);
      expect(bytes(file, 299, 12 * BLOCK_SIZE)[11 * BLOCK_SIZE]).to.equal(6);
      bytes(file, 299, 12 * BLOCK_SIZE)[11 * BLOCK_SIZE + 1] = 7;
      write(8);
      manager.commit();
      expect([late[0], late[1], long[11 * BLOCK_SIZE]]).to.deep.equal([8, 7, 8]);
      expect([...bytes(session(db).file, 310, 2)]).to.deep.equal([8, 7]);
    });

    it('stores nothing for a ZBlk1 that is as it was, and no bytes for zeros', () => {
      const { file, manager } = session(db);
      const view = bytes(file, 0);
      view[0] = 1;
      view[0] = 0;
      if (!file.open().isDirty()) return;
      manager.commit();
      expect((file.blocks.get(0) as ZBlk0).read()).to.have.length(0);
    });

    it('refuses changes where the database is read-only, and forgets them', () => {
      const { file, manager } = session(db);
      bytes(file, 0)[0] = 1;
      manager.commit();
      db.close();
      db = open(path, { readOnly: true });
      const reader = session(db);
      const view = bytes(reader.file, 0);
      view[0] = 2;
      expect(() => reader.manager.commit())
        .to.throw()
        .with.property('code', 'READ_ONLY');
      reader.manager.abort();
      expect(view[0]).to.equal(1);
    });

    it('refuses to close a connection whose blocks were changed', () => {
      const { file, connection, manager } = session(db);
      bytes(file, 0)[0] = 1;
      expect(() => connection.close())
        .to.throw()
        .with.property('code', 'CLOSED');
      manager.abort();
      connection.close();
    });

    it('ends its views when its connection is closed', () => {
      const { file, connection } = session(db);
      const view = bytes(file, 0);
      expect(view[0]).to.equal(0);
      connection.close();
      expect(view.length).to.equal(0);
    });

    it('makes an exception of a block that cannot be loaded, and commits nothing after it', () => {
      const { file, manager } = session(db);
      bytes(file, 0)[0] = 1;
      bytes(file, 1)[0] = 1;
      manager.commit();
      // The block's object is replaced by one of another class.
      db.transaction((connection) => {
        const blocks = (connection.root.get('file') as ZBigFile).blocks as unknown as Map<
          number,
          unknown
        >;
        blocks.set(1, new ZBigFile());
      });
      const broken = session(db);
      const touch = (): number => bytes(broken.file, 1)[0] as number;
      expect(() => guard(touch))
        .to.throw(/class ZBigFile/)
        .with.property('code', 'BLOCK_LOAD');
      expect(bytes(broken.file, 0)[0]).to.equal(1);
      if (mode === 'explicit') return;
      broken.connection.root.set('n', 1);
      expect(() => broken.manager.commit())
        .to.throw()
        .with.property('code', 'TRANSACTION_DOOMED');
      broken.manager.abort();
      broken.connection.root.set('n', 1);
      broken.manager.commit();
    });

    it('loads a block once for any number of touches', function () {
      if (mode === 'explicit') this.skip();
      const { file, manager } = session(db);
      for (let block = 0; block < 20; block++) bytes(file, block)[0] = block + 1;
      manager.commit();
      db.close();
      db = open(path, { readOnly: true });
      const again = session(db).file;
      configure({ readAhead: 0 });
      try {
        const before = stats().loads as number;
        for (let round = 0; round < 3; round++) {
          for (const block of [7, 3, 19, 0]) {
            for (let i = 0; i < 16; i++)
              expect(bytes(again, block)[i]).to.equal(i === 0 ? block + 1 : 0);
          }
        }
        expect((stats().loads as number) - before).to.equal(4);
      } finally {
        configure({ readAhead: 8 });
      }
    });

    it('takes part in the default transaction too', () => {
      const { root } = db.open();
      bytes(root.get('file') as ZBigFile, 0)[0] = 1;
      transaction.commit();
      expect(bytes(session(db).file, 0)[0]).to.equal(1);
    });
  });
}
