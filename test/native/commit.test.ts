import { describeNative, succeeds } from './run.ts';

const scenarios: readonly [title: string, scenario: string][] = [
  ['changed blocks are listed, stored as they are, and clean or dirty afterwards', 'store'],
  ['what others changed is loaded anew, the rest stays', 'snapshots'],
  ['a load that began in an older snapshot is repeated', 'movingSnapshot'],
  ['blocks are loaded on request, once, and failures are told', 'requests'],
  ['system calls get pinned memory, and pins outlive a scan', 'pins'],
  ['threads share a region, and find zeros when it is closed', 'otherThreads'],
  ['hundreds of handles are opened and closed without leaving anything', 'openAndClose'],
];

for (const backend of ['mremap', 'memfd'] as const) {
  describeNative(`transactions of native memory, frames by ${backend}`, function () {
    this.timeout(60_000);
    for (const [title, scenario] of scenarios) {
      it(title, async () => {
        await succeeds('commit', scenario, { backend });
      });
    }
  });
}
