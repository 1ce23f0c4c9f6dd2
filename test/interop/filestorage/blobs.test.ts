import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { FileStorage } from '../../../src/filestorage/index.ts';
import { Blob, open } from '../../../src/main.ts';
import { copyTransactions } from '../../../src/tools/index.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';
import { makeBlobFolder, treeOf } from './blob-trees.ts';

const SCRIPT = 'filestorage/blobs.py';

describe('blobs that Python and Node share', () => {
  const python = peer('zodb');
  const path = testFolder();

  for (const layout of ['bushy', 'lawn'] as const) {
    it(`are objects to both, whoever wrote them, in layout ${layout}`, () => {
      const [file, blobDir] = [path('Data.fs'), path('blobs')];
      makeBlobFolder(blobDir, layout);
      const expected: Record<string, string> = {};
      const seen = (): Record<string, string> => {
        using db = open(file, { blobDir });
        return db.transaction(({ root }) =>
          Object.fromEntries([...root].map(([name, blob]) => [name, (blob as Blob).read('utf8')])),
        );
      };
      for (let round = 0; round < 3; round++) {
        python.run(SCRIPT, ['write', file, blobDir, `python${round}`, 'by Python']);
        expected[`python${round}`] = 'by Python';
        {
          using db = open(file, { blobDir });
          db.transaction((connection) => {
            const blob = new Blob('by');
            connection.root.set(`node${round}`, blob);
            connection.transactionManager.savepoint();
            using appended = blob.open('a');
            appended.write(' Node');
          });
          expected[`node${round}`] = 'by Node';
          for (const name of Object.keys(expected)) {
            db.transaction(({ root }) => {
              using appended = (root.get(name) as Blob).open('a');
              appended.write('!');
            });
            expected[name] += '!';
          }
        }
        for (const name of Object.keys(expected)) {
          python.run(SCRIPT, ['append', file, blobDir, name, '?']);
          expected[name] += '?';
        }
        expect(seen()).to.deep.equal(expected);
        expect(python.runJson(SCRIPT, ['read', file, blobDir])).to.deep.equal(expected);
      }
    }).timeout(120_000);
  }

  it('are copied with their transactions to the same files by both', () => {
    const [file, blobDir] = [path('Data.fs'), path('blobs')];
    python.run(SCRIPT, ['write', file, blobDir, 'one', 'by Python']);
    {
      using db = open(file, { blobDir });
      db.transaction(({ root }) => (root.get('one') as Blob).write('by Node'));
      db.transaction(({ root }) => root.set('two', new Blob('another')));
      db.undo(db.undoLog({ first: 1, limit: 1 })[0]?.tid as never);
    }
    python.run(SCRIPT, ['copy', file, blobDir, path('python.fs'), path('python')]);
    {
      using from = new FileStorage(file, { blobDir, readOnly: true });
      using to = new FileStorage(path('node.fs'), { blobDir: path('node') });
      copyTransactions(from, to);
    }
    const original = treeOf(blobDir);
    expect(Object.keys(original)).to.have.length(5);
    expect(treeOf(path('python'))).to.deep.equal(original);
    expect(treeOf(path('node'))).to.deep.equal(original);
    const bytes = (name: string): Buffer => readFileSync(path(name));
    expect(bytes('node.fs').equals(bytes('python.fs'))).to.equal(true);
    expect(bytes('node.fs').equals(bytes('Data.fs'))).to.equal(true);
  });
});
