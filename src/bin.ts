#!/usr/bin/env node
// The start of the command `zodb`.

import './register.ts';
import { runProgram } from './cli/program.ts';

runProgram(process.argv.slice(2), process).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    // A fault of this program: not to be taken for damage that it found.
    console.error(error);
    process.exitCode = 2;
  },
);
