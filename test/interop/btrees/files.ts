// What is in a database file, as text to compare.

import { formatId, open } from '../../../src/main.ts';

/** All records of a file: one line each, with the number of its transaction. */
export function records(file: string): string[] {
  using db = open(file, { readOnly: true });
  const lines: string[] = [];
  let number = 0;
  for (const transaction of db.storage.iterate()) {
    for (const { oid, data } of transaction.records()) {
      const bytes = data === undefined ? '' : Buffer.from(data).toString('hex');
      lines.push(`${number} ${formatId(oid)} ${bytes}`);
    }
    number++;
  }
  return lines;
}
