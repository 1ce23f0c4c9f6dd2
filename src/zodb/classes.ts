// Which JavaScript class stands for which Python class. A name is only ever looked up here: nothing that a database says
// is imported or run.

import { type PyGlobal, pyGlobal } from '../pickle/index.ts';
import { ArgumentError } from './errors.ts';
import { checkedState } from './object-state.ts';
import { constructorOf, Persistent, type PersistentClass } from './persistent.ts';
import { type ClassName, classNameOf } from './record.ts';

// Of this copy of the package alone: only its own Persistent can make its ghosts.
const registry = {
  byName: new Map<string, PersistentClass>(),
  names: new Map<PersistentClass, ClassName>(),
} as const;

/**
 * Makes `cls` the class of objects that Python calls `pythonName` (`module.Class`). Further names are read too (a class
 * that moved); the first one is written.
 * @throws ArgumentError if `cls` does not extend Persistent, a name has no dot, or a name is taken by another class.
 */
export function registerClass(
  cls: PersistentClass,
  pythonName: string,
  ...aliases: string[]
): void {
  if (typeof cls !== 'function' || !(cls.prototype instanceof Persistent)) {
    throw new ArgumentError('registerClass takes a class that extends Persistent');
  }
  const { byName, names } = registry;
  for (const text of [pythonName, ...aliases]) {
    const key = keyOf(parseClassName(text));
    const taken = byName.get(key);
    if (taken !== undefined && taken !== cls) {
      throw new ArgumentError(`${text} is already registered for class ${taken.name}`);
    }
    byName.set(key, cls);
  }
  if (!names.has(cls)) names.set(cls, parseClassName(pythonName));
}

/** `module.Class` as its two parts. @throws ArgumentError */
function parseClassName(text: string): ClassName {
  const dot = typeof text === 'string' ? text.lastIndexOf('.') : -1;
  if (dot <= 0 || dot === text.length - 1) {
    throw new ArgumentError(
      `a Python class name has the form module.Class, got ${JSON.stringify(text) ?? 'undefined'}`,
    );
  }
  return { module: text.slice(0, dot), name: text.slice(dot + 1) };
}

function keyOf(name: ClassName): string {
  return `${name.module}\n${name.name}`;
}

/** Classes of one database before those of the whole process. */
export class ClassTable {
  readonly #own = new Map<string, PersistentClass>();
  readonly #names = new Map<PersistentClass, ClassName>();
  // References in a record mostly have one class, and the reader one object for it.
  #spelling: unknown;
  #found: PersistentClass | undefined;
  #registered = -1;

  constructor(classes: Readonly<Record<string, PersistentClass>> = {}) {
    if (typeof classes !== 'object' || classes === null)
      throw new ArgumentError(`classes are an object of classes by name, got ${String(classes)}`);
    for (const [text, cls] of Object.entries(classes)) {
      if (typeof cls !== 'function' || !(cls.prototype instanceof Persistent)) {
        throw new ArgumentError(`classes[${JSON.stringify(text)}] does not extend Persistent`);
      }
      const name = parseClassName(text);
      this.#own.set(keyOf(name), cls);
      if (!this.#names.has(cls)) this.#names.set(cls, name);
    }
  }

  /** The class for a spelling found in a record or reference; `undefined` if none is registered. */
  find(spelling: unknown): PersistentClass | undefined {
    if (spelling !== this.#spelling || this.#registered !== registry.byName.size) {
      this.#found = this.#look(spelling);
      this.#spelling = spelling;
      this.#registered = registry.byName.size;
    }
    return this.#found;
  }

  #look(spelling: unknown): PersistentClass | undefined {
    const name = classNameOf(spelling);
    if (name === undefined) return undefined;
    const key = keyOf(name);
    return this.#own.get(key) ?? registry.byName.get(key);
  }

  /** How records spell `cls`; `undefined` if it was never registered. */
  spelling(cls: PersistentClass): PyGlobal | undefined {
    const name = this.#names.get(cls) ?? registry.names.get(cls);
    return name === undefined ? undefined : pyGlobal(name.module, name.name);
  }
}

/**
 * The Python class of an object, also where no JavaScript class is registered for it. Does not load a ghost.
 * @throws ArgumentError for what is not persistent
 */
export function classOf(object: Persistent): ClassName | undefined {
  const { pyClass } = checkedState(object);
  return classNameOf(pyClass) ?? registry.names.get(constructorOf(object));
}
