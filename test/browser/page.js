// Runs in the page: loads test files, runs them, and says on the console what mocha says elsewhere.

// What the tests ask of Node besides files.
globalThis.process = {
  env: {},
  memoryUsage: () => ({ heapUsed: performance.memory.usedJSHeapSize }),
};

mocha.setup({ ui: 'bdd', timeout: 60_000, reporter: class {} });

globalThis.runTests = async (files) => {
  for (const file of files) await import(file);
  const started = Date.now();
  const failed = [];
  let passed = 0;
  let skipped = 0;
  await new Promise((resolve) => {
    mocha
      .run()
      .on('pass', () => {
        passed += 1;
      })
      .on('pending', () => {
        skipped += 1;
      })
      .on('fail', (test, error) => failed.push([test.fullTitle(), error]))
      .on('end', resolve);
  });
  for (const [title, error] of failed) console.log(`\n  ${title}:\n${error.stack ?? error}`);
  console.log(`\n  ${passed} passing (${Math.round((Date.now() - started) / 1000)}s)`);
  if (skipped > 0) console.log(`  ${skipped} pending`);
  console.log(failed.length > 0 ? `  ${failed.length} failing\n` : '');
  return failed.length + (passed === 0 ? 1 : 0);
};
