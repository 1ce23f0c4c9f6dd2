// Compiles and loads the second addon.

import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../../native/build.mjs';

export const out = join(tmpdir(), 'zodb-test-native', 'probe.node');

export function loadProbe() {
  compile({ sources: [fileURLToPath(new URL('./probe.c', import.meta.url))], out });
  return createRequire(import.meta.url)(out);
}
