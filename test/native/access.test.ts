import { describeNative, succeeds } from './run.ts';

const scenarios: readonly [title: string, scenario: string][] = [
  ['a touched block is loaded once, a written one is known, the rest is not read', 'first'],
  [
    'every kind of element is right on both sides of a block edge, and marks exactly its block',
    'kinds',
  ],
  ['optimised and interpreted loops see and change the right numbers', 'loops'],
  ['methods of typed arrays and Buffer, crypto and zlib work on absent blocks', 'methods'],
  [
    'thread pool and foreign addons work on absent blocks; slow, collecting and short loads',
    'others',
  ],
  ['windows above 4 GiB, overlapping buffers, use after close', 'windows'],
];

for (const backend of ['mremap', 'memfd'] as const) {
  describeNative(`access to native memory, frames by ${backend}`, function () {
    this.timeout(60_000);
    for (const [title, scenario] of scenarios) {
      it(title, async () => {
        await succeeds('access', scenario, { backend, flags: ['--expose-gc'] });
      });
    }
  });
}
