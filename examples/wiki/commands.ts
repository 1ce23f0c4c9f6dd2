// The commands of the wiki. Each opens the database, runs one transaction or reads, and closes it again.

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Blob,
  type Connection,
  type DB,
  formatId,
  type TransactionInfo,
  tid,
} from '../../src/main.ts';
import { openToRead, openToWrite, wikiOf } from './database.ts';
import { linksOf, type Page } from './model.ts';

/** The version of a page that is to be new. */
const NOT_THERE = tid(0n);

/** What a command was given. */
export interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly user: string;
  /** The version that an editor has read. */
  readonly seen: string | undefined;
  /** The version to show. */
  readonly at: string | undefined;
  /** How many changes to show or wait for. */
  readonly count: number;
  readonly stdin: Readable;
  readonly stdout: Writable;
}

export interface Command {
  readonly usage: string;
  run(call: Call): Promise<void>;
}

/** What is wrong with a call, to be said to who made it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  edit: {
    usage: 'edit PAGE [--seen VERSION] < text',
    async run({ file, args, user, seen, stdin, stdout }) {
      const title = given(args, 0, 'PAGE');
      // The text comes first: while somebody is typing, nobody has to wait.
      const words = await text(stdin);
      using db = await openToWrite(file);
      const options = { user, note: `edit ${title}` };
      const edited = db.transaction((connection) => {
        return wikiOf(connection).edit(title, words, user, seen === undefined ? seen : tid(seen));
      }, options);
      print(stdout, `${edited.title} is saved`);
    },
  },

  show: {
    usage: 'show PAGE [--at VERSION]',
    async run({ file, args, at, stdout }) {
      using db = openToRead(file);
      const connection = db.open(at === undefined ? {} : { at: tid(at) });
      const page = pageIn(connection, args);
      print(stdout, `${page.title}, version ${formatId(page.version)} by ${page.author}`);
      for (const [name, blob] of page.attachments)
        print(stdout, `  has ${name}, ${blob.size} bytes`);
      const { pages, links } = wikiOf(connection);
      for (const to of linksOf(page.text))
        print(stdout, `  links to ${to}${pages.has(to) ? '' : ' (missing)'}`);
      for (const from of links.get(page.title) ?? []) print(stdout, `  linked from ${from}`);
      print(stdout, `\n${page.text}`);
    },
  },

  list: {
    usage: 'list',
    async run({ file, stdout }) {
      using db = openToRead(file);
      const wiki = wikiOf(db.open());
      for (const title of wiki.pages.keys()) print(stdout, title);
      print(stdout, `${wiki.pages.size} pages, ${wiki.edits.value} edits`);
    },
  },

  search: {
    usage: 'search WORD... (WORD* for all that begin so)',
    async run({ file, args, stdout }) {
      given(args, 0, 'WORD');
      using db = openToRead(file);
      for (const title of wikiOf(db.open()).search(args.join(' '))) print(stdout, title);
    },
  },

  attach: {
    usage: 'attach PAGE FILE',
    async run({ file, args, user, stdout }) {
      const path = given(args, 1, 'FILE');
      const name = basename(path);
      using db = await openToWrite(file);
      await db.transaction(
        async (connection) => {
          const page = pageIn(connection, args);
          const blob = new Blob();
          await blob.write(createReadStream(path));
          page.attachments.set(name, blob);
          // It is a change of the page, too: so it is in its history, and can be undone there.
          page.author = user;
        },
        { user, note: `attach ${name} to ${args[0]}` },
      );
      print(stdout, `${name} is attached`);
    },
  },

  attachment: {
    usage: 'attachment PAGE NAME > file',
    async run({ file, args, stdout }) {
      using db = openToRead(file);
      const blob = pageIn(db.open(), args).attachments.get(given(args, 1, 'NAME'));
      if (blob === undefined) throw new Refused(`${args[0]} has no attachment ${args[1]}`);
      for await (const piece of blob.createReadStream()) stdout.write(piece);
    },
  },

  history: {
    usage: 'history PAGE [--count NUMBER]',
    async run({ file, args, count, stdout }) {
      using db = openToRead(file);
      const { _p_oid: oid } = pageIn(db.open(), args);
      for (const entry of db.history(oid as bigint, { limit: count })) printEntry(stdout, entry);
    },
  },

  undo: {
    usage: 'undo PAGE',
    async run({ file, args, user, stdout }) {
      using db = await openToWrite(file);
      const oid = db.transaction((connection) => pageIn(connection, args)._p_oid as bigint);
      const [last] = db.history(oid) as [TransactionInfo];
      // The whole transaction goes: the page, its words and its links are what they were before.
      db.undo(last.tid, { user, note: `undo ${last.description}` });
      print(stdout, `undone: ${last.description}`);
    },
  },

  import: {
    usage: 'import FILE... (each a new page)',
    async run({ file, args, user, stdout }) {
      using db = await openToWrite(file);
      const failed: unknown[] = [];
      const paths = args.values();
      const importer = async (): Promise<void> => {
        for (const path of paths) {
          await importFile(db, path, user).then(
            (title) => print(stdout, `${title} is imported`),
            (error) => failed.push(error),
          );
        }
      };
      await Promise.all([importer(), importer(), importer()]);
      if (failed.length > 0) throw new AggregateError(failed);
    },
  },

  watch: {
    usage: 'watch [--count NUMBER]',
    async run({ file, count, stdout }) {
      using db = openToRead(file);
      const connection = db.open();
      let seen = db.lastTransaction();
      print(stdout, 'watching');
      for (let shown = 0; shown < count; await sleep(50)) {
        // Moves on to what other processes have committed meanwhile.
        connection.sync();
        const entries = db.undoLog({ limit: count - shown, filter: ({ tid }) => tid > seen });
        for (const entry of entries.reverse()) printEntry(stdout, entry);
        shown += entries.length;
        seen = db.lastTransaction();
      }
    },
  },
};

/**
 * Makes a page of a file, while others are being made: each in a transaction of its own. BTrees and Length merge what several
 * did at once, and what cannot be merged, such as one new word in two pages, is tried again.
 */
async function importFile(db: DB, path: string, user: string): Promise<string> {
  const title = basename(path, extname(path));
  const options = { user, note: `import ${title}`, retries: 10 };
  await db.transaction(async (connection) => {
    const wiki = wikiOf(connection);
    wiki.edit(title, await readFile(path, 'utf8'), user, NOT_THERE);
  }, options);
  return title;
}

function pageIn(connection: Connection, args: readonly string[]): Page {
  const title = given(args, 0, 'PAGE');
  const page = wikiOf(connection).pages.get(title);
  if (page === undefined) throw new Refused(`there is no page ${title}`);
  return page;
}

function given(args: readonly string[], index: number, name: string): string {
  const value = args[index];
  if (value === undefined) throw new Refused(`${name} is missing`);
  return value;
}

function print(stdout: Writable, line: string): void {
  stdout.write(`${line}\n`);
}

function printEntry(stdout: Writable, { tid, time, user, description }: TransactionInfo): void {
  print(stdout, `${formatId(tid)}  ${time.toISOString()}  ${user}  ${description}`);
}
