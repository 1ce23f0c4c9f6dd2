// Two copies of the package in one process, as when two dependencies bring one each.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';

const source = fileURLToPath(new URL('../src', import.meta.url));

const program = `
  import * as one from '${source}/main.ts';
  import { OOBTree } from '${source}/btrees/index.ts';
  import { isZodbError } from '${source}/errors.ts';
  import * as two from './src/main.ts';
  import { OOBTree as OtherTree } from './src/btrees/index.ts';

  const a = one.dbopen('a.fs');
  const b = two.dbopen('b.fs');
  a.set('tree', new OOBTree([['copy', 1]]));
  b.set('tree', new OtherTree([['copy', 2]]));
  one.transaction.commit();
  one.dbclose(a);
  two.dbclose(b);
  const again = one.dbopen('b.fs', { readOnly: true });
  console.log(again.get('tree') instanceof OOBTree, again.get('tree').get('copy'));
  one.dbclose(again);
  try {
    two.dbopen('none.fs', { readOnly: true });
  } catch (error) {
    console.log(error instanceof one.ZodbError, isZodbError(error, 'NO_SUCH_FILE'));
  }
`;

describe('two copies of the package in one process', () => {
  it('each open databases, share the default transaction, and know the errors of each other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zodb-copies-'));
    try {
      cpSync(source, join(folder, 'src'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(join(folder, 'program.ts'), program);
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
      const printed = execFileSync(
        process.execPath,
        ['--import', tsx, join(folder, 'program.ts')],
        { cwd: folder, encoding: 'utf8' },
      );
      expect(printed).to.equal('true 2\nfalse true\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
