// What a command says on standard error while it works: nothing in the first second, then now and then how far it is. On a
// terminal one line that is written over, elsewhere a line every ten seconds.

import type { Writable } from 'node:stream';

const FIRST = 1000;
const ON_TERMINAL = 200;
const ELSEWHERE = 10_000;

/** Tells how far a command has come. */
export class Progress {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #what: string;
  readonly #now: () => number;
  #next: number;
  #shown = false;

  /** `what` is being done, such as `packing Data.fs`. */
  constructor(stream: Writable, what: string, now: () => number = Date.now) {
    this.#stream = stream;
    this.#what = what;
    this.#now = now;
    this.#next = now() + FIRST;
  }

  /** `done` of `total`, where there is one, in a unit that is said behind them. */
  tell(done: number, total?: number, unit = ''): void {
    const now = this.#now();
    if (now < this.#next) return;
    this.#next = now + (this.#stream.isTTY ? ON_TERMINAL : ELSEWHERE);
    const amount = total === undefined ? done.toLocaleString('en') : percent(done, total);
    const line = `zodb: ${this.#what}: ${amount}${unit === '' ? '' : ` ${unit}`}`;
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    this.#shown = true;
  }

  /** Takes a line that was written over away again. */
  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write('\r\x1b[K');
    this.#shown = false;
  }
}

function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}
