import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { isZodbError } from '../../../src/main.ts';
import { formatId, type Oid, type Tid, ZERO_TID } from '../../../src/zodb/ids.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { toHex } from '../../hex.ts';
import { peer } from '../peers.ts';

const SCRIPT = 'filestorage/filestorage.py';
// The root of a new database, as Python writes it.
const ROOT = Buffer.from(
  '80036370657273697374656e742e6d617070696e670a50657273697374656e744d617070696e670a71002e' +
    '80037d71015804000000646174617102' +
    '7d7103732e',
  'hex',
);

interface Seen {
  readonly transactions: readonly unknown[];
  readonly current: Readonly<Record<string, readonly [data: string, tid: string] | null>>;
  readonly last: string;
  readonly size: number;
}

describe('a FileStorage that Python and Node share', () => {
  const python = peer('zodb');
  const path = testFolder();
  const read = (file: string) => {
    const { usedIndex, ...seen } = python.runJson<Seen & { usedIndex: boolean }>(SCRIPT, [
      'read',
      file,
    ]);
    return { usedIndex, seen };
  };

  it('reads the same to both, whoever wrote last, and the other goes on', () => {
    const file = path('Data.fs');
    writeRoot(file);
    for (let round = 0; round < 4; round++) {
      const { usedIndex, seen } = read(file);
      expect(seen).to.deep.equal(see(file));
      expect(usedIndex, 'the index file that Node wrote').to.equal(true);
      expect(python.runJson(SCRIPT, ['test', file])).to.equal('no errors detected');
      python.runJson(SCRIPT, ['write', file, `round${round}`]);
      expect(see(file)).to.deep.equal(read(file).seen);
      using storage = new FileStorage(file);
      expect(storage.findings).to.deep.equal([]);
      change(storage, 20 + round);
    }
    using storage = new FileStorage(file, { readOnly: true });
    expect([...storage.iterate()].filter((t) => t.user.length > 0).length).to.be.greaterThan(10);
  });

  it('is cut at every byte of a commit and shows the same transactions to both', () => {
    const file = path('Data.fs');
    writeRoot(file);
    const start = statSync(file).size;
    {
      using storage = new FileStorage(file);
      change(storage, 3);
    }
    const whole = readFileSync(file);
    const expected = python.runJson<[number, string, number][]>(SCRIPT, [
      'lengths',
      file,
      String(start),
    ]);
    expect(expected).to.have.length(whole.length - start + 1);
    for (const [length, last, objects] of expected) {
      writeFileSync(path('cut.fs'), whole.subarray(0, length));
      using storage = new FileStorage(path('cut.fs'), { readOnly: true });
      // Python takes the first bytes of what it cuts off for its last tid; the transaction is the same.
      if (length === start || length === whole.length)
        expect(formatId(storage.lastTransaction())).to.equal(last);
      expect(storage.length(), `${length} bytes`).to.equal(objects);
    }
  });

  it('is what it was after a commit that failed, to Python too', () => {
    const file = path('Data.fs');
    writeRoot(file);
    const before = readFileSync(file);
    let left = 1000;
    const storage = new FileStorage(file, {
      wrapWriter: (writer) => ({
        ...writer,
        write(bytes, position) {
          writer.write(bytes.subarray(0, left), position);
          left -= bytes.length;
          if (left < 0) throw new Error('ENOSPC: made by a test');
        },
      }),
    });
    const transaction = storage.begin({});
    transaction.store(7n as Oid, ZERO_TID, new Uint8Array(200_000).fill(7));
    expect(() => transaction.vote()).to.throw(/ENOSPC/);
    transaction.abort();
    storage.close();
    expect(readFileSync(file)).to.deep.equal(before);
    expect(read(file).seen).to.deep.equal(see(file));
  });

  it('is followed by Node while Python writes and packs it', () => {
    const file = path('Data.fs');
    writeRoot(file);
    using reader = new FileStorage(file, { readOnly: true });
    const heard: string[] = [];
    reader.onInvalidate((tid) => heard.push(formatId(tid)));
    const sizes: number[] = [];
    for (const step of [['write', 'a'], ['write', 'b'], ['pack'], ['write', 'c']] as const) {
      const [command, ...rest] = step;
      const known = new Set([...reader.iterate()].map(({ tid }) => formatId(tid)));
      heard.length = 0;
      python.runJson(SCRIPT, [command, file, ...rest]);
      reader.sync();
      const { seen } = read(file);
      expect(seen).to.deep.equal(seeIn(reader));
      const tids = (seen.transactions as readonly { tid: string }[]).map(({ tid }) => tid);
      expect(heard).to.deep.equal(tids.filter((tid) => !known.has(tid)));
      sizes.push(reader.size());
    }
    expect(sizes[2]).to.be.lessThan(sizes[1] as number);
  });

  it('is locked by Node against Python', async () => {
    const file = path('Data.fs');
    const storage = new FileStorage(file);
    expect(python.runJson(SCRIPT, ['hold', file])).to.equal('LockError');
    storage.close();
    expect(python.run(SCRIPT, ['hold', file]).split(/\s+/)).to.include.members([
      `"ready"`,
      `"closed"`,
    ]);
  });

  it('is locked by Python against Node, which names the process', async () => {
    const file = path('Data.fs');
    writeRoot(file);
    const script = fileURLToPath(new URL('filestorage.py', import.meta.url));
    const child = spawn(python.python, [script, 'hold', file]);
    try {
      const [line] = await once(createInterface(child.stdout), 'line');
      expect(line).to.equal('"ready"');
      expect(() => new FileStorage(file))
        .to.throw(new RegExp(`process ${child.pid}\\b`))
        .with.property('pid', child.pid);
      using reader = new FileStorage(file, { readOnly: true });
      expect(reader.length()).to.equal(1);
    } finally {
      child.stdin.end();
      await once(child, 'close');
    }
    new FileStorage(file).close();
  });
});

function writeRoot(file: string): void {
  using storage = new FileStorage(file);
  const transaction = storage.begin({ description: 'initial database creation' });
  transaction.store(0n as Oid, ZERO_TID, ROOT);
  transaction.vote();
  transaction.finish();
}

// Stores the root as it is again, and `count` objects; the data are nobody's to decode.
function change(storage: FileStorage, count: number): void {
  const transaction = storage.begin({ user: 'node', description: `adds ${count}` });
  const root = storage.load(0n as Oid);
  transaction.store(0n as Oid, root?.tid as Tid, root?.data as Uint8Array);
  for (let i = 0; i < count; i++)
    transaction.store(storage.newOid(), ZERO_TID, new Uint8Array(1 + i * 100).fill(i));
  transaction.vote();
  transaction.finish();
}

function see(file: string): Seen {
  using storage = new FileStorage(file, { readOnly: true });
  return seeIn(storage);
}

function seeIn(storage: FileStorage): Seen {
  const oids = new Set<Oid>();
  const transactions = [...storage.iterate()].map((transaction) => ({
    tid: formatId(transaction.tid),
    status: transaction.status,
    user: toHex(transaction.user),
    description: toHex(transaction.description),
    extension: toHex(transaction.extension),
    records: [...transaction.records()].map(({ oid, tid, data, dataTid }) => {
      oids.add(oid);
      return [
        formatId(oid),
        formatId(tid),
        data === undefined ? null : toHex(data),
        dataTid === undefined ? null : formatId(dataTid),
      ];
    }),
  }));
  const current: Record<string, readonly [string, string] | null> = {};
  for (const oid of oids) {
    try {
      const found = storage.load(oid);
      if (found) current[formatId(oid)] = [toHex(found.data), formatId(found.tid)];
    } catch (error) {
      if (!isZodbError(error, 'POS_KEY')) throw error;
      current[formatId(oid)] = null;
    }
  }
  return {
    transactions,
    current,
    last: formatId(storage.lastTransaction()),
    size: storage.size(),
  };
}
