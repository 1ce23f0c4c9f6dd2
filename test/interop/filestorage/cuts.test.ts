// What a crash leaves of a commit of ours, as Python's FileStorage finds it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { type CutFile, cutCommits } from '../../filestorage/cut-commits.ts';
import { testFolder } from '../../filestorage/folder.ts';
import { peer } from '../peers.ts';

describe('a commit of ours that was cut off, in Python', () => {
  const python = peer('zodb');
  const path = testFolder();

  it('leaves the transactions that were complete, whether opened for reading or for writing', () => {
    mkdirSync(path('files'));
    const cuts: Pick<CutFile, 'title' | 'tids'>[] = [];
    const files: string[] = [];
    for (const { title, tids, bytes } of cutCommits(path, { rounds: 1, step: 1, large: 0 })) {
      const file = path(`files/${cuts.length}.fs`);
      writeFileSync(file, bytes);
      files.push(file);
      cuts.push({ title, tids });
    }
    const seen = python.runJson<string[][][]>('filestorage/cuts.py', [], {
      input: files.join('\n'),
    });
    for (const [i, { title, tids }] of cuts.entries())
      expect(seen[i], title).to.deep.equal([tids, tids]);
    console.log(`      ${cuts.length} cuts`);
    expect(cuts.length).to.be.greaterThan(1000);
  });
});
