import { expect } from 'chai';
import {
  asBytes,
  asText,
  decode,
  encode,
  PyByteArray,
  PyDateTime,
  type PyDict,
  PyRawText,
  PyString2,
  type StringsPolicy,
} from '../../src/pickle/index.ts';
import { failure, raw } from './raw.ts';

const ASCII = 'U\x02ab.';
const UTF8 = 'T\x03\x00\x00\x00a\xc3\xa9.';
const BINARY = "S'a\\xff'\n.";

const POLICIES: readonly [policy: StringsPolicy, ascii: unknown, utf8: unknown, binary: unknown][] =
  [
    ['auto', 'ab', raw('a\xc3\xa9'), raw('a\xff')],
    ['latin1', 'ab', 'a\xc3\xa9', 'a\xff'],
    ['utf8', 'ab', 'aé', raw('a\xff')],
    ['bytes', raw('ab'), raw('a\xc3\xa9'), raw('a\xff')],
    [
      'wrap',
      new PyString2(raw('ab')),
      new PyString2(raw('a\xc3\xa9')),
      new PyString2(raw('a\xff')),
    ],
  ];

describe('A str of Python 2', () => {
  for (const [strings, ...expected] of POLICIES) {
    it(`is what the policy ${strings} makes of it, in all three opcodes`, () => {
      [ASCII, UTF8, BINARY].forEach((pickle, i) => {
        expect(decode(raw(pickle), { strings }), pickle).to.deep.equal(expected[i]);
      });
    });
  }

  it('is by default text if it is ASCII', () => {
    expect(decode(raw(ASCII))).to.equal('ab');
    expect(decode(raw(BINARY))).to.deep.equal(raw('a\xff'));
  });

  it('is the same key as its text where it is wrapped, and is written as it was', () => {
    const bytes = raw('\x80\x02}U\x01aK\x01s.');
    const dict = decode(bytes, { strings: 'wrap' }) as PyDict;
    expect(dict.get('a')).to.equal(1);
    expect(dict.get(raw('a') as never)).to.equal(undefined);
    expect([...dict.keys()][0]).to.deep.equal(new PyString2(raw('a')));
    expect(encode(dict)).to.deep.equal(raw('\x80\x03}q\x00U\x01aq\x01K\x01s.'));
  });

  it('may be what a date was packed in, under any policy but wrap', () => {
    const moment = raw('cdatetime\ndatetime\nU\x0a\x07\xe8\x01\x1f\x0c\x1e\x0f\x01\xe2\x40\x85R.');
    for (const [strings] of POLICIES) {
      const value = decode(moment, { strings });
      expect(value instanceof PyDateTime, strings).to.equal(strings !== 'wrap');
      if (strings !== 'wrap') expect(String(value)).to.equal('2024-01-31 12:30:15.123456');
      const again = encode(value, { dialect: 'python2', protocol: 2 });
      expect(decode(again, { strings }), strings).to.deep.equal(value);
    }
  });

  it('has no other policy', () => {
    const error = failure(() => decode(raw(ASCII), { strings: 'ascii' as never }));
    expect(error.message).to.include('strings').and.to.include('ascii');
  });

  it('gives its text and its bytes, whatever it became', () => {
    for (const value of ['ab', raw('ab'), new PyString2(raw('ab')), new PyByteArray(raw('ab'))]) {
      expect(asText(value)).to.equal('ab');
      expect(asBytes(value)).to.deep.equal(raw('ab'));
    }
    expect(asText(raw('\xc3\xa9'))).to.equal('é');
    expect(asText(raw('\xff'))).to.equal('\xff');
    expect(asText(new PyRawText(raw('x'), 'x'))).to.equal('x');
    expect(asBytes('\xff')).to.deep.equal(raw('\xff'));
    for (const value of [null, 5, undefined, ['a']]) {
      expect(failure(() => asText(value))).to.include({ code: 'PICKLE_VALUE' });
      expect(failure(() => asBytes(value))).to.include({ code: 'PICKLE_VALUE' });
    }
    expect(failure(() => asBytes('€'))).to.include({ code: 'PICKLE_VALUE' });
    expect(failure(() => asBytes('😀'))).to.include({ code: 'PICKLE_VALUE' });
  });
});
