// Bytes to values: one pickle after the other on one memo.

import { PickleError, type PickleErrorCode } from './errors.ts';
import type { Kinds, Python2Writer } from './kinds.ts';
import type { TypeTable } from './known-type.ts';
import { describedCount, KNOWN_TYPES } from './known-types.ts';
import { PickleMachine } from './machine.ts';
import { opcodeName, PROTO } from './opcodes.ts';
import type { UnpicklerOptions } from './options.ts';
import { python2Kind, settleMarks, settlePython2 } from './python2-kinds.ts';
import { scalarsMade, unmarked } from './python2-scalars.ts';
import { isBytes, plainBytes } from './realms.ts';
import { typeTable } from './register-type.ts';
import { resolveTypes } from './resolve-types.ts';
import { settleFloats } from './settle-floats.ts';

/**
 * Decodes pickles one at a time; the memo goes on from one to the next until `clearMemo`, as it does for the two pickles
 * of a database record. Runs nothing that a pickle says.
 */
export class Unpickler {
  /** Offset after the STOP of the last pickle. */
  position = 0;
  /** Where floats stood in the last pickle; undefined if nowhere, and always with `exact`. */
  kinds: Kinds | undefined;
  /** As in the options; may be changed between pickles. */
  exact: boolean;
  /** As in the options; may be changed between pickles. */
  oid: bigint | undefined;

  /** How Python 2 wrote what was decoded since `clearMemo`; undefined: nothing says that it did. */
  python2: Python2Writer | undefined;

  readonly #options: UnpicklerOptions;
  readonly #machine: PickleMachine;
  readonly #types: TypeTable | undefined;
  #running = false;
  /** The kinds of earlier pickles on this memo. */
  #earlier: Kinds[] = [];

  constructor(options: UnpicklerOptions = {}) {
    this.exact = options.exact ?? false;
    this.oid = options.oid;
    this.#options = options;
    this.#types = typeTable(options.types);
    this.#machine = new PickleMachine(options);
  }

  /**
   * Decodes the pickle that starts at `offset`; `position` is then the offset after it. Byte strings are copies.
   * @throws PickleError `PICKLE_EMPTY` if the bytes end at `offset`, `PICKLE_TRUNCATED` if they end before STOP,
   * `PICKLE_LIMIT` beyond a limit, else `PICKLE`. An error of a hook is passed on.
   */
  load(bytes: Uint8Array, offset = 0): unknown {
    if (!isBytes(bytes)) {
      throw new PickleError(`a pickle is a Uint8Array, got ${typeof bytes}`, { oid: this.oid });
    }
    if (offset >= bytes.length) {
      throw new PickleError('there is no pickle here', { offset, oid: this.oid }, 'PICKLE_EMPTY');
    }
    if (this.#running) throw new PickleError('a hook calls load of the same Unpickler', { offset });
    const machine = this.#machine;
    machine.foundFloat = false;
    machine.again = undefined;
    this.kinds = undefined;
    this.#running = true;
    const described = describedCount;
    const marked = scalarsMade;
    let value: unknown;
    try {
      value = machine.run(plainBytes(bytes), offset);
    } catch (error) {
      throw placed(error, machine.position, bytes, this.oid);
    } finally {
      this.#running = false;
    }
    this.position = machine.position;
    this.#noticePython2(bytes, offset, marked !== scalarsMade);
    if (this.exact) {
      if (this.python2 !== undefined) value = settlePython2(value, machine.settled);
    } else if (machine.foundFloat || this.python2 !== undefined) {
      value = this.#settled(value, this.position - offset);
    }
    // a hook that decodes on its own may count too: then there is nothing to resolve here
    if (describedCount !== described || this.#types !== undefined) {
      value = this.#resolved(value);
    }
    return value;
  }

  /** Takes out what was put in for kinds, and makes these. */
  #settled(value: unknown, most: number): unknown {
    const { again, settled } = this.#machine;
    const { python2 } = this;
    let kinds: Kinds;
    if (python2 === undefined) kinds = settleFloats(value, again, most, this.#earlier);
    else {
      kinds = settleFloats(unmarked(value), again, most, this.#earlier, (container) => {
        const found = settleMarks(container, settled);
        if (again?.has(container) === true) settled.set(container, found);
        return found;
      });
      kinds.python2 = python2;
      kinds.scalar = python2Kind(value);
      if (settled.size > 0) kinds.addPython2(settled);
    }
    this.kinds = kinds;
    this.#earlier.push(kinds);
    return unmarked(value);
  }

  #resolved(value: unknown): unknown {
    try {
      return resolveTypes(value, {
        own: this.#types,
        known: KNOWN_TYPES,
        kinds: this.kinds,
        python2: this.python2,
        memo: this.#machine.memo,
      });
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      const { oid } = this;
      throw new PickleError(
        error.message,
        { oid, cause: error.cause },
        error.code as PickleErrorCode,
      );
    }
  }

  // Python 2's writers have opcodes of their own or an older protocol, or number their memo from 1.
  #noticePython2(bytes: Uint8Array, offset: number, hasMarks: boolean): void {
    if (this.python2 !== undefined) return;
    const { memo } = this.#machine;
    const protocol = bytes[offset] === PROTO ? (bytes[offset + 1] as number) : 1;
    if (protocol > 2 && !hasMarks && !memo.startsAtOne) return;
    const { strings } = this.#options;
    this.python2 = {
      protocol: protocol === 2 ? 2 : protocol < 2 ? 1 : 3,
      putsAll: memo.startsAtZero,
      strings: strings === 'latin1' || strings === 'utf8' ? strings : undefined,
    };
  }

  /** Forgets what GET opcodes may fetch. */
  clearMemo(): void {
    this.#machine.memo.clear();
    this.#machine.settled.clear();
    this.python2 = undefined;
    if (this.#earlier.length > 0) this.#earlier = [];
  }
}

function placed(
  error: unknown,
  offset: number,
  bytes: Uint8Array,
  oid: bigint | undefined,
): unknown {
  if (!(error instanceof PickleError) || error.offset !== undefined) return error;
  const opcode = opcodeName(bytes[offset]);
  return new PickleError(error.message, { offset, opcode, oid }, error.code as PickleErrorCode);
}
