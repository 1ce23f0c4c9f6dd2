import { describeNative, succeeds } from './run.ts';

const scenarios: readonly [title: string, scenario: string, budget: number, readAhead?: number][] =
  [
    ['four threads at random find no wrong value in 8 frames', 'random', 8],
    ['blocks in use outlive a stream of others', 'clock', 32, 0],
    [
      'a sequential reader finds blocks loaded ahead, a random one loads nothing more',
      'readAhead',
      128,
    ],
    ['a scan of 1 GiB stays within a budget of 128 MiB', 'scan', 64],
    ['blocks scattered over a TiB leave no mappings behind', 'scattered', 64],
    ['blocks are evicted where the process has no kernel mapping left', 'crowded', 256, 0],
    ['a smaller budget gives memory back as soon as changes allow', 'shrink', 64],
  ];

for (const backend of ['mremap', 'memfd'] as const) {
  describeNative(`the budget of native memory, frames by ${backend}`, function () {
    this.timeout(60_000);
    for (const [title, scenario, budget, readAhead] of scenarios) {
      it(title, async () => {
        await succeeds('budget', scenario, { backend, budget, readAhead: readAhead ?? 8 });
      });
    }
  });
}
