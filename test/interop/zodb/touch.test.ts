// Every current object of every file of the corpus, from the root where it can be reached and else by its oid, is printed,
// marked as changed and committed to a copy; Python says whether the records of the copy mean the same.

import { copyFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { type Connection, type DB, open, TransactionManager } from '../../../src/main.ts';
import { scanReferences } from '../../../src/pickle/index.ts';
import { formatId, type Oid, ROOT_OID } from '../../../src/zodb/ids.ts';
import type { Persistent } from '../../../src/zodb/persistent.ts';
import { corpusFiles } from '../../filestorage/corpus.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { objectsIn } from '../../zodb/objects-in.ts';
import { peer } from '../peers.ts';

/** How many objects one transaction stores. */
const AT_ONCE = 500;

const FORMS = fileURLToPath(new URL('../../../fixtures/forms/', import.meta.url));

interface Judgement {
  readonly objects: number;
  readonly identical: number;
  /** Records that mean the same, but whose bytes differ. */
  readonly equal: number;
  readonly different: readonly (readonly [oid: string, reason: string])[];
}

function currentRecords(db: DB): Map<Oid, Uint8Array> {
  const records = new Map<Oid, Uint8Array>();
  for (const transaction of db.storage.iterate!())
    for (const { oid, data } of transaction.records())
      if (data === undefined) records.delete(oid);
      else records.set(oid, data);
  return records;
}

/** What the records say that can be reached from the root. */
function reachable(records: ReadonlyMap<Oid, Uint8Array>): Set<Oid> {
  const reached = new Set<Oid>();
  const todo: Oid[] = [ROOT_OID];
  for (let oid = todo.pop(); oid !== undefined; oid = todo.pop()) {
    const record = records.get(oid);
    if (record === undefined || reached.has(oid)) continue;
    reached.add(oid);
    scanReferences(record, (next) => todo.push(next as Oid));
  }
  return reached;
}

/** Prints an object, as a ghost if it is one, and marks it as changed. */
function touch(object: Persistent): void {
  const id = formatId(object._p_oid!);
  if (object._p_status === 'ghost') {
    expect(inspect(object)).to.match(new RegExp(`^\\S+ <oid ${id}, ghost>$`));
    expect(object._p_status).to.equal('ghost');
  }
  object._p_changed = true;
  expect(inspect(object)).to.match(new RegExp(`^\\S+ <oid ${id}, changed>`));
}

/** Touches what can be reached from the root; returns its oids. */
function touchFromRoot(connection: Connection, commit: () => void): Set<Oid> {
  const todo: Persistent[] = [connection.root];
  const touched = new Set<Oid>([ROOT_OID]);
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
    touch(object);
    for (const next of objectsIn(object)) {
      if (touched.has(next._p_oid!)) continue;
      touched.add(next._p_oid!);
      todo.push(next);
    }
    commit();
  }
  return touched;
}

function touchAll(db: DB): { total: number; reached: number } {
  const records = currentRecords(db);
  const manager = new TransactionManager();
  const connection = db.open({ transactionManager: manager });
  let changed = 0;
  const commit = (): void => {
    if (++changed % AT_ONCE === 0) manager.commit();
  };
  const reached = touchFromRoot(connection, commit);
  expect([...reached]).to.have.members([...reachable(records)]);
  for (const oid of records.keys()) {
    if (reached.has(oid)) continue;
    touch(connection.get(oid));
    commit();
  }
  manager.commit();
  return { total: records.size, reached: reached.size };
}

describe('every object of files of others is printed, touched and stored', () => {
  const python3 = peer('zodb');
  const python2 = peer('zodbtools27');
  const path = testFolder();
  const lines: string[] = [];
  after(() => {
    for (const line of lines) console.log(`      ${line}`);
  });

  const files = corpusFiles().map(({ name, file, oracle: { current_objects } }) => ({
    name,
    file,
    current: current_objects,
  }));
  for (const name of ['forms-py3', 'forms-py27']) {
    const rows = JSON.parse(readFileSync(`${FORMS}${name}.json`, 'utf8')) as unknown[];
    // The root, the target of the references, and a class stand beside them.
    files.push({ name, file: `${FORMS}${name}.fs`, current: rows.length + 3 });
  }
  for (const { name, file, current } of files) {
    const isPython2 = readFileSync(file).subarray(0, 4).toString('latin1') === 'FS21';
    it(`${name}: Python ${isPython2 ? 2 : 3} finds equal values`, () => {
      const copy = path('copy.fs');
      copyFileSync(file, copy);
      const db = open(copy, { fsync: false, ...(isPython2 ? { python2: 'write' } : {}) });
      const { total, reached } = touchAll(db);
      db.close();
      // A file without objects gets its root when it is opened for writing.
      expect(total).to.equal(current || 1);
      const judge = isPython2 ? python2 : python3;
      const found = judge.runJson<Judgement>('zodb/touch.py', [file, copy]);
      expect(found.different).to.deep.equal([]);
      expect(found.objects).to.equal(current);
      lines.push(
        `${name}: ${found.objects} objects, ${reached} from the root; ${found.identical} with the same bytes, ${found.equal} equal`,
      );
    }).timeout(120_000);
  }

  for (const name of ['zodbtools-py3-p3', 'zodbtools-py2-p1'])
    it(`the judge sees one number that was not there (${name})`, function () {
      const file = corpusFiles().find((each) => each.name === name)?.file;
      if (file === undefined) return this.skip();
      const copy = path('copy.fs');
      copyFileSync(file, copy);
      const db = open(copy, { python2: 'write' });
      const oid = db.transaction(({ root }) => {
        root.set('one more', 1);
        return formatId(root._p_oid!);
      });
      db.close();
      const judge = name.includes('py2') ? python2 : python3;
      const { different } = judge.runJson<Judgement>('zodb/touch.py', [file, copy]);
      expect(different.map(([each]) => each)).to.deep.equal([oid]);
    });
});
