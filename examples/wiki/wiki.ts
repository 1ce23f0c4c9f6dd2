// A wiki in one database file: pages with history and undo, search, links, attachments.
//
//     node --import tsx examples/wiki/wiki.ts wiki.fs edit Home < text
//     node --import tsx examples/wiki/wiki.ts wiki.fs show Home

import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { isZodbError } from '../../src/main.ts';
import { COMMANDS, Refused } from './commands.ts';
import { EditConflict } from './model.ts';

const USAGE = `usage: wiki.ts FILE COMMAND [--user NAME]
${Object.values(COMMANDS)
  .map(({ usage }) => `  ${usage}`)
  .join('\n')}
`;

export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Runs one command. 0: done, 1: not done, and said why, 2: used wrongly. */
export async function runWiki(args: readonly string[], streams: Streams): Promise<number> {
  const say = (text: string): void => void streams.stderr.write(text);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        user: { type: 'string', default: process.env['USER'] ?? 'anonymous' },
        seen: { type: 'string' },
        at: { type: 'string' },
        count: { type: 'string', default: '20' },
      },
    });
    const [file, name = '', ...rest] = positionals;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (file === undefined || command === undefined) {
      say(USAGE);
      return 2;
    }
    const { user, seen, at, count } = values;
    await command.run({ file, args: rest, user, seen, at, count: Number(count), ...streams });
    return 0;
  } catch (error) {
    for (const each of error instanceof AggregateError ? error.errors : [error])
      say(`${inWords(each)}\n`);
    return 1;
  }
}

/** What an error means to who uses the wiki; what is a fault of this program stays one. */
function inWords(error: unknown): string {
  if (error instanceof EditConflict)
    return `${error.message}: show it, put both texts together, and edit again`;
  if (isZodbError(error, 'LOCK')) return `somebody else is writing, try again: ${error.message}`;
  if (isZodbError(error, 'NO_SUCH_FILE')) return 'there is no wiki yet: edit makes one';
  if (isZodbError(error, 'UNDO') || isZodbError(error, 'MULTIPLE_UNDO'))
    return 'later edits changed the same words: edit the page instead';
  if (isZodbError(error, 'CONFLICT')) return 'others were faster, again and again: try once more';
  if (isZodbError(error, 'ARGUMENT') || error instanceof Refused) return error.message;
  throw error;
}

if (process.argv[1] === import.meta.filename)
  process.exitCode = await runWiki(process.argv.slice(2), process);
