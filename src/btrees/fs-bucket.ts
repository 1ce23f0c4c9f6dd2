// The buckets of the fs family as one string of bytes: all keys of 2 bytes, then all values of 6. The index files of
// FileStorage are made of these.

import { ArgumentError } from '../zodb/errors.ts';
import { Bucket } from './mapping.ts';
import { countChange, LeafData, leafData, setData } from './node.ts';

const KEY = 2;
const ENTRY = 8;

export abstract class BytesBucket extends Bucket<Uint8Array, Uint8Array> {
  /** All keys, then all values. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size * ENTRY);
    let at = 0;
    for (const parts of [this.keys(), this.values()]) {
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
    }
    return bytes;
  }

  /** What `toBytes` undoes: takes the place of all entries. @throws ArgumentError unless there are 8 bytes for each entry */
  fromBytes(bytes: Uint8Array): this {
    if (!(bytes instanceof Uint8Array) || bytes.length % ENTRY !== 0) {
      throw new ArgumentError('the bytes of an fs bucket are a Uint8Array of a multiple of 8');
    }
    const { key, value } = this._p_family;
    const count = bytes.length / ENTRY;
    const keys: unknown[] = [];
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      keys.push(key.hold(bytes.subarray(i * KEY, (i + 1) * KEY)));
      const from = count * KEY + i * (ENTRY - KEY);
      values.push(value.hold(bytes.subarray(from, from + ENTRY - KEY)));
    }
    if (keys.some((each, i) => i > 0 && key.compare(keys[i - 1], each) >= 0)) {
      throw new ArgumentError('the keys in the bytes of an fs bucket are in ascending order');
    }
    countChange();
    this._p_changed = true;
    setData(this, new LeafData(keys, values, leafData(this).next));
    return this;
  }
}
