import { expect } from 'chai';
import { openToRead, openToWrite, wikiOf } from '../../examples/wiki/database.ts';
import type { Page, Wiki } from '../../examples/wiki/model.ts';
import { Blob, type DB } from '../../src/main.ts';
import { verify } from '../../src/tools/index.ts';
import { testFolder } from '../filestorage/folder.ts';
import { peer } from './peers.ts';

const SCRIPT = 'wiki_use.py';

interface Shown {
  readonly edits: number;
  readonly pages: Readonly<Record<string, object>>;
}

describe('the database of the wiki', () => {
  const python = peer('zodb');
  const path = testFolder();
  const file = (): string => path('wiki.fs');
  const inPython = (args: readonly string[], input = ''): string =>
    python.run(SCRIPT, [file(), ...args], { input });

  const change = (note: string, fn: (wiki: Wiki, page: (title: string) => Page) => void) =>
    openToWrite(file()).then((opened) => {
      using db = opened;
      const run = (wiki: Wiki): void => fn(wiki, (title) => wiki.pages.get(title) as Page);
      db.transaction((connection) => run(wikiOf(connection)), { note });
    });

  /** What wiki_use.py shows. */
  function shown(db: DB): Shown {
    const wiki = wikiOf(db.open());
    for (const tree of [wiki.pages, wiki.words, wiki.links]) tree.check();
    const pages: Record<string, object> = {};
    for (const [title, page] of wiki.pages) {
      const history = db.history(page._p_oid as bigint, { limit: 99 });
      const containing = [...wiki.words].filter(([, titles]) => titles.has(title));
      pages[title] = {
        class: 'wiki.Page',
        text: page.text,
        author: page.author,
        attachments: Object.fromEntries(
          Array.from(page.attachments, ([name, blob]) => [name, blob.read('utf8')]),
        ),
        history: history.map(({ description }) => description),
        words: containing.map(([word]) => word),
        linked: [...(wiki.links.get(title) ?? [])],
      };
    }
    return { edits: wiki.edits.value, pages };
  }

  /** What both see, which is to be the same. */
  function seen(): Shown {
    using db = openToRead(file());
    const here = shown(db);
    expect(python.runJson<Shown>(SCRIPT, [file(), 'show'])).to.deep.equal(here);
    const { failed, different, problems } = verify(db.storage, { roundtrip: true });
    expect({ failed, different, problems }).to.deep.equal({
      failed: 0,
      different: 0,
      problems: [],
    });
    return here;
  }

  it('opens in Python with the classes of a small module, and Node goes on with what that changed', async () => {
    await change('edit Home', (wiki) => wiki.edit('Home', 'Welcome to the [[Zoo]], größer', 'ann'));
    await change('edit Zoo', (wiki) => wiki.edit('Zoo', 'llamas; [[Home]] 😀', 'bob'));
    await change('attach', (_wiki, page) => {
      page('Zoo').attachments.set('notes.txt', new Blob('of Node'));
      page('Zoo').author = 'cy';
    });
    const first = seen();
    expect(first.edits).to.equal(2);
    expect(first.pages['Zoo']).to.deep.equal({
      class: 'wiki.Page',
      text: 'llamas; [[Home]] 😀',
      author: 'cy',
      attachments: { 'notes.txt': 'of Node' },
      history: ['attach', 'edit Zoo'],
      words: ['home', 'llamas'],
      linked: ['Home'],
    });

    inPython(['edit', 'Home', 'dee'], 'Welcome to the [[Park]] and the [[Zoo]]');
    inPython(['edit', 'Park', 'dee'], 'trees of [[Home]]');
    inPython(['attach', 'Zoo', 'more.txt'], 'of Python');
    const second = seen();
    expect(second.edits).to.equal(4);
    expect(second.pages).to.have.keys('Home', 'Park', 'Zoo');
    expect(second.pages['Park']).to.include({ text: 'trees of [[Home]]', author: 'dee' });
    expect(second.pages['Zoo'])
      .to.have.property('attachments')
      .that.deep.equals({ 'more.txt': 'of Python', 'notes.txt': 'of Node' });

    await change('edit Park', (wiki) => wiki.edit('Park', 'ducks', 'ann'));
    expect(seen().pages['Park']).to.deep.include({ text: 'ducks', words: ['ducks'] });
    inPython(['undo']);
    expect(seen().pages['Park']).to.deep.include({ text: 'trees of [[Home]]' });
  });

  it('may begin in Python, and grow in both over what a bucket holds', async () => {
    inPython(['edit', 'Page 0', 'dee'], 'made in Python');
    await change('many', (wiki) => {
      for (let i = 0; i < 100; i++) wiki.edit(`Page ${i}`, `number${i} [[Page ${i + 1}]]`, 'ann');
    });
    inPython(['edit', 'Page 50', 'dee'], 'number51 changed');
    const { edits, pages } = seen();
    expect([edits, Object.keys(pages).length]).to.deep.equal([102, 100]);
    using db = openToRead(file());
    expect(wikiOf(db.open()).search('number51')).to.deep.equal(['Page 50', 'Page 51']);
  });
});
