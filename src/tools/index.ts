// Functions over a storage that yield results: what the commands of `zodb` print.

export { type CompareOptions, firstDifference } from './compare.ts';
export { type CopyOptions, copyTransactions } from './copy.ts';
export { type DumpOptions, dump } from './dump.ts';
export {
  DumpError,
  type DumpedRecord,
  type DumpedTransaction,
  readDump,
} from './dump-reader.ts';
export { INFO_PARAMETERS, info } from './info.ts';
export { quote, unquote } from './quote.ts';
export { commitDump, restoreDump } from './restore.ts';
export { parseTid, parseTidRange } from './tid-range.ts';
export {
  isDamaged,
  type Problem,
  unreadable,
  type VerifyCounts,
  type VerifyOptions,
  type VerifyResult,
  verify,
} from './verify.ts';
