// Objects of Python's library that have no class here, as Python's repr writes them: what it writes follows from how they are made.

import type { DescriptionPart } from './describe-known.ts';
import { PyDict } from './dict.ts';
import { isInt } from './known-type.ts';
import { UUID, UUID_CLASS } from './uuid.ts';
import { PyGlobal, type PyObject, PyTuple } from './values.ts';

/** Classes of the module builtins, whose repr is `<class 'int'>`. */
const CLASSES: ReadonlySet<string> = new Set(
  `bool bytearray bytes classmethod complex dict enumerate filter float frozenset int list map memoryview object property range
   reversed set slice staticmethod str super tuple type zip`.split(/\s+/),
);

const EXCEPTION =
  /^(?:[A-Z]\w*(?:Error|Exception|Warning|Exit|Iteration)|KeyboardInterrupt|\w+ExceptionGroup)$/;
/** Subclasses of OSError: their repr has no file name. */
const OS_ERRORS =
  /^(?:OSError|Blocking.*|Child.*|Broken.*|Connection.*|FileExists.*|FileNotFound.*|Interrupted.*|IsADirectory.*|NotADirectory.*|Permission.*|ProcessLookup.*|TimeoutError)$/;

function isBuiltin({ module }: PyGlobal): boolean {
  return module === 'builtins' || module === '__builtin__' || module === 'exceptions';
}

/** A class or function, where its name tells which it is; else its name. */
export function describeGlobal(global: PyGlobal): string {
  const { module, name } = global;
  if (!isBuiltin(global)) return String(global);
  if (module === 'builtins' && (name === 'Ellipsis' || name === 'NotImplemented')) return name;
  if (!CLASSES.has(name) && !EXCEPTION.test(name)) return String(global);
  return module === 'builtins'
    ? `<class '${name}'>`
    : `<type '${module === 'exceptions' ? 'exceptions.' : ''}${name}'>`;
}

/** The pieces of an object's text; undefined where Python's is not known. */
export function describeLibrary(object: PyObject): Iterable<DescriptionPart> | undefined {
  const { callable, form, args } = object;
  if (form === 'newobj' && callable === UUID_CLASS) return uuidParts(object);
  if (form !== 'reduce' || object.listItems !== undefined || object.dictItems !== undefined)
    return undefined;
  if (!(callable instanceof PyGlobal)) return undefined;
  const { name } = callable;
  if (isBuiltin(callable)) {
    if (EXCEPTION.test(name)) return call(name, OS_ERRORS.test(name) ? args.slice(0, 2) : args);
    return name === 'type' && args.length === 1 ? singletonType(args[0]) : undefined;
  }
  switch (String(callable)) {
    case 're._compile':
      return patternParts(args);
    case 'fractions.Fraction':
      return args.length === 1 ? fractionParts(args) : undefined;
    case 'functools.partial':
      return partialParts(object);
    case 'types.SimpleNamespace':
      return object.state instanceof PyDict
        ? wrapped('namespace(', keywords(object.state), ')')
        : undefined;
    case 'types.GenericAlias':
      return aliasParts(args);
    case 'pathlib.PosixPath':
    case 'pathlib.PurePosixPath':
    case 'pathlib._local.PosixPath':
    case 'pathlib._local.PurePosixPath':
      return pathParts(name, args);
    default:
      return undefined;
  }
}

/** One that knows besides whether it is safe: its repr does not say so. */
function uuidParts({ state }: PyObject): Iterable<DescriptionPart> | undefined {
  const int = state instanceof PyDict ? state.get('int') : undefined;
  return isInt(int) && int >= 0 && int < 1n << 128n
    ? [`UUID('${new UUID(BigInt(int))}')`]
    : undefined;
}

/** As Python before 3.11 wrote it. */
function fractionParts([text]: PyTuple): Iterable<DescriptionPart> | undefined {
  const [numerator, denominator = '1'] = typeof text === 'string' ? text.split('/') : [];
  return numerator === undefined ? undefined : [`Fraction(${numerator}, ${denominator})`];
}

function* call(name: string, args: readonly unknown[]): Iterable<DescriptionPart> {
  yield `${name}(`;
  yield* separated(args.map((value) => [{ value }]));
  yield ')';
}

function* separated(items: Iterable<Iterable<DescriptionPart>>): Iterable<DescriptionPart> {
  let first = true;
  for (const item of items) {
    if (!first) yield ', ';
    first = false;
    yield* item;
  }
}

function* wrapped(
  start: string,
  parts: Iterable<DescriptionPart>,
  end: string,
): Iterable<DescriptionPart> {
  yield start;
  yield* parts;
  yield end;
}

function keywords(dict: PyDict): Iterable<DescriptionPart> {
  return separated(Array.from(dict, ([key, value]) => [`${String(key)}=`, { value }]));
}

function singletonType(value: unknown): Iterable<DescriptionPart> | undefined {
  if (value === null) return ["<class 'NoneType'>"];
  if (!(value instanceof PyGlobal) || value.module !== 'builtins') return undefined;
  if (value.name === 'Ellipsis') return ["<class 'ellipsis'>"];
  return value.name === 'NotImplemented' ? ["<class 'NotImplementedType'>"] : undefined;
}

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [1, 're.TEMPLATE'],
  [2, 're.IGNORECASE'],
  [4, 're.LOCALE'],
  [8, 're.MULTILINE'],
  [16, 're.DOTALL'],
  [64, 're.VERBOSE'],
  [128, 're.DEBUG'],
  [256, 're.ASCII'],
];

function patternParts([pattern, flags]: PyTuple): Iterable<DescriptionPart> | undefined {
  if (typeof flags !== 'number' || typeof pattern === 'object') return bytesPattern(pattern, flags);
  // text patterns are Unicode unless they say that they are not
  return patternText(pattern, flags & ~32);
}

function bytesPattern(pattern: unknown, flags: unknown): Iterable<DescriptionPart> | undefined {
  return pattern instanceof Uint8Array && typeof flags === 'number'
    ? patternText(pattern, flags)
    : undefined;
}

function patternText(pattern: unknown, flags: number): Iterable<DescriptionPart> {
  const names = FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const end = names.length === 0 ? ')' : `, ${names.join('|')})`;
  return ['re.compile(', { value: pattern }, end];
}

function partialParts({ state }: PyObject): Iterable<DescriptionPart> | undefined {
  if (!(state instanceof PyTuple) || state.length !== 4) return undefined;
  const [callable, args, kwargs] = state as unknown[];
  if (!(args instanceof PyTuple) || !(kwargs instanceof PyDict || kwargs === null))
    return undefined;
  const parts: Iterable<DescriptionPart>[] = [callable, ...args].map((value) => [{ value }]);
  if (kwargs !== null && kwargs.size > 0) parts.push(keywords(kwargs));
  return wrapped('functools.partial(', separated(parts), ')');
}

function aliasParts([origin, args]: PyTuple): Iterable<DescriptionPart> | undefined {
  if (!(origin instanceof PyGlobal) || !(args instanceof PyTuple)) return undefined;
  if (!args.every((arg) => arg instanceof PyGlobal)) return undefined;
  const names = [origin, ...args].map((global) =>
    global.module === 'builtins' ? global.name : String(global),
  );
  return [`${names[0]}[${names.slice(1).join(', ')}]`];
}

function pathParts(name: string, args: PyTuple): Iterable<DescriptionPart> | undefined {
  if (!args.every((part) => typeof part === 'string')) return undefined;
  const [first = '.', ...rest] = args as string[];
  const path = first.endsWith('/') ? first + rest.join('/') : [first, ...rest].join('/');
  return [`${name}(`, { value: path }, ')'];
}
