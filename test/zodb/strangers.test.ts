// What someone meets who opens a file of an application that is not there: from the root to a leaf, by attributes and items.

import { inspect } from 'node:util';
import { expect } from 'chai';
import { attributesOf, type Connection, classOf, open } from '../../src/main.ts';
import type { Persistent } from '../../src/zodb/persistent.ts';
import { corpusFiles } from '../filestorage/corpus.ts';
import { objectsIn } from './objects-in.ts';

const files = new Map(corpusFiles().map(({ name, file }) => [name, file]));

/** A way from the root to a leaf, and what is there. */
const WAYS: readonly [name: string, to: string, go: (root: any) => unknown, expected: unknown][] = [
  [
    'schooltool2005',
    'the name of the service for tickets',
    (root) => classOf(root.get('schooltool').ticketService)?.name,
    'TicketService',
  ],
  [
    'schooltool2008',
    'the interface of the application',
    (root) => String(root.get('Application').__provides__.args[1]),
    'zope.location.interfaces.ISite',
  ],
  [
    'schooltool2011',
    'the containers of the application, by name',
    (root) => root.get('Application')._SampleContainer__data.has('persons'),
    true,
  ],
  [
    'zope1999-datafsin',
    'the class of the first page',
    (root) => classOf(root.get('Application').index_html),
    { module: 'OFS.DTMLMethod', name: 'DTMLMethod' },
  ],
  [
    'zope2001-datafsin',
    'the folder of users',
    (root) => classOf(root.get('Application').acl_users)?.name,
    'UserFolder',
  ],
  ['zope2005-zclasses', 'the globals', (root) => root.get('ZGlobals').size > 0, true],
];

describe('a stranger with a file of an application that is not there', () => {
  for (const [name, to, go, expected] of WAYS)
    it(`gets to ${to} in ${name}`, function () {
      const file = files.get(name);
      if (file === undefined) return this.skip();
      const db = open(file, { readOnly: true });
      const { root } = db.open();
      expect(go(root)).to.eql(expected);
      db.close();
    });

  it('gets to an article by language in py3-plone-bench', function () {
    const file = files.get('py3-plone-bench');
    if (file === undefined) return this.skip();
    const db = open(file, { readOnly: true });
    const { root } = db.open();
    expect([...root.keys()]).to.include.members(['categories', 'by_language']);
    const [[, inLanguage]] = [...root.get('by_language')];
    expect(inspect(inLanguage)).to.match(/^\w+ <oid [0-9a-f]{16}, ghost>$/);
    db.close();
  });

  for (const [name, file] of files) {
    // It has no root, and opened for reading gets none.
    if (name === 'neo-empty') continue;
    it(`prints every object of ${name}, loads none by it, and reads its attributes`, () => {
      const db = open(file, { readOnly: true, cacheSize: 1_000_000 });
      walk(db.open());
      db.close();
    });
  }

  function walk(connection: Connection): void {
    const todo: Persistent[] = [connection.root];
    const met = new Set<Persistent>(todo);
    for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
      const others = objectsIn(object);
      for (const next of others) if (!met.has(next)) todo.push(met.add(next) && next);
      const ghosts = [...others].filter(({ _p_status }) => _p_status === 'ghost');
      const { name } = classOf(object) ?? { name: object.constructor.name };
      expect(inspect(object).startsWith(`${name} <oid `)).to.equal(true);
      inspect({ object, ghosts });
      if (met.size < 40) inspect(object, { depth: null });
      for (const [attribute] of attributesOf(object)) expect(attribute).to.be.a('string');
      for (const ghost of ghosts) expect(ghost._p_status).to.equal('ghost');
    }
  }
});
