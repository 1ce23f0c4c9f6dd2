// What the writer of readers.test.ts does in its transaction of each number, and so what every reader must see as of it.
// readers.py has the same arithmetic.

export const ACCOUNTS = 16;
export const OPENING = 1000;

/** A bank after so many transfers. */
export class Model {
  version = 0;
  readonly balances: number[] = Array<number>(ACCOUNTS).fill(OPENING);
  /** The transfer that touched each account last. */
  readonly touched: number[] = Array<number>(ACCOUNTS).fill(0);

  /** Makes the transfers up to this one. */
  advanceTo(version: number): void {
    while (this.version < version) {
      const { from, to, amount } = transfer(++this.version);
      this.balances[from] = (this.balances[from] as number) - amount;
      this.balances[to] = (this.balances[to] as number) + amount;
      this.touched[from] = this.version;
      this.touched[to] = this.version;
    }
  }
}

export function transfer(version: number): { from: number; to: number; amount: number } {
  return {
    from: (version * 7) % ACCOUNTS,
    to: (version * 11 + 3) % ACCOUNTS,
    amount: (version * 37) % 101,
  };
}

/** The text of the note that each transfer leaves in the place of the one before: some are long. */
export function noteLength(version: number): number {
  return version % 50 === 0 ? 300_000 : (version * 7919) % 5000;
}
