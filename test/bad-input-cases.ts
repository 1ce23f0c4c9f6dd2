// What users and disks do wrong to a database with an array, as a table: what is done, which error it must be, and which
// of file, position and oid the error must name. Used without Python and, where Python judges the file afterwards, with it.

import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { ZBigArray } from '../src/bigarray/index.ts';
import { guard } from '../src/bigfile/index.ts';
import { FileStorage } from '../src/filestorage/index.ts';
import { dbclose, dbopen, transaction } from '../src/main.ts';
import type { Oid } from '../src/zodb/ids.ts';

export interface BadInput {
  readonly title: string;
  readonly code: string;
  /** Which fields the error must carry. */
  readonly names: readonly ('file' | 'position' | 'oid')[];
  /** Does it, and must throw; `file` is a copy of fixtures/tutorial. */
  readonly act: (file: string) => void;
  /** Whether the file was damaged on purpose, so that Python need not be able to read the array afterwards. */
  readonly damaged?: boolean;
}

/** Opens the file, hands out its array, and closes everything whatever happens. */
function withArray(file: string, fn: (A: ZBigArray<'int64'>) => void, readOnly = false): void {
  const root = dbopen(file, { readOnly });
  try {
    fn(root.get('A') as ZBigArray<'int64'>);
  } finally {
    dbclose(root, { discard: true });
  }
}

/** Where the newest record of an object stands. */
function positionOf(file: string, oid: bigint): number {
  const storage = new FileStorage(file, { readOnly: true });
  try {
    let position = 0;
    for (const entry of storage.iterate()) {
      for (const record of entry.records()) {
        if (record.oid === oid) position = record.position as number;
      }
    }
    return position;
  } finally {
    storage.close();
  }
}

/** The oid of the block that the array's data are in. */
function blockOid(file: string): Oid {
  let oid: Oid | undefined;
  withArray(
    file,
    (A) => {
      oid = A.zfile.blockOid(0);
    },
    true,
  );
  return oid as Oid;
}

function overwrite(file: string, position: number, bytes: Uint8Array): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, position);
  closeSync(fd);
}

export const badInputs: readonly BadInput[] = [
  {
    title: 'a file that is no database',
    code: 'FORMAT',
    names: ['file'],
    damaged: true,
    act: (file) => {
      writeFileSync(file, 'This is a letter, and no database at all.\n');
      dbopen(file);
    },
  },
  {
    title: 'a file of three bytes',
    code: 'FORMAT',
    names: ['file'],
    damaged: true,
    act: (file) => {
      truncateSync(file, 3);
      dbopen(file);
    },
  },
  {
    title: 'a record whose header was overwritten',
    code: 'CORRUPTED',
    names: ['file', 'position', 'oid'],
    damaged: true,
    act: (file) => {
      // An index that is there is trusted, so the damage is met when the record is read.
      dbclose(dbopen(file));
      overwrite(file, positionOf(file, 1n), new Uint8Array(8).fill(0x5a));
      withArray(file, (A) => void A.shape, true);
    },
  },
  {
    title: 'a record that is cut in the middle of its pickle',
    code: 'STATE_LOAD',
    names: ['file', 'oid'],
    damaged: true,
    act: (file) => {
      const position = positionOf(file, 1n);
      const bytes = readFileSync(file).subarray(position + 42, position + 42 + 400);
      const stop = bytes.indexOf('zfile');
      // From here on the record is a long string that its end cuts off.
      overwrite(file, position + 42 + stop - 5, Uint8Array.of(0x58, 0xff, 0xff, 0, 0));
      withArray(file, (A) => void A.shape, true);
    },
  },
  {
    title: 'a block whose object is missing',
    code: 'BLOCK_LOAD',
    names: ['file', 'oid'],
    damaged: true,
    act: (file) => {
      // The table of blocks names another object, which does not exist: `C`, 8, oid.
      const name = `4308${blockOid(file).toString(16).padStart(16, '0')}`;
      const at = readFileSync(file).indexOf(Buffer.from(name, 'hex'));
      overwrite(file, at + 2, new Uint8Array(8).fill(0x7a));
      withArray(file, (A) => void guard(() => A.view().data[0]), true);
    },
  },
  {
    title: 'a dtype that does not exist',
    code: 'DTYPE',
    names: [],
    act: () => void new ZBigArray([10], 'int65'),
  },
  {
    title: 'a dtype of Python objects',
    code: 'DTYPE',
    names: [],
    act: () => void new ZBigArray([10], 'O'),
  },
  {
    title: 'an append of another shape',
    code: 'SHAPE',
    names: [],
    act: (file) =>
      withArray(file, (A) => {
        A.append([
          [1n, 2n],
          [3n, 4n],
        ] as never);
      }),
  },
  {
    title: 'an append of values that are no numbers',
    code: 'ELEMENT_VALUE',
    names: [],
    act: (file) => withArray(file, (A) => A.append(['one', 'two'] as never)),
  },
  {
    title: 'an index beyond the end',
    code: 'INDEX',
    names: [],
    act: (file) => withArray(file, (A) => void A.view([10])),
  },
  {
    title: 'an index beyond the beginning',
    code: 'INDEX',
    names: [],
    act: (file) => withArray(file, (A) => void A.view([-11])),
  },
  {
    title: 'a write to a database opened for reading',
    code: 'READ_ONLY',
    names: ['file'],
    act: (file) =>
      withArray(
        file,
        (A) => {
          A.view().data[0] = 5n;
          transaction.commit();
        },
        true,
      ),
  },
  {
    title: 'a new object in a database opened for reading',
    code: 'READ_ONLY',
    names: ['file'],
    act: (file) => {
      const root = dbopen(file, { readOnly: true });
      try {
        root.set('x', 1);
      } finally {
        dbclose(root, { discard: true });
      }
    },
  },
  {
    title: 'an object whose class has no Python name',
    code: 'INVALID_OBJECT',
    names: [],
    act: (file) => {
      const root = dbopen(file);
      try {
        class Nameless extends ZBigArray {}
        root.set('x', new Nameless([3], 'int64'));
        transaction.commit();
      } finally {
        dbclose(root, { discard: true });
      }
    },
  },
  {
    title: 'a second writer',
    code: 'LOCK',
    names: ['file'],
    act: (file) => {
      const root = dbopen(file);
      try {
        dbopen(file);
      } finally {
        dbclose(root);
      }
    },
  },
];

/** The tail of the last transaction torn off: what a crash leaves. Returns how many bytes are gone. */
export function tearTail(file: string, bytes: number): void {
  const size = readFileSync(file).length;
  const fd = openSync(file, 'r+');
  ftruncateSync(fd, size - bytes);
  closeSync(fd);
}
