// What `console.log` shows of databases and connections: which one, and in what state; not what they are made of.

const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** Makes `util.inspect` show objects of a class as this text. */
export function showAs<T extends object>(
  cls: { readonly prototype: T },
  text: (of: T) => string,
): void {
  Object.defineProperty(cls.prototype, INSPECT, {
    value(this: T, _depth: number, { stylize }: { stylize(text: string, style: string): string }) {
      return stylize(text(this), 'special');
    },
  });
}
