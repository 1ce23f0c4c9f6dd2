// Damaged data files and index files, by a seed: each is opened, read through in several ways, recovered and written to, and must give
// transactions or a typed error, within two seconds of processor time: other processes have their turns. Prints what there was as
// JSON.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isZodbError } from '../../src/errors.ts';
import { FileStorage, type FileStorageOptions, recover } from '../../src/filestorage/index.ts';
import { verify } from '../../src/tools/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';

const [seed, count] = process.argv.slice(2).map(Number) as [number, number];
const folder = mkdtempSync(join(tmpdir(), 'zodb-hostile-'));
const file = join(folder, 'Data.fs');

let state = seed >>> 0 || 1;
/** The next number below `below`, by xorshift. */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % below;
}

const EXTREMES = [
  0n,
  1n,
  4n,
  23n,
  0x7fffn,
  0xffff_ffffn,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
];

function mutate(original: Buffer): Buffer {
  let bytes = Buffer.from(original);
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const at = random(bytes.length);
    const kind = random(8);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] = (bytes[at] as number) ^ (1 << random(8));
    else if (kind === 2) bytes = bytes.subarray(0, Math.max(1, at));
    else if (kind === 3 && at + 8 <= bytes.length)
      bytes.writeBigUInt64BE(EXTREMES[random(EXTREMES.length)] as bigint, at);
    else if (kind === 4) bytes.fill(0, at, Math.min(bytes.length, at + random(4096)));
    else if (kind === 5) {
      // A piece twice.
      const end = Math.min(bytes.length, at + random(300));
      bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    } else if (kind === 6)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(40))]);
    else if (at + 2 <= bytes.length) bytes.writeUInt16BE(random(0x10000), at);
    if (bytes.length === 0) bytes = Buffer.from('F');
  }
  return bytes;
}

const all = (storage: FileStorage): Oid[] => {
  const oids: Oid[] = [];
  for (let next = storage.recordNext(); next !== undefined; ) {
    oids.push(next.oid);
    next = next.next === undefined ? undefined : storage.recordNext(next.next);
  }
  return oids;
};
const uses: Record<string, (storage: FileStorage) => void> = {
  iterate: (storage) => {
    for (const transaction of storage.iterate()) for (const _ of transaction.records());
  },
  load: (storage) => {
    for (const oid of all(storage)) storage.load(oid, (storage.getTid(oid) - 1n) as Tid);
  },
  history: (storage) => {
    for (const oid of all(storage)) storage.history(oid, 100);
  },
  undoLog: (storage) => void storage.undoLog({ limit: 1000 }),
  pack: (storage) => void storage.pack({ dryRun: true }),
  verify: (storage) => void verify(storage),
};
/** Last, since it may cut off what is behind the last transaction. */
function write(storage: FileStorage): void {
  const transaction = storage.begin({ description: 'more' });
  transaction.store(storage.newOid(), ZERO_TID, Buffer.from('more'));
  transaction.vote();
  transaction.finish();
}
const { data, index } = sample();
const seen: Record<string, number> = {};
let slowest = 0;
let worst = '';

for (let i = 0; i < count; i++) {
  const what = random(5);
  writeFileSync(file, what === 0 ? data : mutate(data));
  if (what < 3) writeFileSync(`${file}.index`, what === 2 ? index : mutate(index));
  else rmSync(`${file}.index`, { force: true });
  const started = process.cpuUsage();
  for (const [name, use] of Object.entries(uses)) note(name, opened({ readOnly: true }, use));
  note('recover', () => recover(file, `${file}.recovered`));
  rmSync(`${file}.recovered`, { force: true });
  note('write', opened({ fsync: false }, write));
  const { user, system } = process.cpuUsage(started);
  const took = (user + system) / 1000;
  for (const name of readdirSync(folder)) if (/\.tr\d+$/.test(name)) rmSync(join(folder, name));
  if (took > slowest) {
    slowest = took;
    worst = `file ${i}`;
  }
}
rmSync(folder, { recursive: true });
const { heapTotal } = process.memoryUsage();
console.log(JSON.stringify({ seen, slowest, worst, heapTotal }));

function note(name: string, use: () => void): void {
  let outcome = 'fine';
  try {
    use();
  } catch (error) {
    if (!isZodbError(error)) throw error;
    outcome = error.code;
  }
  const key = `${name}: ${outcome}`;
  seen[key] = (seen[key] ?? 0) + 1;
}

function opened(options: FileStorageOptions, use: (storage: FileStorage) => void): () => void {
  return () => {
    using storage = new FileStorage(file, options);
    use(storage);
  };
}

/** A file with what files have: several revisions, undone and packed transactions, objects that refer to others. */
function sample(): { data: Buffer; index: Buffer } {
  const path = join(folder, 'sample.fs');
  const storage = new FileStorage(path);
  const record = (to: number): Uint8Array =>
    Buffer.concat([
      Buffer.from(
        '\x80\x03cpersistent.mapping\nPersistentMapping\nq\x00.\x80\x03}q\x01X\x04\x00\x00\x00dataq\x02C\x08\x00\x00\x00\x00\x00\x00\x00',
        'latin1',
      ),
      Buffer.from([to]),
      Buffer.from('q\x03h\x00\x86q\x04Qs.', 'latin1'),
    ]);
  const commit = (stores: readonly [oid: number, to: number][]): Tid => {
    const transaction = storage.begin({
      user: 'u',
      description: 'some',
      extension: Buffer.from('\x80\x03}.', 'latin1'),
    });
    for (const [oid, to] of stores) {
      let serial: Tid = ZERO_TID;
      try {
        serial = storage.getTid(BigInt(oid) as Oid);
      } catch {}
      transaction.store(BigInt(oid) as Oid, serial, record(to));
    }
    transaction.vote();
    return transaction.finish();
  };
  commit([[0, 1]]);
  commit([
    [1, 2],
    [2, 3],
    [3, 1],
  ]);
  commit([[1, 3]]);
  storage.pack({ gc: false });
  const last = commit([
    [4, 0],
    [0, 4],
  ]);
  const undo = storage.begin({ description: 'undo' });
  undo.undo(last);
  undo.vote();
  undo.finish();
  storage.close();
  return { data: readFile(path), index: readFile(`${path}.index`) };
}

function readFile(path: string): Buffer {
  return Buffer.from(readFileSync(path));
}
