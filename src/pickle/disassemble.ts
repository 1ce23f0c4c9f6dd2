// Pickles as lists of their opcodes, for those who want to see what is in the bytes. Nothing is decoded but arguments.

import { describe } from './describe.ts';
import { describeText } from './describe-scalars.ts';
import { readArgument } from './disassemble-argument.ts';
import { PickleError } from './errors.ts';
import { MARK, MEMOIZE, OPCODES, type Opcode, opcodeName, POP, STOP } from './opcodes.ts';
import { isBytes, plainBytes } from './realms.ts';
import { truncated, underflow } from './scalars.ts';

/** One opcode of a pickle. `String(opcode)` is what Python's `pickletools.dis` prints for it. */
export class DisassembledOpcode {
  /** Offset of the opcode in the bytes. */
  readonly offset: number;
  readonly code: number;
  readonly name: string;
  /** What follows it: an int, boolean, PyFloat, text, Uint8Array or PyByteArray; undefined: nothing. */
  readonly argument: unknown;
  /** How many marks are open before it. */
  readonly depth: number;
  /** The offset of the mark down to which it takes values. */
  readonly mark: number | undefined;
  /** The number under which MEMOIZE stores. */
  readonly memoIndex: number | undefined;
  /** At a STOP: the highest protocol of this pickle's opcodes. */
  readonly protocol: number | undefined;

  constructor(parts: Omit<DisassembledOpcode, 'toString'>) {
    this.offset = parts.offset;
    this.code = parts.code;
    this.name = parts.name;
    this.argument = parts.argument;
    this.depth = parts.depth;
    this.mark = parts.mark;
    this.memoIndex = parts.memoIndex;
    this.protocol = parts.protocol;
  }

  /** The line that `pickletools.dis` prints, and after a STOP its last one too. */
  toString(): string {
    const byte = describeText(String.fromCharCode(this.code)).slice(1, -1);
    const start = `${String(this.offset).padStart(5)}: ${byte.padEnd(4)} ${'    '.repeat(this.depth)}`;
    const notes: string[] = [];
    if (this.argument !== undefined) notes.push(argumentText(this.argument));
    if (this.mark !== undefined) notes.push(`(MARK at ${this.mark})`);
    if (this.memoIndex !== undefined) notes.push(`(as ${this.memoIndex})`);
    let line = start + [notes.length > 0 ? this.name.padEnd(10) : this.name, ...notes].join(' ');
    if (this.protocol !== undefined) line += `\nhighest protocol among opcodes = ${this.protocol}`;
    return line;
  }
}

function argumentText(argument: unknown): string {
  return describe(argument, { maxLength: Number.POSITIVE_INFINITY });
}

/** Where to disassemble. */
export interface DisassembleOptions {
  /** Where the first pickle starts; default 0. */
  readonly offset?: number | undefined;
  /** Stop after the first pickle, whatever follows it. Default: all pickles up to the end, on one memo. */
  readonly one?: boolean | undefined;
}

/**
 * The opcodes of pickles that stand one after the other on one memo, as the two of a database record do. Joined by newlines
 * they are what Python's `pickletools.dis` prints.
 * @throws PickleError where a byte is no opcode, the bytes end early, or an opcode finds nothing on the stack or in the memo:
 * after the opcodes up to there were given.
 */
export function* disassemble(
  bytes: Uint8Array,
  options: DisassembleOptions = {},
): IterableIterator<DisassembledOpcode> {
  if (!isBytes(bytes)) {
    throw new PickleError(`a pickle is a Uint8Array, got ${typeof bytes}`);
  }
  let offset = options.offset ?? 0;
  if (offset >= bytes.length) {
    throw new PickleError('there is no pickle here', { offset }, 'PICKLE_EMPTY');
  }
  const memo = new Set<unknown>();
  do {
    offset = yield* disassembleOne(plainBytes(bytes), offset, memo);
  } while (options.one !== true && offset < bytes.length);
}

function* disassembleOne(
  bytes: Uint8Array,
  start: number,
  memo: Set<unknown>,
): Generator<DisassembledOpcode, number> {
  const stack = new StackHeights();
  let protocol = 0;
  for (let offset = start; ; ) {
    const opcode = OPCODES[bytes[offset] ?? -1];
    const fail = (error: unknown): unknown => placed(error, offset, bytes[offset]);
    if (opcode === undefined) {
      throw fail(offset < bytes.length ? new PickleError('there is no such opcode') : truncated());
    }
    const { code, name } = opcode;
    let argument: unknown;
    let end: number;
    try {
      [argument, end] = readArgument(bytes, offset, opcode);
    } catch (error) {
      throw fail(error);
    }
    protocol = Math.max(protocol, opcode.protocol);
    const depth = stack.depth;
    const problem = stack.apply(opcode, offset) ?? memoProblem(opcode, argument, memo);
    yield new DisassembledOpcode({
      offset,
      code,
      name,
      argument,
      depth,
      mark: stack.taken,
      memoIndex: code === MEMOIZE ? memo.size : undefined,
      protocol: code === STOP ? protocol : undefined,
    });
    if (problem !== undefined) throw fail(problem);
    if (code === MEMOIZE) memo.add(memo.size);
    else if (name.endsWith('PUT')) memo.add(argument);
    offset = end;
    if (code === STOP) return offset;
  }
}

function memoProblem(
  { name }: Opcode,
  argument: unknown,
  memo: ReadonlySet<unknown>,
): PickleError | undefined {
  return name.endsWith('GET') && !memo.has(argument)
    ? new PickleError(`the memo has no entry ${argument}`)
    : undefined;
}

function placed(error: unknown, offset: number, byte: number | undefined): unknown {
  if (!(error instanceof PickleError)) return error;
  const { code } = error as { code: 'PICKLE' };
  return new PickleError(error.message, { offset, opcode: opcodeName(byte) }, code);
}

type Effect = readonly [takes: number, puts: number];

function effects(
  rows: readonly (readonly [takes: number, puts: number, names: string])[],
): ReadonlyMap<string, Effect> {
  return new Map(
    rows.flatMap(([takes, puts, names]) => names.split(' ').map((name) => [name, [takes, puts]])),
  );
}

/** How many values an opcode takes from the stack and puts there, where it is not the usual none and one. */
const EFFECTS = effects([
  [0, 0, 'PROTO FRAME'],
  [1, 0, 'POP STOP'],
  [1, 1, 'PUT BINPUT LONG_BINPUT MEMOIZE TUPLE1 BINPERSID READONLY_BUFFER'],
  [1, 2, 'DUP'],
  [2, 1, 'APPEND BUILD REDUCE NEWOBJ TUPLE2 STACK_GLOBAL'],
  [3, 1, 'SETITEM TUPLE3 NEWOBJ_EX'],
]);

/** The same for those that take everything down to a mark: what they take below it. */
const MARK_EFFECTS = effects([
  [0, 0, 'POP_MARK'],
  [0, 1, 'TUPLE LIST DICT FROZENSET INST OBJ'],
  [1, 1, 'APPENDS SETITEMS ADDITEMS'],
]);

/** How high the stack is, and where its marks are. */
class StackHeights {
  /** The offset of the mark that the last opcode took. */
  taken: number | undefined;
  #height = 0;
  readonly #marks: { height: number; offset: number }[] = [];

  get depth(): number {
    return this.#marks.length;
  }

  /** Does what the opcode does. Returns what is wrong with it. */
  apply({ code, name }: Opcode, offset: number): PickleError | undefined {
    this.taken = undefined;
    if (code === MARK) {
      this.#marks.push({ height: this.#height, offset });
      return undefined;
    }
    const marked = MARK_EFFECTS.get(name);
    const top = this.#marks.at(-1);
    if (marked !== undefined || (code === POP && top?.height === this.#height)) {
      if (top === undefined) return new PickleError('there is no mark');
      this.#marks.pop();
      this.taken = top.offset;
      this.#height = top.height;
      return this.#change(marked ?? [0, 0]);
    }
    return this.#change(EFFECTS.get(name) ?? [0, 1]);
  }

  #change([takes, puts]: readonly [number, number]): PickleError | undefined {
    if (this.#height - takes < (this.#marks.at(-1)?.height ?? 0)) return underflow();
    this.#height += puts - takes;
    return undefined;
  }
}
