// What has a place in the memo of Python 2's pickles, and under which names it finds things. The pickles are as Python 2.7 spells
// such values; test/interop/pickle/rows.test.ts has what it wrote itself.

import { expect } from 'chai';
import {
  decode,
  encode,
  NumpyArray,
  PyByteArray,
  PyObject,
  PyString2,
  pyGlobal,
  tuple,
} from '../../src/pickle/index.ts';
import { raw, text } from './raw.ts';

const PICKLES: readonly [what: string, pickle: string][] = [
  ['an exception keeps its arguments', 'cexceptions\nKeyError\nq\x01U\x01k\x85q\x02Rq\x03.'],
  [
    'one of its own, which is told by its name',
    'cshop\nStockError\nq\x01K\x01U\x01x\x86q\x02Rq\x03.',
  ],
  ['one with attributes', 'cshop\nFailure\nq\x01U\x01x\x85q\x02Rq\x03}q\x04U\x04codeq\x05K\x01sb.'],
  [
    'an error of the system with a file puts its arguments together',
    'cexceptions\nIOError\nq\x01K\x02U\x04goneq\x02U\x04nameq\x03\x87Rq\x04.',
  ],
  [
    'a set with attributes makes the tuple that its items are in',
    'cshop\nMembers\nq\x01]q\x02K\x01a\x85Rq\x03}q\x04U\x04nameq\x05U\x01nsb.',
  ],
  [
    'what says which interfaces there are keeps its arguments',
    'czope.interface.declarations\nProvides\nq\x01cshop\nPrice\nq\x02cshop\nIPrice\nq\x03\x86q\x04Rq\x05.',
  ],
  [
    'the arguments of a function that are an attribute',
    '(cshop\nOld\nq\x01oq\x02}q\x03U\x04argsq\x04K\x01K\x02\x86sb.',
  ],
  [
    'any other tuple that is an attribute',
    '(cshop\nOld\nq\x01oq\x02}q\x03U\x04pairq\x04K\x01K\x02\x86q\x05sb.',
  ],
  [
    'the unit of a time in a dtype',
    'cnumpy\ndtype\nq\x01U\x02M8q\x02K\x00K\x01\x87Rq\x03(K\x04U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00}q\x04(U\x02nsq\x05K\x01K\x01K\x01t\x86tb.',
  ],
  [
    'the fields of a dtype, whose names it keeps',
    'cnumpy\ndtype\nq\x01U\x02V1q\x02K\x00K\x01\x87Rq\x03(K\x03U\x01|NU\x01a\x85q\x04}q\x05U\x01ah\x01U\x02u1q\x06K\x00K\x01\x87Rq\x07(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbK\x00\x86sK\x01K\x01K\x10tb.',
  ],
  [
    'text of one character, also beyond 16 bits',
    ']q\x01(X\x04\0\0\0\xf0\x9f\x98\x80X\x02\0\0\0\xc3\xa9X\x00\0\0\0U\x00U\x01aX\x04\0\0\0\xc3\xa9\xc3\xa9q\x02e.',
  ],
  ['an empty bytearray', 'c__builtin__\nbytearray\nq\x01X\0\0\0\0U\x07latin-1q\x02\x86Rq\x03.'],
];

const NAMES: readonly [what: string, value: unknown, names: readonly string[]][] = [
  ['a class', pyGlobal('builtins', 'dict'), ['__builtin__ dict']],
  [
    'an exception',
    new PyObject('reduce', pyGlobal('builtins', 'KeyError'), tuple('k')),
    ['exceptions KeyError'],
  ],
  [
    'an error of the system',
    new PyObject('reduce', pyGlobal('builtins', 'FileNotFoundError'), tuple<unknown>(2, 'gone')),
    ['exceptions OSError'],
  ],
  ['a function of copyreg', pyGlobal('copyreg', '_reconstructor'), ['copy_reg _reconstructor']],
  [
    'an array of numpy 2',
    new NumpyArray(new Float64Array(2), [2], { module: 'numpy._core.multiarray' }),
    ['numpy.core.multiarray _reconstruct', 'numpy ndarray', 'numpy dtype'],
  ],
  [
    'the same under two names, written once',
    [pyGlobal('builtins', 'dict'), pyGlobal('__builtin__', 'dict'), pyGlobal('builtins', 'dict')],
    ['__builtin__ dict'],
  ],
  ['of an application', pyGlobal('shop.builtins', 'range'), ['shop.builtins range']],
];

describe('Memo and names of Python 2', () => {
  for (const [what, pickle] of PICKLES) {
    it(`give places in the memo as Python 2 does: ${what}`, () => {
      const value = decode(raw(`\x80\x02${pickle}`));
      expect(text(encode(value, { dialect: 'python2', like: value }))).to.equal(
        `\x80\x02${pickle}`,
      );
    });
  }

  it('give none to a str of one character that is kept as one', () => {
    const strings = [new PyString2(raw('a')), new PyString2(raw('ab')), new PyByteArray(raw('b'))];
    expect(text(encode(strings, { dialect: 'python2' }))).to.equal(
      '\x80\x02]q\x01(U\x01aU\x02abq\x02c__builtin__\nbytearray\nq\x03X\x01\0\0\0bU\x07latin-1q\x04\x86Rq\x05e.',
    );
  });

  for (const [what, value, names] of NAMES) {
    it(`are those that Python 2 finds, for what is new or comes from Python 3: ${what}`, () => {
      const pickle = text(encode(value, { dialect: 'python2' }));
      const found = [...pickle.matchAll(/c([\w.]+)\n(\w+)\n/g)].map(([, ...parts]) =>
        parts.join(' '),
      );
      expect(found).to.deep.equal(names);
    });
  }

  it('stay as they were read from Python 2', () => {
    const pickle = '\x80\x02]q\x01cbuiltins\nrange\nq\x02a.';
    const value = decode(raw(pickle));
    expect(text(encode(value, { dialect: 'python2', like: value }))).to.equal(pickle);
  });
});
