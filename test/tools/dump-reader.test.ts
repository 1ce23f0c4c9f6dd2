import { expect } from 'chai';
import { isZodbError } from '../../src/errors.ts';
import { FileStorage } from '../../src/filestorage/index.ts';
import { MappingStorage } from '../../src/memory/index.ts';
import {
  commitDump,
  type DumpedRecord,
  dump,
  firstDifference,
  quote,
  readDump,
  unquote,
} from '../../src/tools/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import { writeHistory } from '../cli/history.ts';
import { testFolder } from '../filestorage/folder.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const HEAD = 'txn 0400000000000001 " "\nuser "a"\ndescription ""\nextension ""\n';
const ZZZZ = 'obj 0000000000000001 4 null:00\nZZZZ\n';

describe('unquote', () => {
  it('reads back what quote writes, whatever the bytes', () => {
    const all = Uint8Array.from({ length: 512 }, (_, i) => (i < 256 ? i : i * 7));
    for (const text of [all, bytes(''), bytes('é'), Buffer.from('日 € "\\\n')])
      expect(Buffer.from(unquote(Buffer.from(quote(text))))).to.deep.equal(Buffer.from(text));
  });

  for (const [text, result] of [
    ['"\\a\\b\\t\\n\\v\\f\\r\\\'\\"\\\\"', '\x07\b\t\n\v\f\r\'"\\'],
    ['"\\u20ac\\U0001F600"', Buffer.from('€😀').toString('latin1')],
  ] as const)
    it(`reads ${text}`, () => {
      expect(Buffer.from(unquote(bytes(text))).toString('latin1')).to.equal(result);
    });

  for (const text of [
    '',
    '"',
    'a',
    '"a',
    '"a"b"',
    '"\\"',
    '"\\q"',
    '"\\x1"',
    '"\\xg0"',
    '"\\U00110000"',
  ])
    it(`refuses ${text}`, () => {
      expect(() => unquote(bytes(text)))
        .to.throw()
        .with.property('code', 'ARGUMENT');
    });
});

describe('readDump', () => {
  const path = testFolder();

  for (const size of [1, 7, 65_536])
    it(`reads what dump writes, in pieces of ${size} bytes`, async () => {
      writeHistory(path('history.fs'));
      const storage = new FileStorage(path('history.fs'), { readOnly: true });
      const text = Buffer.concat([...dump(storage)].map((piece) => Buffer.from(piece)));
      const read: unknown[] = [];
      for await (const transaction of readDump(cut(text, size))) {
        const { records, ...head } = transaction;
        const found: DumpedRecord[] = [];
        for await (const record of records()) found.push(record);
        read.push([head, found]);
      }
      // Of U+FFFD only the first byte is dumped, as by zodbtools.
      const dumped = (text: Uint8Array) => unquote(Buffer.from(quote(text)));
      const expected = [...storage.iterate()].map((transaction) => [
        {
          tid: transaction.tid,
          status: transaction.status,
          user: dumped(transaction.user),
          description: dumped(transaction.description),
          extension: dumped(transaction.extension),
        },
        [...transaction.records()]
          .sort((a, b) => Number(a.oid - b.oid))
          .map(({ oid, data, dataTid }) =>
            data === undefined
              ? { oid, kind: 'delete' }
              : dataTid !== undefined
                ? { oid, kind: 'copy', from: dataTid }
                : { oid, kind: 'data', data },
          ),
      ]);
      storage.close();
      expect(plain(read)).to.deep.equal(plain(expected));
    });

  it('skips records that nobody reads', async () => {
    const tids: Tid[] = [];
    for await (const { tid } of readDump([bytes(`${HEAD}${ZZZZ}\n${HEAD}\n`)])) tids.push(tid);
    expect(tids).to.have.length(2);
  });

  for (const [hash, digest] of [
    ['null', '00'],
    ['adler32', '03880169'],
    ['crc32', '2f359688'],
    ['sha1', '9865d483bc5a94f2e30056fc256ed3066af54d04'],
  ] as const)
    it(`compares the hash ${hash}`, async () => {
      const text = (data: string) => `${HEAD}obj 0000000000000001 4 ${hash}:${digest}\n${data}\n\n`;
      expect(await failureOf(text('ZZZZ'))).to.equal(undefined);
      if (hash !== 'null')
        expect((await failureOf(text('ZZZY')))?.message).to.include(`${hash} is`);
    });

  for (const [title, text, line, message] of [
    ['no dump', 'hello\n', 1, /no transaction begins/],
    ['a missing text', 'txn 0400000000000001 " "\nuser "a"\nextension ""\n', 3, /no description/],
    ['a text that is not quoted', HEAD.replace('"a"', 'a'), 2, /double quotes/],
    ['an end within a transaction', HEAD, 4, /no end/],
    ['something else than an object', `${HEAD}hello\n`, 5, /no object/],
    ['a short oid', `${HEAD}obj 01 delete\n`, 5, /no object/],
    ['an unknown hash', `${HEAD}obj 0000000000000001 1 md4:00\nZ\n`, 6, /unknown hash md4/],
    ['an end within data', `${HEAD}obj 0000000000000001 9 null:00\nZZZZ`, 5, /5 bytes too early/],
    ['data without a line end', `${HEAD}obj 0000000000000001 3 null:00\nZZZZ\n`, 5, /no line end/],
    [
      'data that are not those of the hash',
      `${HEAD}obj 0000000000000001 4 sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709\nZZ\nZ\n`,
      7,
      /damaged/,
    ],
  ] as const)
    it(`refuses ${title}, and names the line`, async () => {
      const failure = await failureOf(text);
      expect(isZodbError(failure, 'DUMP')).to.equal(true);
      expect(failure?.message).to.match(message);
      expect((failure as { line?: number }).line).to.equal(line);
    });
});

describe('commitDump', () => {
  it('commits nothing where something stands behind the transaction', async () => {
    const storage = new MappingStorage();
    const text = `${HEAD.slice(HEAD.indexOf('\n') + 1)}${ZZZZ}\nmore\n`;
    let failure: unknown;
    await commitDump(storage, ZERO_TID, pieces(text)).catch((error) => {
      failure = error;
    });
    expect(isZodbError(failure, 'DUMP')).to.equal(true);
    expect(storage.length()).to.equal(0);
    storage.close();
  });
});

describe('firstDifference', () => {
  function storageOf(...transactions: [tid: number, note: string, data: string][]): MappingStorage {
    const storage = new MappingStorage();
    for (const [number, description, data] of transactions) {
      const transaction = storage.begin(
        { description },
        ((0x0400n << 48n) | BigInt(number)) as Tid,
      );
      transaction.store(BigInt(number) as Oid, ZERO_TID, bytes(data));
      transaction.vote();
      transaction.finish();
    }
    return storage;
  }
  const one = storageOf([1, 'a', 'x'], [2, 'b', 'y']);

  for (const [title, other, expected] of [
    ['the same', storageOf([1, 'a', 'x'], [2, 'b', 'y']), undefined],
    [
      'one less',
      storageOf([1, 'a', 'x']),
      'tid 0400000000000002 present in stor1 but not in stor2',
    ],
    [
      'another',
      storageOf([1, 'a', 'x'], [3, 'b', 'y']),
      'tid 0400000000000002 present in stor1 but not in stor2',
    ],
    [
      'a note',
      storageOf([1, 'a', 'x'], [2, 'c', 'y']),
      'transaction 0400000000000002 is different',
    ],
    ['data', storageOf([1, 'a', 'z'], [2, 'b', 'y']), 'transaction 0400000000000001 is different'],
  ] as const)
    it(`tells ${title}`, () => {
      expect(firstDifference(one, other)).to.equal(expected);
      expect(firstDifference(other, one)).to.equal(
        expected?.includes('present')
          ? expected.replace('stor1', 'x').replace('stor2', 'stor1').replace('x', 'stor2')
          : expected,
      );
    });

  it('looks at a range only', () => {
    const other = storageOf([1, 'a', 'z'], [2, 'b', 'y']);
    expect(
      firstDifference(one, other, { range: { start: 0x0400_0000_0000_0002n as Tid } }),
    ).to.equal(undefined);
  });
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield bytes(text);
}

function* cut(text: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
}

async function failureOf(text: string): Promise<Error | undefined> {
  try {
    for await (const transaction of readDump(pieces(text)))
      for await (const _ of transaction.records());
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

/** Comparable without regard to who owns the bytes. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part) =>
      typeof part === 'bigint'
        ? `${part}`
        : part instanceof Uint8Array || part?.type === 'Buffer'
          ? Buffer.from(part.data ?? part).toString('hex')
          : part,
    ),
  );
}
