import { expect } from 'chai';
import { child, describeNative, succeeds } from './run.ts';

const scenarios: readonly [title: string, scenario: string][] = [
  ['a load error under a guard is an exception, and the process lives', 'guarded'],
  ['a guarded function too short to be stopped throws when it returns', 'short'],
  ['builtins, writes and callbacks are stopped too', 'inside'],
  ['a load error outside a guard gives zeros and refuses every store', 'unguarded'],
  ['all threads that wait for a block are told that it failed', 'together'],
  ['a loader that never answers is an error after the time limit', 'silent'],
  ['a loader that ends is an error for who waits and who comes later', 'exits'],
  ['a loader without memory is an error', 'exhaustsMemory'],
  ['a loader that is terminated is an error for another thread that waits', 'terminated'],
  ['frames come back from answers that are late', 'lateAnswers'],
  ['more changes than the hard limit are an error, and undone give their memory back', 'full'],
  ['a touch before the loader has started waits for it', 'noLoader'],
];

for (const backend of ['mremap', 'memfd'] as const) {
  describeNative(`load errors of native memory, frames by ${backend}`, function () {
    this.timeout(60_000);
    for (const [title, scenario] of scenarios) {
      it(title, async () => {
        await succeeds('errors', scenario, { backend, readAhead: 0 });
      });
    }
  });
}

describeNative('the end of a process with native memory', function () {
  this.timeout(60_000);

  it('comes although a thread waits for a block', async () => {
    const { code, stdout } = await child('errors', 'exitWhileWaiting', { readAhead: 0 });
    expect(stdout).to.contain('waiting');
    expect(code).to.equal(0);
  });

  it('comes at the first load error, with its message, where that is asked for', async () => {
    const { signal, stderr } = await child('errors', 'abort');
    expect(signal).to.equal('SIGABRT');
    expect(stderr).to.contain('zodb native: the disk is on fire');
  });

  it('comes when a loader touches what it should load', async () => {
    const { signal, stderr } = await child('errors', 'loaderTouches');
    expect(signal).to.equal('SIGABRT');
    expect(stderr).to.contain('a loader touched a block that is not loaded');
  });
});
