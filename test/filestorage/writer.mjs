// Commits without end to the file it is given, and says so after each commit.
import { writeSync } from 'node:fs';

const { FileStorage } = process.env['ZODB_BUILT'] === 'true' ? await built() : await source();
const storage = new FileStorage(process.argv[2]);
for (let i = 0; ; i++) {
  const transaction = storage.begin({ description: `number ${i}` });
  for (let k = 0; k < 5; k++) {
    const oid = storage.newOid();
    transaction.store(oid, 0n, new Uint8Array(1 + ((i * 997 + k * 7919) % 5000)).fill(i));
  }
  transaction.vote();
  writeSync(1, `${transaction.finish()}\n`);
}

// What the build makes starts five times as fast.
function built() {
  return import('../../dist/filestorage/index.js');
}

async function source() {
  const { register } = await import('tsx/esm/api');
  register();
  return import('../../src/filestorage/index.ts');
}
