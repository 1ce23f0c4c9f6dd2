/** Compiles the addon, if its source is newer: `node examples/counteven/build.mjs`. */
import { fileURLToPath } from 'node:url';
import { compile } from '../../native/build.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export function buildCounteven() {
  return compile({ sources: [at('counteven.c')], out: at('build/counteven.node') });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (buildCounteven()) console.log(`compiled ${at('build/counteven.node')}`);
  } catch (error) {
    console.error(`counteven was not built: ${error.message}`);
    process.exitCode = 1;
  }
}
