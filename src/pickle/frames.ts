// The encoder's own stack, in place of recursion: one frame for each value that is being written.

import type { ContainerKinds } from './container-kinds.ts';
import type { EncoderMemo } from './encoder-memo.ts';
import type { Output } from './output.ts';
import type { ScalarKind } from './scalar-kinds.ts';

/**
 * What a frame writes. `items` and `pairs` are what follows an object (APPENDS, SETITEMS in Python's other batching),
 * `arguments` those of an old-style instance, `pid` a persistent id.
 */
export type FrameKind =
  | 'list'
  | 'dict'
  | 'tuple'
  | 'object'
  | 'items'
  | 'pairs'
  | 'arguments'
  | 'pid';

export interface Frame {
  kind: FrameKind;
  /** What the memo knows it by. */
  value: object;
  /** What is inside; keys and values in turn for dicts. */
  items: readonly unknown[];
  /** How many of the items, or steps of an object, have been begun. */
  index: number;
  kinds: ContainerKinds | undefined;
  /** Inside a persistent id, where oids are recognised. */
  inPid: boolean;
}

/** What the functions that write containers need of the encoder. */
export interface Encoder {
  readonly out: Output;
  readonly memo: EncoderMemo;
  readonly frames: FrameStack;
  /** Writes a value if that takes no frame, and returns true; else writes its beginning and pushes its frame. */
  begin(
    value: unknown,
    pathKinds: ContainerKinds | undefined,
    kind: ScalarKind,
    inPid: boolean,
  ): boolean;
  /** Writes the opcode of a tuple, or what takes its place, when its items are written. */
  endTuple(value: object, count: number): void;
  /** The kinds that hold for a container: its own, else those of its place. */
  kindsOf(container: object, pathKinds: ContainerKinds | undefined): ContainerKinds | undefined;
}

const NO_ITEMS: readonly unknown[] = [];
const NOTHING: object = {};

export class FrameStack {
  depth = 0;
  readonly #frames: Frame[] = [];

  get top(): Frame {
    return this.#frames[this.depth - 1] as Frame;
  }

  at(depth: number): Frame {
    return this.#frames[depth] as Frame;
  }

  push(
    kind: FrameKind,
    value: object,
    items: readonly unknown[],
    kinds: ContainerKinds | undefined,
    inPid = false,
  ): Frame {
    let frame = this.#frames[this.depth++];
    if (frame === undefined) {
      frame = { kind, value, items, index: 0, kinds, inPid };
      this.#frames.push(frame);
      return frame;
    }
    frame.kind = kind;
    frame.value = value;
    frame.items = items;
    frame.index = 0;
    frame.kinds = kinds;
    frame.inPid = inPid;
    return frame;
  }

  /** Ends the topmost frame and lets go of what it held. */
  pop(): void {
    this.depth -= 1;
    const frame = this.#frames[this.depth] as Frame;
    frame.value = NOTHING;
    frame.items = NO_ITEMS;
    frame.kinds = undefined;
  }

  clear(): void {
    this.depth = 0;
    this.#frames.length = 0;
  }
}
