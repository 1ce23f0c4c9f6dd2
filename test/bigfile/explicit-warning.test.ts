import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const project = fileURLToPath(new URL('../..', import.meta.url));

const program = `
  import { dbclose, dbopen, transaction } from './src/main.ts';
  import { ZBigArray } from './src/bigarray/index.ts';
  for (let i = 0; i < 2; i++) {
    const root = dbopen('memory:');
    root.set('A', new ZBigArray([3], 'int64'));
    transaction.commit();
    console.log(root.get('A').view().data.length);
    dbclose(root);
  }
`;

describe('arrays whose memory does not load itself', () => {
  for (const [title, native, warnings] of [
    ['say so once in a process, and why', '', 1],
    ['say nothing where that was asked for', 'off', 0],
  ] as const)
    it(title, () => {
      const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
      const { stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: project,
        encoding: 'utf8',
        env: { ...process.env, ZODB_NATIVE: native },
      });
      expect(stdout).to.equal('3\n3\n');
      expect(stderr.match(/\[ZODB_EXPLICIT_ARRAYS\] .*because .+/g) ?? []).to.have.length(warnings);
    });
});
