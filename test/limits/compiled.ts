// The package as it is when it is installed: what runs from the source needs more memory from the start.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const project: string = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles the package into a folder; gives the URL of a module of it. */
export function compiledTo(folder: string): (module: string) => string {
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const output = join(folder, 'dist');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', output], {
    cwd: project,
  });
  return (module) => pathToFileURL(join(output, module)).href;
}
