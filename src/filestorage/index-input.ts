// An index file whose bytes are read when they are needed: opening a large database needs few of them.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CorruptedDataError } from '../zodb/errors.ts';
import type { IndexInput } from './index-buckets.ts';

/** Opens an index file, to be read piece by piece into memory that other threads can see, too. Throws what the system says. */
export function openIndexInput(file: string): IndexInput {
  const fd = openSync(file, 'r');
  let open = true;
  const bytes = new Uint8Array(new SharedArrayBuffer(fstatSync(fd).size));
  return {
    bytes,
    fill(start, end) {
      for (let done = start; done < end; ) {
        const read = open ? readSync(fd, bytes, done, end - done, done) : 0;
        if (read === 0)
          throw new CorruptedDataError('the index file became shorter while it was in use', {
            file,
            position: done,
          });
        done += read;
      }
    },
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}
