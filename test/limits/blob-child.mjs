// Commits a blob piece by piece and reads it back, in a process of its own so that its memory can be measured. Prints the
// peak of resident memory in bytes, and the hashes of what was written and read.
//
//     blob-child.mjs MAIN FOLDER file|stream MIB      MAIN is the URL of the package's entry

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [main, folder, way, size] = process.argv.slice(2);
const { Blob, open, TransactionManager } = await import(main);

const PIECE = 64 * 1024;
const COUNT = (Number(size) * 1024 * 1024) / PIECE;
const written = createHash('sha1');
const read = createHash('sha1');

function fill(piece, i) {
  piece.fill(i);
  piece[i % PIECE] = 255 - (i % 256);
  written.update(piece);
  return piece;
}

function* pieces() {
  for (let i = 0; i < COUNT; i++) yield fill(new Uint8Array(PIECE), i);
}

const ways = {
  stream: {
    write: (blob) => blob.write(pieces()),
    async read(blob) {
      for await (const piece of blob.createReadStream()) read.update(piece);
    },
  },
  file: {
    write(blob) {
      const file = blob.open('w');
      const piece = new Uint8Array(PIECE);
      for (let i = 0; i < COUNT; i++) file.write(fill(piece, i));
      file.close();
    },
    read(blob) {
      const file = blob.open('r');
      const piece = new Uint8Array(PIECE);
      for (let got = file.read(piece); got > 0; got = file.read(piece))
        read.update(piece.subarray(0, got));
      file.close();
    },
  },
};

const db = open(join(folder, 'Data.fs'), { blobDir: join(folder, 'blobs') });
const manager = new TransactionManager();
const connection = db.open({ transactionManager: manager });
const blob = new Blob();
connection.root.set('blob', blob);
manager.commit();
await ways[way].write(blob);
manager.savepoint();
manager.commit();
await ways[way].read(blob);
db.close();
// On Linux the figure of getrusage begins with that of the process that started this one.
const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
console.log(Number(peak) * 1024, written.digest('hex'), read.digest('hex'));
