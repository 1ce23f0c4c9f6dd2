// The trees of real databases, also those of Python 2 and of classes under their old names.
import { expect } from 'chai';
import { Collection, findProblems } from '../../src/btrees/index.ts';
import { isTree, type Node, treeData } from '../../src/btrees/node.ts';
import { type Connection, isZodbError, type Oid, open } from '../../src/main.ts';
import type { Persistent } from '../../src/zodb/persistent.ts';
import { corpusFiles } from '../filestorage/corpus.ts';

/** Every BTrees object of a database that is no part of another one. */
function roots(connection: Connection, oids: Iterable<Oid>): Node[] {
  const found = new Set<Node>();
  const parts = new Set<Node>();
  for (const oid of oids) {
    const object = existing(connection, oid);
    if (!(object instanceof Collection) || !isTree(object)) continue;
    found.add(object);
    for (const child of treeData(object).children) parts.add(child.self as Node);
  }
  return [...found].filter((node) => !parts.has(node));
}

function existing(connection: Connection, oid: Oid): Persistent | undefined {
  try {
    return connection.get(oid);
  } catch (error) {
    if (isZodbError(error, 'POS_KEY')) return undefined;
    throw error;
  }
}

describe('BTrees of the corpus', () => {
  const files = corpusFiles().filter(({ name }) => name !== 'neo-empty');
  let count = 0;

  for (const { name, file } of files) {
    it(`${name}: every tree is whole, and knows its size`, () => {
      using db = open(file, { readOnly: true });
      const oids = new Set<Oid>();
      for (const transaction of db.storage.iterate()) {
        for (const { oid } of transaction.records()) oids.add(oid);
      }
      for (const root of roots(db.open(), oids)) {
        expect(findProblems(root)).to.deep.equal([]);
        const tree = root as Collection<unknown>;
        expect(tree.size).to.equal([...tree.keys()].length);
        count++;
      }
    });
  }

  it('there are hundreds of them', function () {
    if (files.length === 0) this.skip();
    expect(count).to.be.greaterThan(400);
  });
});
