import { succeeds } from './run.ts';

for (const backend of ['mremap', 'memfd'] as const) {
  describe(`native memory, frames by ${backend}`, function () {
    this.timeout(60_000);

    it('a touched block is loaded once, a written one is known, and the rest is not read', () =>
      succeeds('access', 'first', { backend }));
  });
}
