// What a pack tells whoever keeps files that belong to records. The pack itself knows nothing of blobs.

/** Hears of the records that a pack leaves out, and of its end. */
export interface PackObserver {
  /**
   * The record that transaction `tid` wrote of `oid` is left out. `data` are its bytes, found behind its back pointer where
   * it has one, valid during the call only. `gone`: no record of the object is kept.
   */
  removed(oid: bigint, tid: bigint, data: Uint8Array, gone: boolean): void;
  /** The packed file is in place; `keepOld`: what is removed is kept beside it. Returns how many blobs were removed. */
  finish(keepOld: boolean): number;
  /** Nothing was changed, and nothing will be; returns how many blobs would have been removed. */
  cancel(): number;
}
