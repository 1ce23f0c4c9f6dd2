import { expect } from 'chai';
import {
  decode,
  decodeAll,
  encode,
  float,
  Pickler,
  PyDict,
  PyFrozenSet,
  pyGlobal,
  tuple,
  Unpickler,
} from '../../src/pickle/index.ts';
import { failure, raw, text } from './raw.ts';

type Any = any;

/** What Python 2 would say of each scalar, and of what holds it. */
function shown(pickle: Uint8Array): string {
  return text(pickle).replace(/q[\s\S]/g, '');
}

/** The pickle, without its places in the memo, of what was read and then changed. */
function edited(original: string, edit: (value: Any) => unknown): string {
  const value = decode(raw(original));
  const result = edit(value);
  const written = encode(result === undefined ? value : result, {
    dialect: 'python2',
    like: value,
  });
  return shown(written);
}

// Two of each: unicode u, str s.
const U = (word: string): string => `X${String.fromCharCode(word.length)}\0\0\0${word}`;
const S = (word: string): string => `U${String.fromCharCode(word.length)}${word}`;

const LIST = `](${U('ua')}${S('sa')}${U('ub')}e.`;
const DICT = `}(${S('k1')}${U('ua')}${S('k2')}${S('sa')}u.`;

const EDITS: readonly [
  what: string,
  original: string,
  edit: (value: Any) => unknown,
  written: string,
][] = [
  ['nothing', LIST, () => {}, LIST],
  [
    'push to unicode',
    `](${U('ua')}${U('ub')}e.`,
    (v) => void v.push('new'),
    `](${U('ua')}${U('ub')}${U('new')}e.`,
  ],
  [
    'push to str',
    `](${S('sa')}${S('sb')}e.`,
    (v) => void v.push('new'),
    `](${S('sa')}${S('sb')}${S('new')}e.`,
  ],
  [
    'push to both',
    LIST,
    (v) => void v.push('new'),
    `](${U('ua')}${S('sa')}${U('ub')}${S('new')}e.`,
  ],
  ['spread', LIST, (v) => [...v], LIST],
  ['filter', LIST, (v) => v.filter((word: string) => word !== 'sa'), `](${U('ua')}${U('ub')}e.`],
  [
    'map over unicode',
    `](${U('ua')}${U('ub')}e.`,
    (v) => v.map((word: string) => `${word}!`),
    `](${U('ua!')}${U('ub!')}e.`,
  ],
  ['shift', LIST, (v) => void v.shift(), `](${S('sa')}${U('ub')}e.`],
  ['unshift', LIST, (v) => void v.unshift('new'), `](${S('new')}${U('ua')}${S('sa')}${U('ub')}e.`],
  ['reverse', LIST, (v) => void v.reverse(), `](${U('ub')}${S('sa')}${U('ua')}e.`],
  ['splice', LIST, (v) => void v.splice(0, 1, 'x1'), `](${S('x1')}${S('sa')}${U('ub')}e.`],
  ['sort', LIST, (v) => void v.sort(), `](${S('sa')}${U('ua')}${U('ub')}e.`],
  ['object spread', DICT, (v) => ({ ...Object.fromEntries(v) }), DICT],
  ['JSON and back', LIST, (v) => JSON.parse(JSON.stringify(v)), LIST],
  ['structuredClone', LIST, (v) => structuredClone(v), LIST],
  [
    'assigning again',
    DICT,
    (v) => void v.set('k1', 'x1').set('k2', 'x2'),
    `}(${S('k1')}${U('x1')}${S('k2')}${S('x2')}u.`,
  ],
  [
    '12.5 becomes 13',
    `}${S('k1')}G@)\0\0\0\0\0\0s.`,
    (v) => void v.set('k1', 13),
    `}${S('k1')}G@*\0\0\0\0\0\0s.`,
  ],
  [
    'lists that change places',
    `}(${S('k1')}]${U('ua')}a${S('k2')}]${S('sa')}au.`,
    (v) => {
      const [one, two] = [v.get('k1'), v.get('k2')];
      v.set('k1', two).set('k2', one);
    },
    `}(${S('k1')}]${S('sa')}a${S('k2')}]${U('ua')}au.`,
  ],
  ['a long becomes another', `](L1L\nL2L\ne.`, (v) => void v.push(3), `](L1L\nL2L\nL3L\ne.`],
  [
    'a long under a key',
    `}(${S('k1')}L1L\n${S('k2')}K\x01u.`,
    (v) => void v.set('k1', 7).set('k2', 7),
    `}(${S('k1')}L7L\n${S('k2')}K\x07u.`,
  ],
  [
    'a unicode key',
    `}(${U('ua')}K\x01${S('sa')}K\x02u.`,
    (v) => void v.set('ua', 3),
    `}(${U('ua')}K\x03${S('sa')}K\x02u.`,
  ],
  [
    'text that was both, by position',
    `](${U('xx')}${S('xx')}e.`,
    (v) => [...v],
    `](${U('xx')}${S('xx')}e.`,
  ],
  [
    'text beyond ASCII where a str was',
    `](${S('sa')}e.`,
    (v) => void v.push('é'),
    `](${S('sa')}X\x02\0\0\0\xc3\xa9e.`,
  ],
  [
    'bytes that were a str',
    '](U\x02\xff\xfeU\x02\xff\xfde.',
    (v) => void v.reverse(),
    '](U\x02\xff\xfdU\x02\xff\xfee.',
  ],
  ['a large int', 'I1099511627776\n.', () => {}, 'I1099511627776\n.'],
  ['a large long', 'L1099511627776L\n.', () => {}, 'L1099511627776L\n.'],
];

describe('The dialects of Python 2', () => {
  for (const [what, original, edit, written] of EDITS) {
    it(`change one thing for one change: ${what}`, () => {
      const isScalar = /^[IL]/.test(original);
      if (!isScalar) expect(edited(original, edit)).to.equal(written);
      else {
        const unpickler = new Unpickler();
        const pickler = new Pickler({ dialect: 'python2' });
        pickler.dump(unpickler.load(raw(original)), unpickler.kinds);
        expect(text(pickler.take())).to.equal(written);
      }
    });
  }

  it('keep what zodbpickle has as binary, and write new bytes as str', () => {
    const value = decode(raw('\x80\x03](C\x02abU\x02\xff\xfee.')) as Uint8Array[];
    value.push(Uint8Array.of(1));
    expect(shown(encode(value, { dialect: 'python2' }))).to.equal(
      '\x80\x03](C\x02abU\x02\xff\xfeU\x01\x01e.',
    );
  });

  it('number the memo from 1, and give arguments and ids no place in it', () => {
    const record = raw('cm\nC\nq\x01.}q\x02U\x02toq\x03(U\x08\0\0\0\0\0\0\0\x01q\x04h\x01tQs.');
    const unpickler = new Unpickler();
    const pickler = new Pickler({ dialect: 'python2' });
    for (let at = 0; at < record.length; at = unpickler.position)
      pickler.dump(unpickler.load(record, at), unpickler.kinds);
    expect(text(pickler.take())).to.equal(text(record));
  });

  it('give a tuple that was made for the pickle a place, if something else leads to it', () => {
    const args = tuple<unknown>('a1', 2);
    const pickler = new Pickler({ dialect: 'python2', protocol: 2 });
    pickler.dump(pyGlobal('m', 'C'));
    pickler.dump(tuple(args, args, args));
    expect(text(pickler.take())).to.equal(
      '\x80\x02cm\nC\nq\x01.\x80\x02U\x02a1q\x02K\x02\x86q\x03h\x03h\x03\x87q\x04.',
    );
    pickler.clearMemo();
    pickler.dump([args]);
    expect(text(pickler.take())).to.equal('\x80\x02]q\x01U\x02a1q\x02K\x02\x86q\x03a.');
  });

  it('write recursive tuples', () => {
    const inner: unknown[] = [];
    const pair = tuple<unknown>(inner, 1);
    inner.push(pair);
    for (const protocol of [1, 2, 3] as const) {
      const read = decode(encode(pair, { dialect: 'python2', protocol })) as unknown[];
      expect(((read[0] as unknown[])[0] as unknown[])[0]).to.equal(read[0]);
    }
  });

  it('manage 10 000 levels of lists, dicts, tuples and sets, there and back', () => {
    const wraps: readonly ((inner: unknown) => unknown)[] = [
      (inner) => [inner],
      (inner) => new PyDict([['k1', inner]]),
      (inner) => tuple(inner, 'x'),
      (inner) => new PyFrozenSet([inner]),
    ];
    for (const wrap of wraps) {
      let value: unknown = 'x1';
      for (let i = 0; i < 10_000; i++) value = wrap(value);
      for (const protocol of [1, 3] as const) {
        const pickle = encode(value, { dialect: 'python2', protocol });
        expect(encode(decode(pickle), { dialect: 'python2' })).to.deep.equal(pickle);
      }
    }
    const endless = tuple<unknown>(1);
    endless[0] = endless;
    expect(failure(() => encode(endless, { dialect: 'python2' })).code).to.equal('PICKLE_LIMIT');
  });

  it('are read with one memo, and the kinds of both pickles of a record are known', () => {
    const record = `(cm\nC\nq\x01(${U('ua')}tq\x02t.(h\x02${S('sa')}t.`;
    const [description, state] = decodeAll(raw(record)) as [unknown[], unknown[]];
    expect(state[0]).to.equal(description[1]);
    expect(state).to.deep.equal(tuple(tuple('ua'), 'sa'));
  });

  it('hold strings of other policies, which are written as the str that they were', () => {
    for (const [strings, bytes] of [
      ['latin1', '\xe9!'],
      ['utf8', '\xc3\xa9!'],
    ] as const) {
      const pickle = raw(`](U${String.fromCharCode(bytes.length)}${bytes}${U('ua')}e.`);
      const value = decode(pickle, { strings }) as string[];
      expect(value).to.deep.equal(['é!', 'ua']);
      expect(shown(encode(value, { dialect: 'python2' }))).to.equal(shown(pickle));
    }
  });

  it('leave nothing of Python 2 in the values, nor with `exact`', () => {
    for (const exact of [false, true]) {
      const value = decode(raw(`}(${S('k1')}${S('sa')}${S('k2')}](L1L\nI1099511627776\neu.`), {
        exact,
      });
      expect(value).to.deep.equal(
        new PyDict<unknown, unknown>([
          ['k1', 'sa'],
          ['k2', [1, 1099511627776]],
        ]),
      );
    }
  });

  it('are not what values of Python 2 are written in, unless it is asked for', () => {
    const value = decode(raw(LIST));
    expect(text(encode(value))).to.equal(text(encode(['ua', 'sa', 'ub'])));
  });

  it('refuse dialects and protocols that there are not', () => {
    for (const options of [
      { dialect: 'python4' },
      { dialect: 'python2', protocol: 4 },
      { protocol: 2 },
      { dialect: 'python2', protocol: '2' },
    ]) {
      const error = failure(() => new Pickler(options as never));
      expect(error.code).to.equal('PICKLE_VALUE');
    }
  });

  it('write floats that are whole', () => {
    expect(text(encode([float(3), 3], { dialect: 'python2', protocol: 2 }))).to.equal(
      '\x80\x02]q\x01(G@\x08\0\0\0\0\0\0K\x03e.',
    );
  });
});
