// Writes or scans an array of blocks under a budget, in a process of its own so that its memory can be measured.
//
//     scan-child.ts write FILE BLOCKS     an array of that many full blocks, 64 a transaction
//     scan-child.ts scan FILE BUDGET      prints the sum, the peak of resident memory in bytes, and loads of blocks

import { peakMemory } from '../../examples/peak-memory.ts';
import { configure, stats, sum, ZBigArray } from '../../src/bigarray/index.ts';
import { BLOCK_SIZE } from '../../src/bigfile/index.ts';
import { dbclose, dbopen, transaction } from '../../src/main.ts';

const [role, file, number] = process.argv.slice(2) as [string, string, string];
const PER_BLOCK = BLOCK_SIZE / 8;

if (role === 'write') {
  const root = dbopen(file, { fsync: false });
  const A = new ZBigArray([0], 'float64');
  root.set('A', A);
  transaction.commit();
  const values = new Float64Array(PER_BLOCK * 64).fill(0.5);
  for (let left = Number(number); left > 0; left -= 64) {
    A.append(left < 64 ? values.subarray(0, left * PER_BLOCK) : values);
    transaction.commit();
  }
  dbclose(root);
} else {
  configure({ budget: Number(number) });
  const before = stats().loads ?? 0;
  const root = dbopen(file, { readOnly: true });
  const total = sum(root.get('A') as ZBigArray<'float64'>);
  const loads = (stats().loads ?? 0) - before;
  console.log(`${total} ${peakMemory()} ${loads}`);
  dbclose(root);
}
