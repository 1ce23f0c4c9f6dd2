import { expect } from 'chai';
import {
  decode,
  disassemble,
  encode,
  float,
  PyByteArray,
  type PyDict,
  PySet,
  tuple,
} from '../../../src/pickle/index.ts';
import { toHex } from '../../hex.ts';
import { fromHex } from '../../pickle/raw.ts';
import { peer } from '../peers.ts';

type Written = [name: string, protocol: 1 | 2 | 3, hex: string, text: string];

/** A program of ours changed them; what Python 2 then reads. */
const CHANGED: readonly [name: string, change: (value: any) => unknown, text: string][] = [
  [
    'str',
    (v) => [...v.slice(1, 3), 'new', 'é'],
    "list(str('a'), str('ab'), str('new'), unicode(u'\\xe9'))",
  ],
  [
    'unicode',
    (v) => [...v.slice(1, 3), 'new'],
    "list(unicode(u'a'), unicode(u'ab'), unicode(u'new'))",
  ],
  ['only long', (v) => [...v, 4], 'list(long(1L), long(2L), long(-300L), long(4L))'],
  [
    'unicode keys',
    (v: PyDict) => v.set('two', 'deux').set('three', 'trois').set('five', '5').delete('one') && v,
    "dict(str('five'): str('5'), str('three'): str('trois'), unicode(u'two'): unicode(u'deux'), unicode(u'vier'): str('4'))",
  ],
  [
    'long values',
    (v: PyDict) => v.set('a', 7).set('b', 8),
    "dict(long(3L): str('c'), str('a'): long(7L), str('b'): int(8))",
  ],
];

const NEW: readonly [value: unknown, text: string][] = [
  ['text', "str('text')"],
  ['é', "unicode(u'\\xe9')"],
  [Uint8Array.of(1, 255), "str('\\x01\\xff')"],
  [2 ** 40, 'int(1099511627776)'],
  [2n ** 62n, 'int(4611686018427387904)'],
  [2n ** 70n, 'long(1180591620717411303424L)'],
  [float(3), 'float(3.0)'],
  [[true, null, tuple('a', 1)], "list(bool(True), NoneType(None), tuple(str('a'), int(1)))"],
  [new PySet(['a', 2]), "set(int(2), str('a'))"],
  [new PyByteArray(Uint8Array.of(1, 255)), "bytearray(bytearray(b'\\x01\\xff'))"],
  [{ a: 1 }, "dict(str('a'): int(1))"],
];

describe('Pickles of Python 2', () => {
  const python = peer('py27');
  const read = (pickles: readonly [name: string, pickle: Uint8Array][]): string[] =>
    python.runJson<string[]>('pickle/python2.py', ['read'], {
      input: JSON.stringify(pickles.map(([name, pickle]) => [name, toHex(pickle)])),
    });
  let written: Written[] = [];

  it('come back with the types that they had, in all of its protocols', () => {
    written = python.runJson<Written[]>('pickle/python2.py', ['write']);
    expect(written.length).to.be.greaterThan(90);
    const again = written.map(([name, protocol, hex]): [string, Uint8Array] => {
      const value = decode(fromHex(hex));
      return [name, encode(value, { dialect: 'python2', protocol, like: value })];
    });
    for (const [i, text] of read(again).entries()) {
      const [name, protocol, , expected] = written[i] as Written;
      expect(text, `${name}, protocol ${protocol}`).to.equal(expected);
    }
  });

  it('are written in the protocol that they had, unless another is asked for', () => {
    for (const [name, protocol, hex] of written) {
      const value = decode(fromHex(hex));
      if (typeof value !== 'object' || value === null) continue;
      const again = encode(value, { dialect: 'python2' });
      expect(again[0] === 0x80 ? again[1] : 1, name).to.equal(protocol);
    }
  });

  it('become the same bytes where Python 2 left no choice', () => {
    for (const [name, protocol, hex] of written) {
      if (!/^(str|unicode|int|long|float|bool|(list|dict) of \d+)$/.test(name)) continue;
      const value = decode(fromHex(hex));
      const again = encode(value, { dialect: 'python2', protocol });
      // cPickle's places in the memo depend on how often a value happens to be referred to
      expect(withoutPuts(again), `${name}, ${protocol}`).to.equal(withoutPuts(fromHex(hex)));
    }
  });

  it('keep the types of what stood in the place of what is new', () => {
    for (const protocol of [1, 2, 3] as const) {
      const changed = CHANGED.map(([name, change]): [string, Uint8Array] => {
        const found = written.find(([other, its]) => other === name && its === protocol) as Written;
        const value = decode(fromHex(found[2]));
        return [name, encode(change(value), { dialect: 'python2', like: value })];
      });
      expect(read(changed)).to.deep.equal(CHANGED.map(([, , text]) => text));
    }
  });

  it('of new values have str for ASCII text and for bytes, and int where it is large enough', () => {
    for (const protocol of [1, 2, 3] as const) {
      const pickles = NEW.map(([value]): [string, Uint8Array] => [
        'new',
        encode(value, { dialect: 'python2', protocol }),
      ]);
      expect(read(pickles)).to.deep.equal(NEW.map(([, text]) => text));
    }
  });
});

/** The opcodes of a pickle but for those that fill the memo, and the values of those that fetch from it. */
function withoutPuts(pickle: Uint8Array): string {
  const lines: string[] = [];
  for (const { name, argument } of disassemble(pickle)) {
    if (/PUT/.test(name)) continue;
    lines.push(/GET/.test(name) ? 'GET' : `${name} ${String(argument)}`);
  }
  return lines.join('\n');
}
