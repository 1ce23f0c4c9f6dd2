// Reading and writing through every kind of view.

import assert from 'node:assert/strict';
import { BLOCK, patternBlock, patternWord, WORDS } from './pattern.mjs';
import { addon, open, requests, startLoader } from './start.mjs';

await startLoader();

const scenarios = {
  first() {
    const { region, buffer } = open();
    const words = new Uint32Array(buffer);
    assert.equal(region.state(3), 'absent');
    assert.equal(words[WORDS * 3 + 7], patternWord(3, 7));
    assert.equal(region.state(3), 'clean');
    assert.equal(requests(), 1);
    assert.deepEqual([...region.dirtyBlocks()], []);
    words[WORDS * 9 + 1] = 5;
    words[WORDS * 3 + 7]++;
    assert.deepEqual([...region.dirtyBlocks()], [3, 9]);
    assert.equal(words[WORDS * 3 + 7], patternWord(3, 7) + 1);
    assert.equal(words[WORDS * 9 + 1], 5);
    assert.equal(words[WORDS * 9 + 2], patternWord(9, 2));
    assert.equal(requests(), 2);
    region.close();
    assert.equal(words.length, 0);
    assert.equal(addon.stats().dirty, 0);
  },
};

scenarios[process.argv[2]]();
