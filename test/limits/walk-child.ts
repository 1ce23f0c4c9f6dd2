// Walks over all objects of a database in one synchronous job. Run with a small heap: it must not grow with the walk.
//
//     walk-child.ts FILE COUNT     prints the sum of one attribute, and the most objects that were loaded at once

import { open } from '../../src/main.ts';

const [file, count] = process.argv.slice(2) as [string, string];
const db = open(file, { readOnly: true, cacheSize: 2000 });
const connection = db.open();
let sum = 0;
let most = 0;
for (let i = 1; i <= Number(count); i++) {
  const object = connection.get(BigInt(i)) as unknown as Record<string, unknown>;
  sum += object['number'] as number;
  if (i % 10_000 === 0) most = Math.max(most, connection.cache.loadedCount);
}
console.log(`${sum} ${most}`);
db.close();
