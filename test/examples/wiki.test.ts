import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openToWrite, wikiOf } from '../../examples/wiki/database.ts';
import { EditConflict } from '../../examples/wiki/model.ts';
import { runWiki } from '../../examples/wiki/wiki.ts';
import { ConflictError, type Connection, TransactionManager } from '../../src/main.ts';
import { testFolder } from '../filestorage/folder.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

class Collector extends Writable {
  readonly pieces: Buffer[] = [];

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(piece);
    done();
  }

  override toString(): string {
    return Buffer.concat(this.pieces).toString();
  }
}

describe('the wiki', () => {
  const path = testFolder();

  /** Runs a command in this process. */
  async function wiki(args: readonly string[], input = ''): Promise<Ran> {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const streams = { stdin: Readable.from([input]), stdout, stderr };
    const code = await runWiki([path('wiki.fs'), ...args], streams);
    return { code, out: String(stdout), err: String(stderr) };
  }

  /** Runs it, and expects that it does what it is told. */
  async function done(args: readonly string[], input = ''): Promise<string> {
    const { code, out, err } = await wiki(args, input);
    expect([code, err]).to.deep.equal([0, '']);
    return out;
  }

  const edit = (title: string, words: string, user = 'ann'): Promise<string> =>
    done(['edit', title, '--user', user], words);

  const versionOf = async (title: string): Promise<string> =>
    /version (\w{16})/.exec(await done(['show', title]))?.[1] as string;

  /** Runs it in a process of its own. */
  function inAnotherProcess(args: readonly string[]): ChildProcessWithoutNullStreams {
    const program = fileURLToPath(new URL('../../examples/wiki/wiki.ts', import.meta.url));
    return spawn(process.execPath, ['--import', 'tsx', program, path('wiki.fs'), ...args]);
  }

  it('shows a page as it is, where it links to and from, and as it was', async () => {
    await edit('Home', 'Welcome to the [[Zoo]] and the [[Park]].');
    await edit('Zoo', 'Back [[Home]].', 'bob');
    const version = await versionOf('Home');
    await edit('Home', 'Only the [[Zoo]].', 'bob');
    expect((await done(['show', 'Home'])).replace(/version \w+/, 'version')).to.equal(
      'Home, version by bob\n  links to Zoo\n  linked from Zoo\n\nOnly the [[Zoo]].\n',
    );
    expect(await done(['show', 'Home', '--at', version])).to.equal(
      `Home, version ${version} by ann\n  links to Zoo (missing)\n  links to Park (missing)\n\nWelcome to the [[Zoo]] and the [[Park]].\n`,
    );
    expect(await done(['list'])).to.equal('Home\nZoo\n2 pages, 3 edits\n');
  });

  it('finds pages by all of several words, and by how words begin', async () => {
    await edit('Bread', 'Flour, water, salt');
    await edit('Brine', 'Water and SALT');
    await edit('Dough', 'flour and water; größe');
    for (const [query, found] of [
      ['water', 'Bread Brine Dough'],
      ['water salt', 'Bread Brine'],
      ['Salt flour', 'Bread'],
      ['fl*', 'Bread Dough'],
      ['s* flour', 'Bread'],
      ['GRÖSSE', ''],
      ['GRÖßE', 'Dough'],
      ['wat', ''],
      ['sugar', ''],
      ['--', ''],
    ] as const)
      expect((await done(['search', '--', query])).trim().split('\n').join(' ')).to.equal(found);
    await edit('Brine', 'vinegar');
    expect(await done(['search', 'salt'])).to.equal('Bread\n');
  });

  it('keeps attachments', async () => {
    const data = 'x'.repeat(200_000);
    writeFileSync(path('data.txt'), data);
    await edit('Home', 'see the attachment');
    await done(['attach', 'Home', path('data.txt')]);
    expect(await done(['show', 'Home'])).to.contain('  has data.txt, 200000 bytes\n');
    expect((await done(['attachment', 'Home', 'data.txt'])) === data).to.equal(true);
    expect(await wiki(['attachment', 'Home', 'other.txt'])).to.include({ code: 1 });
  });

  it('shows who changed a page, and undoes the last change with all that came with it', async () => {
    writeFileSync(path('data.txt'), 'data');
    await edit('Home', 'one');
    await edit('Home', 'two', 'bob');
    await edit('Other', 'three');
    await done(['attach', 'Home', path('data.txt'), '--user', 'cy']);
    const said = (out: string): string[] =>
      out.match(/Z {2}.*/g)?.map((each) => each.slice(3)) ?? [];
    expect(said(await done(['history', 'Home']))).to.deep.equal([
      'cy  attach data.txt to Home',
      'bob  edit Home',
      'ann  edit Home',
    ]);
    expect(await done(['undo', 'Home'])).to.equal('undone: attach data.txt to Home\n');
    expect(await done(['show', 'Home'])).not.to.contain('data.txt');
    expect(said(await done(['history', 'Home', '--count', '1', '--user', 'dee']))[0]).to.contain(
      'undo attach data.txt to Home',
    );
    expect(await done(['search', 'two'])).to.equal('Home\n');
  });

  it('says that a change cannot be undone where others go on from it', async () => {
    await edit('Home', 'a new word');
    await edit('Other', 'this word is known');
    expect(await wiki(['undo', 'Home'])).to.deep.equal({
      code: 1,
      out: '',
      err: 'later edits changed the same words: edit the page instead\n',
    });
  });

  it('refuses a text for another version than its editor has seen', async () => {
    await edit('Home', 'one');
    const seen = await versionOf('Home');
    await edit('Home', 'two', 'bob');
    const { code, err } = await wiki(['edit', 'Home', '--seen', seen], 'three');
    expect([code, err]).to.deep.equal([
      1,
      'Home was changed by bob after you looked: show it, put both texts together, and edit again\n',
    ]);
    expect(await done(['show', 'Home'])).to.contain('\ntwo\n');
    await done(['edit', 'Home', '--seen', await versionOf('Home')], 'two and three');
    expect(await done(['show', 'Home'])).to.contain('two and three');
  });

  it('says what is wrong with a call', async () => {
    expect(await wiki(['list'])).to.include({
      code: 1,
      err: 'there is no wiki yet: edit makes one\n',
    });
    await edit('Home', 'one');
    expect(await wiki(['show', 'Away'])).to.include({ code: 1, err: 'there is no page Away\n' });
    expect(await wiki(['edit'])).to.include({ code: 1, err: 'PAGE is missing\n' });
    expect((await wiki(['show', 'Home', '--at', 'noon'])).err).to.match(/^tid must be .*"noon"\n/);
    expect(await wiki(['toString'])).to.include({ code: 2 });
    expect((await wiki([])).err)
      .to.contain('usage:')
      .and.to.contain('undo PAGE');
  });

  it('imports files at the same time; of two with one title the second is refused', async () => {
    const files: string[] = [];
    for (let i = 0; i < 20; i++) {
      files.push(path(`Page${i}.txt`));
      writeFileSync(path(`Page${i}.txt`), `page ${i} of the same words, as [[Page${i + 1}]]`);
    }
    writeFileSync(path('Page7.md'), 'another page of the same words');
    const { code, out, err } = await wiki(['import', ...files, path('Page7.md')]);
    expect([code, out.match(/is imported/g)?.length]).to.deep.equal([1, 20]);
    expect(err).to.match(/^Page7 was made by .* after you looked/);
    expect(await done(['list'])).to.contain('20 pages, 20 edits');
    expect((await done(['search', 'same words'])).split('\n')).to.have.length(21);
  });

  describe('with two editors at once', () => {
    /** Two connections with a transaction of their own each, as two requests to a server have. */
    async function twoEditors(work: (one: Connection, other: Connection) => void): Promise<void> {
      await edit('Home', 'one', 'ann');
      await edit('Zoo', 'two', 'ann');
      using db = await openToWrite(path('wiki.fs'));
      const connect = (): Connection => db.open({ transactionManager: new TransactionManager() });
      using one = connect();
      using other = connect();
      work(one, other);
    }

    it('takes edits of different pages: what both counted and indexed is merged', async () => {
      await twoEditors((one, other) => {
        wikiOf(one).edit('Home', 'one fox', 'ann');
        wikiOf(other).edit('Zoo', 'two geese', 'bob');
        const before = one.db.lastTransaction();
        one.transactionManager.commit();
        other.transactionManager.commit();
        expect(other.db.undoLog({ filter: ({ tid }) => tid > before })).to.have.length(2);
      });
      expect(await done(['list'])).to.equal('Home\nZoo\n2 pages, 4 edits\n');
      expect(await done(['search', 'fox'])).to.equal('Home\n');
      expect(await done(['search', 'geese'])).to.equal('Zoo\n');
    });

    it('refuses the second edit of one page, and loses neither text', async () => {
      await twoEditors((one, other) => {
        const [mine, theirs] = [wikiOf(one).edit('Home', 'one, mine', 'ann'), wikiOf(other)];
        const seen = theirs.pages.get('Home')!.version;
        theirs.edit('Home', 'one, theirs', 'bob', seen);
        one.transactionManager.commit();
        expect(() => other.transactionManager.commit())
          .to.throw(ConflictError)
          .with.property('oid', mine._p_oid);
        other.transactionManager.abort();
        expect(() => theirs.edit('Home', 'one, theirs', 'bob', seen)).to.throw(
          EditConflict,
          'Home was changed by ann',
        );
      });
      expect(await done(['show', 'Home'])).to.contain('mine');
    });
  });

  it('is followed by another process, and a second writer waits for the first', async () => {
    await edit('Home', 'one');
    const watcher = inAnotherProcess(['watch', '--count', '2']);
    let watched = '';
    watcher.stdout.on('data', (piece) => {
      watched += piece;
    });
    const ended = Promise.all([once(watcher, 'close'), text(watcher.stderr)]);
    await once(watcher.stdout, 'data');
    await edit('Home', 'two', 'bob');

    const db = await openToWrite(path('wiki.fs'));
    const writer = inAnotherProcess(['edit', 'Zoo', '--user', 'cy']);
    writer.stdin.end('a llama');
    const written = text(writer.stdout);
    await sleep(1500);
    expect(writer.exitCode).to.equal(null);
    db.close();
    expect(await written).to.equal('Zoo is saved\n');
    const [[code], errors] = await ended;
    expect([code, errors]).to.deep.equal([0, '']);
    expect(watched.match(/Z {2}.*/g)).to.deep.equal(['Z  bob  edit Home', 'Z  cy  edit Zoo']);
  });

  it('tells a writer that has waited in vain', async () => {
    using db = await openToWrite(path('wiki.fs'));
    expect(db.storage.readOnly).to.equal(false);
    let refused: unknown;
    await openToWrite(path('wiki.fs'), 100).catch((error) => {
      refused = error;
    });
    expect(refused).to.have.property('code', 'LOCK');
  });
});
