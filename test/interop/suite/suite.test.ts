// ZODB's own storage tests, from the installed package, run on a FileStorage of ours (adapter.py). What they say of each
// test becomes a test here.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { peer } from '../peers.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Tests that are not run, of more than two hundred; those that ZODB itself skips for its FileStorage are not counted. */
const MOST_LEFT_OUT = 15;
const SKIPPED_BY_ZODB = /does not implement _new_storage_client/;

type Outcome = readonly [id: string, outcome: 'passed' | 'failed' | 'left out', detail: string];

describe('ZODB’s storage tests on our FileStorage', () => {
  const python = peer('zodb');
  let outcomes: readonly Outcome[] = [];

  before(function () {
    this.timeout(600_000);
    const node = [process.execPath, '--import', 'tsx', here('server.ts')];
    const { stdout, stderr, status } = spawnSync(python.python, [here('run.py')], {
      env: { ...process.env, ZODB_NODE: node.join('\n'), PYTHONDONTWRITEBYTECODE: '1' },
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`the tests ended with ${status}\n${stderr}`);
    outcomes = JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) as string);
  });

  it('pass', () => {
    const failed = outcomes.filter(([, outcome]) => outcome === 'failed');
    expect(failed.map(([id, , detail]) => `${id}\n${detail}`).join('\n\n')).to.equal('');
    const passed = outcomes.filter(([, outcome]) => outcome === 'passed');
    console.log(`      ${passed.length} of ${outcomes.length} passed`);
    expect(passed.length).to.be.greaterThan(200);
  });

  it('are all run, but for a few', () => {
    const leftOut = outcomes.filter(([, outcome]) => outcome === 'left out');
    for (const [id, , reason] of leftOut) console.log(`      left out: ${id}: ${reason}`);
    const ours = leftOut.filter(([, , reason]) => !SKIPPED_BY_ZODB.test(reason));
    expect(ours.length).to.be.at.most(MOST_LEFT_OUT);
  });
});
