// Commits without end to the file it is given, and says so after each commit.
import { writeSync } from 'node:fs';
import { register } from 'tsx/esm/api';

register();
const { FileStorage } = await import('../../src/filestorage/index.ts');
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
