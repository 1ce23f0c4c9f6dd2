// Prints what native() finds.

import { register } from 'tsx/esm/api';

register();
const { native } = await import('../../../src/bigfile/native.ts');
const { addon, reason } = native();
process.stdout.write(
  JSON.stringify({ found: addon !== undefined, reason, capabilities: addon?.capabilities }),
);
