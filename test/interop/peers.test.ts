import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type PeerName, peer } from './peers.ts';

interface Versions {
  python: string;
  packages: Record<string, string>;
}

const judges: [name: PeerName, python: string, packages: string[]][] = [
  ['zodb', '3.11', ['ZODB', 'BTrees', 'zodbpickle']],
  ['zodb313', '3.13', ['ZODB', 'zodbpickle', 'numpy', 'pytz']],
  ['wendelin', '3.9', ['ZODB', 'wendelin.core', 'numpy']],
  ['zodbtools', '3.9', ['ZODB', 'zodbtools']],
  ['py27', '2.7', ['ZODB', 'wendelin.core', 'numpy']],
  ['zodbtools27', '2.7', ['ZODB', 'zodbtools']],
];

for (const [name, python, packages] of judges) {
  describe(`peer ${name}`, () => {
    const judge = peer(name);

    it('has the Python and the versions that its list pins', () => {
      const pins = readFileSync(new URL(`./peers/${name}.txt`, import.meta.url), 'utf8');
      const found = judge.runJson<Versions>('versions.py', packages);
      expect(found.python).equal(python);
      for (const [name, version] of Object.entries(found.packages)) {
        expect(pins.split('\n')).include(`${name}==${version}`);
      }
    });
  });
}
