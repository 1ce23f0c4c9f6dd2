// The conformance suite, which every storage passes.

export { storageSuite, type TestRunner } from './storage-suite.ts';
