// URLs of demo storages, `demo:(base)/(changes)`, both URLs themselves; they may be demo URLs again.

import { ArgumentError } from '../zodb/errors.ts';

/** The URLs of base and changes; of the changes `undefined` where the URL names none. @throws ArgumentError */
export function readDemoUrl(url: string): { base: string; changes: string | undefined } {
  const text = url.slice('demo:'.length);
  const end = closing(text);
  const base = text.slice(1, end);
  const rest = text.slice(end + 1);
  const changes = rest.slice(2, -1);
  if (end < 0 || base === '' || (rest !== '' && !(rest.startsWith('/(') && rest.endsWith(')'))))
    throw new ArgumentError(
      `a demo: URL has the form demo:(base) or demo:(base)/(changes), got ${JSON.stringify(url)}`,
    );
  return { base, changes: changes === '' ? undefined : changes };
}

/** Where the parenthesis ends that `text` begins with. */
function closing(text: string): number {
  if (!text.startsWith('(')) return -1;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}
