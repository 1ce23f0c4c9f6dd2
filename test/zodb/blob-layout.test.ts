import { expect } from 'chai';
import fc from 'fast-check';
import { type BlobLayout, blobFileName, readBlobFileName } from '../../src/zodb/blob-layout.ts';
import type { Oid, Tid } from '../../src/zodb/ids.ts';

const TID = 0x0388dd1122334455n as Tid;

// Paths that Python's FilesystemHelper gives.
const names: readonly (readonly [BlobLayout, bigint, bigint, string])[] = [
  ['bushy', 0x123456n, TID, '0x00/0x00/0x00/0x00/0x00/0x12/0x34/0x56/0x0388dd1122334455.blob'],
  ['bushy', 0n, 5n, '0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x05.blob'],
  ['lawn', 0x123456n, TID, '0x123456/0x0388dd1122334455.blob'],
  ['lawn', 0xabcn, 0x100n, '0x0abc/0x0100.blob'],
  ['lawn', 0n, 0n, '0x00/0x00.blob'],
];

const noNames: readonly (readonly [BlobLayout, string])[] = [
  ['bushy', '0x123456/0x0388dd1122334455.blob'],
  ['lawn', '0x00/0x00/0x00/0x00/0x00/0x12/0x34/0x56/0x0388dd1122334455.blob'],
  ['lawn', '0x123456/0x0388dd1122334455.spb'],
  ['lawn', '0x0123456/0x05.blob'],
  ['lawn', 'tmp/BUC12345678'],
  ['lawn', 'zz/0x05.blob'],
  ['lawn', '0x0x12/0x05.blob'],
  ['lawn', '0x12/0x123456789012345678.blob'],
  ['lawn', '/0x05.blob'],
  ['lawn', ''],
];

describe('the names of blob files', () => {
  for (const [layout, oid, tid, name] of names)
    it(`are Python's: ${name}`, () => {
      expect(blobFileName(layout, oid as Oid, tid as Tid)).to.equal(name);
    });

  for (const layout of ['bushy', 'lawn'] as const)
    it(`of layout ${layout} can be read back`, () => {
      const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
      fc.assert(
        fc.property(id, id, (oid, tid) => {
          const name = blobFileName(layout, oid as Oid, tid as Tid);
          expect(readBlobFileName(layout, name)).to.deep.equal({ oid, tid });
        }),
      );
    });

  for (const [layout, name] of noNames)
    it(`are told from others: ${layout} ${name}`, () => {
      expect(readBlobFileName(layout, name)).to.equal(undefined);
    });
});
