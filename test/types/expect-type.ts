// Assertions about types, which the compiler checks: `npm run types` is their run, nothing is executed.

/** true only where both types are the very same; `any` equals nothing but itself. */
type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `expectType<string>().of(value)` compiles only if `value` has exactly this type. */
export declare function expectType<Expected>(): {
  of<Actual>(
    value: Actual,
    ...different: Equal<Expected, Actual> extends true ? [] : [never]
  ): void;
};
