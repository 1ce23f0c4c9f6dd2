// In the place of test/pickle/records.ts: there are no databases in a browser, so the tests on their records are skipped.

export const CORPUS = '';

export function corpusMissing() {
  return 'a browser has no files';
}

export function corpusDatabases() {
  return [];
}

export function corpusExports() {
  return [];
}

export function* fileRecords() {}

export function* exportRecords() {}
