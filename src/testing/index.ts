export { storageSuite, type TestRunner } from './storage-suite.ts';
