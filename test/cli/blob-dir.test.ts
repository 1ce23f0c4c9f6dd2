// Commands that are told where the files of blobs are.

import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Blob } from '../../src/main.ts';
import { open } from '../../src/zodb/open.ts';
import { testFolder } from '../filestorage/folder.ts';
import { zodb } from './run.ts';

describe('the option --blob-dir', () => {
  const path = testFolder();
  const blobFiles = (): string[] =>
    readdirSync(path('blobs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.blob'),
    );
  const write = (text: string): string => {
    const db = open(path('Data.fs'), { blobDir: path('blobs') });
    try {
      db.transaction(({ root }) => {
        const blob = (root.get('blob') as Blob | undefined) ?? new Blob();
        root.set('blob', blob);
        blob.write(text);
      });
      return db.lastTransaction().toString(16).padStart(16, '0');
    } finally {
      db.close();
    }
  };
  let last: string;
  beforeEach(() => {
    for (const text of ['one', 'two', 'three']) last = write(text);
  });

  it('has pack remove the files of removed revisions, and say so before', async () => {
    const dry = await zodb('pack', '--dry-run', '--blob-dir', path('blobs'), path('Data.fs'));
    expect(dry.stdout.toString()).to.match(/^would remove:\n.*, 2 blobs\n/);
    expect(blobFiles()).to.have.length(3);
    const { code, stdout } = await zodb('pack', '--blob-dir', path('blobs'), path('Data.fs'));
    expect([code, /, 2 blobs\n/.test(stdout.toString())]).to.deep.equal([0, true]);
    expect(blobFiles()).to.have.length(1);
  });

  it('has undo bring back the content of before', async () => {
    const { code } = await zodb('undo', '--blob-dir', path('blobs'), path('Data.fs'), last);
    expect(code).to.equal(0);
    const db = open(path('Data.fs'), { readOnly: true, blobDir: path('blobs') });
    expect((db.open().root.get('blob') as Blob).read('utf8')).to.equal('two');
    db.close();
  });

  it('has verify look for the files', async () => {
    const whole = await zodb('verify', '--blob-dir', path('blobs'), path('Data.fs'));
    expect([whole.code, /problem/.test(whole.stdout.toString())]).to.deep.equal([0, false]);
    const removed = blobFiles().find((name) => name.includes(last)) as string;
    rmSync(path(`blobs/${removed}`));
    const { code, stdout } = await zodb('verify', '--blob-dir', path('blobs'), path('Data.fs'));
    expect(code).to.equal(1);
    expect(stdout.toString().match(/^problem: .*/gm)).to.deep.equal([
      stdout
        .toString()
        .match(
          /^problem: there is no file of this blob \(oid \w{16}, tid \w{16}, position \d+\)$/m,
        )?.[0],
    ]);
    expect((await zodb('verify', path('Data.fs'))).code).to.equal(0);
  });

  it('has repl read and write blobs', () => {
    const bin = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));
    const args = ['repl', '--blob-dir', path('blobs'), path('Data.fs')];
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', bin, ...args], {
      input: "root.get('blob').read('utf8')\nroot.get('blob').write('four')\ncommit()\n",
      encoding: 'utf8',
    });
    expect([status, stdout.includes("'three'")]).to.deep.equal([0, true]);
    expect(blobFiles()).to.have.length(4);
  });

  for (const args of [['pack'], ['verify'], ['repl'], ['undo']])
    it(`is refused by ${args[0]} where there is no such folder`, async () => {
      const more = args[0] === 'undo' ? [last] : [];
      const { code, stderr } = await zodb(
        ...args,
        '--blob-dir',
        path('no'),
        path('Data.fs'),
        ...more,
      );
      expect([code, /no such folder/.test(stderr)]).to.deep.equal([2, true]);
      expect(readdirSync(path('.'))).to.not.include('no');
    });
});
