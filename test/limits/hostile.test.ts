import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

// 100 000 on request, 10 000 in CI, some hundred elsewhere.
function amount(): number {
  const { CI, ZODB_LIMITS } = process.env;
  if (ZODB_LIMITS === 'all') return 100_000;
  return CI === 'true' && ZODB_LIMITS !== 'small' ? 10_000 : 300;
}

describe('damaged data files', () => {
  const count = amount();
  const seed = Number(process.env['ZODB_SEED'] ?? Date.now() % 1_000_000);

  it(`are read, or refused with an error that says why, ${count} of them in 512 MiB (seed ${seed})`, function () {
    this.timeout(1_800_000);
    const child = fileURLToPath(new URL('./hostile-child.ts', import.meta.url));
    const printed = execFileSync(
      process.execPath,
      ['--max-old-space-size=512', '--import', 'tsx', child, String(seed), String(count)],
      { encoding: 'utf8' },
    );
    const { seen, slowest, worst } = JSON.parse(printed);
    expect(slowest, `milliseconds for ${worst}`).to.be.below(2000);
    expect(seen['iterate: fine']).to.be.greaterThan(count / 50);
    expect(seen['iterate: CORRUPTED']).to.be.greaterThan(count / 50);
  });
});
