import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const SOURCES = new URL('../src/', import.meta.url);
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g;

interface Row {
  readonly code: string;
  readonly className: string;
}

describe('docs/errors.md', () => {
  const rows = documented();
  const source = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('testing/'))
    .map((name) => readFileSync(new URL(name, SOURCES), 'utf8'))
    .join('\n');

  it('has a row for each code that errors are made with, and no other', () => {
    expect(rows.map(({ code }) => code)).to.deep.equal([...codesIn(source)].sort());
  });

  it('names classes that there are, and leaves none out', () => {
    const classes = [...source.matchAll(/export class (\w+Errors?) extends/g)].map(
      ([, name]) => name,
    );
    const named = new Set(rows.map(({ className }) => className));
    // These two are bases, which nobody throws.
    const thrown = classes.filter((name) => name !== 'ZodbError' && name !== 'PlacedError');
    expect([...named].sort()).to.deep.equal([...new Set(thrown)].sort());
  });
});

// Where codes stand: in calls of an error class or of its constructor, as default of the parameter `code`, in types of codes.
function codesIn(source: string): Set<string> {
  const places = [
    ...source.matchAll(/\bnew \w*Error\([\s\S]*?;\n/g),
    ...source.matchAll(/\bsuper\([\s\S]*?;\n/g),
    ...source.matchAll(/\bcode(?:: \w+)? = '\w+'[^;]*?super\(/g),
    ...source.matchAll(/type \w+ErrorCode =[\s\S]*?;\n/g),
  ].map(([text]) => text);
  const system = /^E[A-Z]+$/;
  return new Set(
    places
      .flatMap((text) => [...text.matchAll(CODE)].map(([, code]) => code as string))
      .filter((code) => code.length > 3 && !system.test(code)),
  );
}

function documented(): Row[] {
  return readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => /^\| `([A-Z_]+)` \| `(\w+)` \|/.exec(line))
    .filter((match) => match !== null)
    .map(([, code, className]) => ({ code, className }) as Row);
}
