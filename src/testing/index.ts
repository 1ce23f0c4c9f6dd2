// The conformance suite, which every storage passes.

export { type SuiteOptions, storageSuite, type TestRunner } from './storage-suite.ts';
