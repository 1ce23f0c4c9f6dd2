// Functions over a storage that yield results: what the commands of `zodb` print.

export { type DumpOptions, dump } from './dump.ts';
export { INFO_PARAMETERS, info } from './info.ts';
export { quote } from './quote.ts';
export { parseTidRange } from './tid-range.ts';
export {
  isDamaged,
  type Problem,
  unreadable,
  type VerifyCounts,
  type VerifyOptions,
  type VerifyResult,
  verify,
} from './verify.ts';
