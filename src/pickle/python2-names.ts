// What Python 2 calls what is in `builtins` and `copyreg` in Python 3, and in a module of numpy 2: a value that came from there, or
// from a program, is written under the names that Python 2 can find.

import { type PyGlobal, pyGlobal } from './values.ts';

const EXCEPTION =
  /(?:Error|Exception|Warning)$|^(?:GeneratorExit|KeyboardInterrupt|StopIteration|SystemExit)$/;
/** Subclasses of OSError that Python 2 does not have: it tells by the number. */
const OS_ERROR =
  /^(?:Blocking|Child|Broken|Connection|File(?:Exists|NotFound)|Interrupted|IsADirectory|NotADirectory|Permission|ProcessLookup|Timeout).*Error$/;

export function python2Global(global: PyGlobal): PyGlobal {
  const { module, name } = global;
  if (module === 'copyreg') return pyGlobal('copy_reg', name);
  if (module.startsWith('numpy._core')) return pyGlobal(`numpy.core${module.slice(11)}`, name);
  if (module !== 'builtins') return global;
  if (OS_ERROR.test(name)) return pyGlobal('exceptions', 'OSError');
  if (EXCEPTION.test(name)) return pyGlobal('exceptions', name);
  return pyGlobal('__builtin__', name === 'range' ? 'xrange' : name);
}
