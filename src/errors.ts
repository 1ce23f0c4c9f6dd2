// The error base that every layer shares. Codes are the contract: tests and callers compare codes, never messages.

const BRAND: unique symbol = Symbol.for('zodb/1.error') as never;

/**
 * The base of every error this package throws on purpose. `code` is stable; subclasses carry typed fields
 * (file, position, oid, tid ...) that name what was being done to what.
 */
export class ZodbError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true });
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether `error` is a ZodbError (also one of another copy of this package), with `code` if given. */
export function isZodbError(error: unknown, code?: string): error is ZodbError {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { [BRAND]?: boolean })[BRAND] === true &&
    (code === undefined || (error as ZodbError).code === code)
  );
}
