import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { FileStorage, openShared } from '../../src/filestorage/index.ts';
import { type Oid, type Tid, ZERO_TID } from '../../src/zodb/ids.ts';
import { testFolder } from './folder.ts';

describe('a FileStorage that is shared with another thread', () => {
  const path = testFolder();

  it('is read there through the same index, also after later commits', async function () {
    this.timeout(60_000);
    using storage = new FileStorage(path('Data.fs'));
    const first = put(storage, [[1n, 'first']]);
    const worker = new Worker(new URL('shared-worker.mjs', import.meta.url), {
      workerData: storage.share(),
    });
    const ask = async (oid: bigint, before?: bigint): Promise<unknown> => {
      worker.postMessage([oid, before]);
      const [answer] = await once(worker, 'message');
      return answer?.data === undefined ? answer : [text(answer.data), answer.tid, answer.next];
    };
    try {
      expect(await ask(1n)).to.deep.equal(['first', first, undefined]);
      const second = put(storage, [
        [1n, 'second'],
        [2n, 'new'],
      ]);
      expect(await ask(1n)).to.deep.equal(['second', second, undefined]);
      expect(await ask(1n, second)).to.deep.equal(['first', first, second]);
      expect(await ask(2n)).to.deep.equal(['new', second, undefined]);
      expect(await ask(2n, second)).to.equal(undefined);
      expect(await ask(3n)).to.equal('POS_KEY');
    } finally {
      await worker.terminate();
    }
  });

  it('is read there although its index has moved to larger memory', () => {
    using storage = new FileStorage(path('Data.fs'));
    put(storage, [[1n, 'first']]);
    const reader = openShared(structuredClone(storage.share()));
    try {
      for (let round = 0; round < 6; round++) {
        put(
          storage,
          Array.from({ length: 400 }, (_, i) => [BigInt(i), `round ${round}, ${i}`]),
        );
        put(
          storage,
          Array.from({ length: 100 }, (_, i) => [BigInt(1000 + round * 100 + i), 'x']),
        );
        for (let i = 0; i < 400; i += 13)
          expect(text(reader.load(BigInt(i) as Oid)?.data)).to.equal(`round ${round}, ${i}`);
        expect(text(reader.load(BigInt(1099 + round * 100) as Oid)?.data)).to.equal('x');
      }
    } finally {
      reader.close();
    }
  });

  it('gives the place of data, to be read straight into memory', () => {
    using storage = new FileStorage(path('Data.fs'));
    const data = Uint8Array.from({ length: 10_000 }, (_, i) => i);
    put(storage, [[1n, data]]);
    const reader = openShared(storage.share());
    for (const source of [storage, reader]) {
      const place = source.locate(1n as Oid);
      expect(place).to.include({ length: 10_000 });
      const target = new Uint8Array(100);
      source.readAt((place?.position as number) + 50, target);
      expect(target).to.deep.equal(data.subarray(50, 150));
    }
    reader.close();
  });
});

describe('a FileStorage opened for reading while another one writes', () => {
  const path = testFolder();

  it('stays at its moment until sync, and then tells what was committed', () => {
    using writer = new FileStorage(path('Data.fs'));
    const first = put(writer, [[1n, 'first']]);
    using reader = new FileStorage(path('Data.fs'), { readOnly: true });
    const heard: unknown[] = [];
    reader.onInvalidate((tid, oids) => {
      expect(text(reader.load(1n as Oid)?.data)).to.equal('first');
      heard.push([tid, [...oids]]);
    });
    const second = put(writer, [
      [1n, 'second'],
      [2n, 'new'],
    ]);
    const third = put(writer, [[3n, 'third']]);
    expect(reader.lastTransaction()).to.equal(first);
    expect(() => reader.load(2n as Oid))
      .to.throw()
      .with.property('code', 'POS_KEY');
    reader.sync();
    expect(heard).to.deep.equal([
      [second, [1n, 2n]],
      [third, [3n]],
    ]);
    expect(reader.lastTransaction()).to.equal(third);
    expect(text(reader.load(1n as Oid)?.data)).to.equal('second');
    expect(text(reader.load(1n as Oid, second)?.data)).to.equal('first');
    expect(reader.size()).to.equal(writer.size());
    reader.sync();
    expect(heard).to.have.length(2);
  });

  it('does not see a transaction that is voted, and sees it when it is finished', () => {
    using writer = new FileStorage(path('Data.fs'));
    put(writer, [[1n, 'first']]);
    using reader = new FileStorage(path('Data.fs'), { readOnly: true });
    const transaction = writer.begin({});
    transaction.store(2n as Oid, ZERO_TID, new Uint8Array(100_000));
    transaction.vote();
    reader.sync();
    expect(reader.length()).to.equal(1);
    transaction.finish();
    reader.sync();
    expect(reader.length()).to.equal(2);
  });

  it('goes on in the file that takes its place, as after a pack, also in another thread', () => {
    const file = path('Data.fs');
    {
      using writer = new FileStorage(file);
      put(writer, [[1n, 'first']]);
      put(writer, [[1n, 'second']]);
    }
    using reader = new FileStorage(file, { readOnly: true });
    const shared = openShared(reader.share());
    expect(text(shared.load(1n as Oid)?.data)).to.equal('second');
    {
      using writer = new FileStorage(path('other.fs'));
      put(writer, [[7n, 'filling']]);
      put(writer, [[1n, 'second']]);
      put(writer, [
        [1n, 'third'],
        [2n, 'new'],
      ]);
    }
    renameSync(path('other.fs'), file);
    expect(text(reader.load(1n as Oid)?.data)).to.equal('second');
    reader.sync();
    for (const source of [reader, shared]) {
      expect(text(source.load(1n as Oid)?.data)).to.equal('third');
      expect(text(source.load(2n as Oid)?.data)).to.equal('new');
    }
    using writer = new FileStorage(file);
    put(writer, [[2n, 'newer']]);
    reader.sync();
    expect(text(shared.load(2n as Oid)?.data)).to.equal('newer');
    shared.close();
  });
});

function put(
  storage: FileStorage,
  records: readonly (readonly [bigint, string | Uint8Array])[],
): Tid {
  const transaction = storage.begin({});
  for (const [oid, data] of records) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    transaction.store(oid as Oid, serialOf(storage, oid as Oid), bytes);
  }
  transaction.vote();
  return transaction.finish();
}

function serialOf(storage: FileStorage, oid: Oid): Tid {
  try {
    return storage.getTid(oid);
  } catch {
    return ZERO_TID;
  }
}

function text(data: Uint8Array | undefined): string | undefined {
  return data && new TextDecoder().decode(data);
}
