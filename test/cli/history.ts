// A database whose dump shows everything that a dump can show: texts that need quotes, undone changes and additions, a
// packed transaction, records out of the order of their oids, an oid twice in one transaction, an empty transaction.

import { buildFile } from '../filestorage/build.ts';

const tid = (n: number): bigint => 0x0400_0000_0000_0000n + BigInt(n);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

const TEXTS = [
  utf8('quo"te sq\'uote back\\slash'),
  raw(0, 1, 7, 8, 9, 10, 11, 12, 13, 27, 127),
  utf8('é ж 日 € ½'),
  utf8('\u00a0 \u200b \u2028 \ufeff \u00ad a\u0301 \u0903 \u20dd'),
  utf8('\ue000 \ufffd \u{fffff} \u{10ffff} \u3000'),
  raw(0xff, 0xfe, 0x20, 0xc3),
  raw(0xc3, 0xa9, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x98),
  raw(0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xc0, 0x80),
  Uint8Array.from({ length: 128 }, (_, i) => i + 128),
];

/** Writes the database to `file`. */
export function writeHistory(file: string): void {
  buildFile(file, [
    { tid: tid(0), status: 'packed', description: 'initial', records: [{ oid: 0n, data: 'root' }] },
    {
      tid: tid(1),
      user: 'someone',
      description: 'adds, not in order',
      records: [
        { oid: 3n, data: 'three' },
        { oid: 1n, data: 'one\nof two lines\n' },
        { oid: 2n, data: raw(0, 255, 128, 10) },
      ],
    },
    { tid: tid(2), records: [{ oid: 1n, data: 'one again' }] },
    { tid: tid(3), description: 'undo 2', records: [{ oid: 1n, data: 1 }] },
    {
      tid: tid(4),
      description: 'undo 1',
      records: [
        { oid: 3n, data: null },
        { oid: 2n, data: null },
      ],
    },
    { tid: tid(5), description: 'undo 4', records: [{ oid: 3n, data: 1 }] },
    {
      tid: tid(6),
      description: 'an oid twice',
      records: [
        { oid: 5n, data: 'first' },
        { oid: 4n, data: 'between' },
        { oid: 5n, data: 'second' },
      ],
    },
    { tid: tid(7), description: 'an empty one' },
    { tid: tid(8), description: 'back to nothing', records: [{ oid: 2n, data: 4 }] },
    ...TEXTS.map((text, i) => ({
      tid: tid(16 + i),
      user: text,
      description: `texts ${i}`,
      extension: text,
    })),
  ]);
}
