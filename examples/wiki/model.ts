// What the wiki keeps: pages, and the indexes that find them. Python has the same classes as `wiki.Page` and `wiki.Wiki`.
// In a project of your own the imports are from 'zodb' and 'zodb/btrees'.

import {
  intersection,
  Length,
  OOBTree,
  OOSet,
  OOTreeSet,
  type SortedSet,
  union,
} from '../../src/btrees/index.ts';
import { type Blob, Persistent, registerClass, type Tid } from '../../src/main.ts';

/** A page. Its constructor runs without arguments when a page is loaded: then only the defaults count. */
export class Page extends Persistent {
  title: string;
  text = '';
  author = '';
  readonly attachments: OOBTree<string, Blob> = new OOBTree();

  constructor(title = '') {
    super();
    this.title = title;
  }

  /** The transaction that wrote the page: the version that a reader has seen. */
  get version(): Tid {
    this._p_activate();
    return this._p_serial;
  }
}
registerClass(Page, 'wiki.Page');

type Index = OOBTree<string, OOTreeSet<string>>;

/** Somebody else changed a page after its editor had read it, or made one that was to be new. */
export class EditConflict extends Error {
  override readonly name = 'EditConflict';
  readonly page: Page;

  constructor(page: Page, seen: Tid) {
    const by = page.author && ` by ${page.author}`;
    super(`${page.title} was ${seen === 0n ? 'made' : 'changed'}${by} after you looked`);
    this.page = page;
  }
}

/** The wiki: pages by title, titles by word, titles by the page they link to, and how many edits there were. */
export class Wiki extends Persistent {
  readonly pages: OOBTree<string, Page> = new OOBTree();
  readonly words: Index = new OOBTree();
  readonly links: Index = new OOBTree();
  readonly edits: Length = new Length();

  /**
   * Gives a page a new text. `seen` is the version that its editor has read, zero for a page that was not there.
   * @throws EditConflict if the page has another version by now
   */
  edit(title: string, text: string, author: string, seen?: Tid): Page {
    const page = this.pages.get(title) ?? new Page(title);
    if (seen !== undefined && page.version !== seen) throw new EditConflict(page, seen);
    reindex(this.words, title, wordsOf(page.text), wordsOf(text));
    reindex(this.links, title, linksOf(page.text), linksOf(text));
    page.text = text;
    page.author = author;
    this.pages.insert(title, page);
    this.edits.change(1);
    return page;
  }

  /** The titles of pages with all of these words; `word*` stands for all words that begin so. */
  search(query: string): string[] {
    const terms = query.toLowerCase().match(/[\p{L}\p{N}]+\*?/gu) ?? [];
    if (terms.length === 0) return [];
    return [...terms.map((term) => titlesWith(this.words, term)).reduce(intersection)];
  }
}
registerClass(Wiki, 'wiki.Wiki');

/** Lower case words of a text, titles of links among them. */
function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

/** The titles that a text links to: `[[Title]]`. */
export function linksOf(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/\[\[([^\]]+)\]\]/g), ([, title]) => title as string));
}

/**
 * Moves a title from where an index has it to where it belongs. What stays is not touched, so it cannot conflict; a set that
 * gets empty stays, because somebody else may be adding to it at this moment.
 */
function reindex(index: Index, title: string, before: Set<string>, after: Set<string>): void {
  for (const key of after) if (!before.has(key)) index.setDefault(key, new OOTreeSet()).add(title);
  for (const key of before) if (!after.has(key)) index.get(key)?.delete(title);
}

function titlesWith(words: Index, term: string): SortedSet<string> {
  if (!term.endsWith('*')) return words.get(term) ?? new OOSet<string>();
  const start = term.slice(0, -1);
  const sets = words.values({ min: start, max: `${start}\u{10ffff}` });
  return [...sets].reduce<SortedSet<string>>(union, new OOSet<string>());
}
