import { expect } from 'chai';
import { child, describeNative, succeeds } from './run.ts';

const scenarios: readonly [title: string, scenario: string][] = [
  ['WebAssembly traps before, during and after faults', 'webAssembly'],
  ['a handler that was put in our place is got in front of again', 'replaced'],
  ['signals during a fault are handled', 'duringFaults'],
  ['child processes start and do not disturb', 'children'],
  ['a stack overflow is a RangeError, and faults work near the end of the stack', 'stackOverflow'],
];

const crashes: readonly [title: string, scenario: string][] = [
  ['a crash in a foreign addon is still one', 'foreignCrash'],
  ['a crash is still one after handlers came and went', 'foreignCrashBehindAnother'],
  ['a SIGSEGV that somebody sent still ends the process', 'sentSignal'],
];

describeNative('native memory beside other users of signals', function () {
  this.timeout(60_000);
  for (const [title, scenario] of scenarios) {
    it(title, async () => {
      await succeeds('signals', scenario);
    });
  }
  for (const [title, scenario] of crashes) {
    it(title, async () => {
      const { signal, stdout } = await child('signals', scenario);
      expect(stdout).to.equal('alive\n');
      expect(signal).to.equal('SIGSEGV');
    });
  }
});

describeNative('native memory with flags of Node.js', function () {
  this.timeout(60_000);
  for (const flags of [
    ['--jitless'],
    ['--no-opt'],
    ['--max-old-space-size=40'],
    ['--stack-size=500'],
    ['--cpu-prof', '--cpu-prof-dir=/tmp/zodb-test-native'],
    ['--heap-prof', '--heap-prof-dir=/tmp/zodb-test-native'],
    ['--inspect=0'],
  ]) {
    it(`reads and writes with ${flags[0]}`, async () => {
      await succeeds('access', 'first', { flags });
    });
  }
});
