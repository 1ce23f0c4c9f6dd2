import { expect } from 'chai';
import {
  decode,
  encode,
  PickleError,
  PyDict,
  PyObject,
  PyTuple,
  describe as repr,
  scanReferences,
  Unpickler,
} from '../../src/pickle/index.ts';
import { failure, le, raw } from './raw.ts';

const MIB = 1024 * 1024;

/** What happens, and how much heap and time it took. */
function cost(run: () => unknown): { outcome: unknown; megabytes: number; milliseconds: number } {
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  let outcome: unknown;
  try {
    outcome = run();
  } catch (error) {
    outcome = error;
  }
  return {
    outcome,
    megabytes: (process.memoryUsage().heapUsed - before) / MIB,
    milliseconds: performance.now() - start,
  };
}

/** Each input with the code it ends with; undefined: it has a value. */
const INPUTS: readonly [what: string, pickle: () => string, code: string | undefined][] = [
  ['five million empty dicts', () => '}'.repeat(5_000_000), 'PICKLE_LIMIT'],
  ['two million empty lists', () => ']'.repeat(2_000_000), 'PICKLE_LIMIT'],
  ['two million byte strings of one byte', () => 'C\x01x'.repeat(2_000_000), 'PICKLE_LIMIT'],
  ['two million empty byte strings', () => 'C\x00'.repeat(2_000_000), 'PICKLE_LIMIT'],
  ['a million tuples, each in the next', () => `)${'\x85'.repeat(1_000_000)}`, 'PICKLE_LIMIT'],
  ['80 000 lists, each in the next', () => `${']'.repeat(80_000)}${'a'.repeat(79_999)}`, undefined],
  ['three million marks', () => `${'('.repeat(3_000_000)}N`, undefined],
  ['an entry far out in the memo', () => 'Nr\xff\xff\xff\x7f', undefined],
  [
    '100 000 entries, each a little further out in the memo',
    () =>
      Array.from({ length: 100_000 }, (_, i) => `r${le(i * 1000, 4)}`)
        .join('')
        .replace('r', 'Nr'),
    undefined,
  ],
  ['a text number of 4300 digits', () => `L${'9'.repeat(4300)}L\n`, undefined],
  ['a text number of 4301 digits', () => `L${'9'.repeat(4301)}L\n`, 'PICKLE_LIMIT'],
  ['a text number of a million digits', () => `L${'9'.repeat(1_000_000)}L\n`, 'PICKLE_LIMIT'],
  ['an integer of a mebibyte', () => `\x8b${le(MIB, 4)}${'\x01'.repeat(MIB)}`, 'PICKLE_LIMIT'],
  ['an integer of 64 KiB', () => `\x8b${le(65536, 4)}${'\x01'.repeat(65536)}`, undefined],
  ['a float of a million digits', () => `F${'9'.repeat(1_000_000)}\n`, 'PICKLE_LIMIT'],
  ['a module name of a mebibyte', () => `c${'m'.repeat(MIB)}\nn\n`, 'PICKLE_LIMIT'],
  ['a class name of a mebibyte', () => `cm\n${'n'.repeat(MIB)}\n`, 'PICKLE_LIMIT'],
  ['a class name of 1025 characters', () => `cm\n${'n'.repeat(1025)}\n`, 'PICKLE_LIMIT'],
  ['a class name of 1024 characters', () => `cm\n${'n'.repeat(1024)}\n`, undefined],
  [
    '100 000 class names',
    () => Array.from({ length: 100_000 }, (_, i) => `cm\nn${i}\n`).join(''),
    undefined,
  ],
  [
    'tuples that hold the tuple before twice, as a key',
    () => `K\x01q\x000${'h\x00h\x00\x86q\x000'.repeat(60)}}h\x00Ns`,
    undefined,
  ],
];

describe('Hostile pickles', () => {
  for (const [what, pickle, code] of INPUTS) {
    it(`${what}: ${code ?? 'a value'}, in bounded time and memory`, function () {
      this.timeout(10_000);
      const bytes = raw(`${pickle()}.`);
      const { outcome, megabytes, milliseconds } = cost(() => new Unpickler().load(bytes));
      if (code === undefined) expect(outcome).not.to.be.instanceOf(Error);
      else expect((outcome as PickleError).code).to.equal(code);
      // garbage that was not collected yet counts too, hence the generous bound
      expect(megabytes).to.be.lessThan((32 * bytes.length) / MIB + 64);
      expect(milliseconds).to.be.lessThan(8000);
    });
  }

  it('lists that hold the list before twice stay small until someone expands them', () => {
    const lists = `]q\x00${']q\x01(h\x00h\x00eq\x000'.repeat(40)}h\x00`;
    const value = decode(raw(`${lists}.`));
    expect(repr(value).length).to.be.lessThan(10_100);
    expect(encode(value).length).to.be.lessThan(1000);
  });

  it('what is nested 80 000 deep overflows no stack: it is written, shown cut, or refused', () => {
    const deep: readonly [what: string, pickle: string][] = [
      ['lists', `${']'.repeat(80_000)}${'a'.repeat(79_999)}`],
      ['tuples', `)${'\x85'.repeat(80_000)}`],
      ['dicts', `${'}N'.repeat(80_000)}N${'s'.repeat(80_000)}`],
      ['objects', `${'cm\nC\n)\x81'.repeat(80_000)}N${'b'.repeat(80_000)}`],
    ];
    for (const [what, pickle] of deep) {
      const value = decode(raw(`${pickle}.`), { limits: { memory: 2 ** 30 } });
      for (const use of [encode, repr, (key: unknown) => new PyDict([[key, null]])]) {
        try {
          use(value);
        } catch (error) {
          if (!(error instanceof PickleError)) throw new Error(what, { cause: error });
        }
      }
      expect(encode(value).length, what).to.be.greaterThan(80_000);
    }
  });

  it('tuples that hold the tuple before twice are refused as a key when it is looked up', () => {
    const dict = decode(raw(`K\x01q\x000${'h\x00h\x00\x86q\x000'.repeat(60)}}h\x00Nsh\x00\x86.`));
    const [keyed, key] = dict as [PyDict, unknown];
    expect(failure(() => keyed.get(key)).code).to.equal('PICKLE_LIMIT');
  });

  it('200 000 strings that fall into few places of a table take no longer than others', function () {
    this.timeout(20_000);
    // texts of 16 characters that differ in few bits; caches evict and tables give up looking
    const names = Array.from({ length: 100_000 }, (_, n) =>
      n.toString(2).padStart(17, '0').slice(1),
    );
    const started = performance.now();
    const again = decode(encode([names, names.map((name) => `${name}'`)])) as string[][];
    expect(performance.now() - started).to.be.lessThan(4000);
    expect(again[0]).to.deep.equal(names);
  });

  const nonsense: readonly [what: string, pickle: string][] = [
    ['a datetime of 3 bytes', 'cdatetime\ndatetime\nC\x03abc\x85R'],
    ['a datetime of month 13', 'cdatetime\ndatetime\nC\x0a\x07\xe8\x0d\x01\0\0\0\0\0\0\x85R'],
    ['a datetime of a list', 'cdatetime\ndatetime\n]\x85R'],
    ['a date of day 0', 'cdatetime\ndate\nC\x04\x07\xe8\x01\x00\x85R'],
    ['a timedelta of text', 'cdatetime\ntimedelta\nX\x01\0\0\0aNN\x87R'],
    ['a timezone of a number', 'cdatetime\ntimezone\nK\x01\x85R'],
    ['a Decimal of a megabyte', `cdecimal\nDecimal\nX${le(MIB, 4)}${'1'.repeat(MIB)}\x85R`],
    ['a Decimal of letters', 'cdecimal\nDecimal\nX\x03\0\0\0abc\x85R'],
    ['a complex of text', 'cbuiltins\ncomplex\nX\x01\0\0\0aN\x86R'],
    ['a UUID of a negative int', 'cuuid\nUUID\n)\x81}X\x03\0\0\0int\x8a\x01\xffsb'],
    ['a set of a number', 'cbuiltins\nset\nK\x01\x85R'],
    ['a set of a list of lists', 'cbuiltins\nset\n](]]e\x85R'],
    ['a set of itself', 'cbuiltins\nset\n]q\x00h\x00a\x85R'],
    ['a bytearray of a number', 'cbuiltins\nbytearray\nK\x01\x85R'],
    ['an OrderedDict of a number', 'ccollections\nOrderedDict\nK\x01\x85R'],
    ['a deque of a number', 'ccollections\ndeque\nK\x01\x85R'],
    ['a range of text', 'cbuiltins\nrange\nX\x01\0\0\0aNN\x87R'],
  ];
  for (const [what, pickle] of nonsense) {
    it(`${what} stays the description of a call, and is written back`, () => {
      const bytes = raw(`${pickle}.`);
      const value = decode(bytes);
      expect(value).to.be.instanceOf(PyObject);
      const again = decode(encode(value));
      expect(repr(again)).to.equal(repr(value));
    });
  }

  it('of equal keys the first keeps its place and the last value counts', () => {
    const dict = decode(raw('}(K\x01K\x02K\x05K\x05K\x01K\x03\x88K\x04u.')) as PyDict;
    expect([...dict]).to.deep.equal([
      [1, 4],
      [5, 5],
    ]);
  });

  it('objects and tuples may hold themselves', () => {
    const object = decode(raw('cm\nC\n)\x81q\x00}K\x01h\x00sb.')) as PyObject;
    expect((object.state as PyDict).get(1)).to.equal(object);
    // as Python writes a tuple that leads back to itself: made inside, then what was begun is taken off
    const [list] = decode(raw('(]q\x00(h\x00tq\x01a0h\x01.')) as unknown[][];
    expect(Array.isArray(list)).to.equal(true);
  });

  it('memory is a limit that can be set', () => {
    const lists = raw(`${']'.repeat(1000)}.`);
    expect(failure(() => decode(lists, { limits: { memory: 1000 } })).code).to.equal(
      'PICKLE_LIMIT',
    );
    decode(lists);
  });

  it('names are a limit that can be set, also for those that are known already', () => {
    for (const pickle of [
      'clong_module\nC\n.',
      'cm\nlong_class\n.',
      '\x8c\x01m\x8c\x0along_class\x93.',
    ]) {
      decode(raw(pickle));
      expect(failure(() => decode(raw(pickle), { limits: { name: 9 } })).code).to.equal(
        'PICKLE_LIMIT',
      );
    }
    const long = raw(`c${'m'.repeat(2000)}\n${'n'.repeat(3000)}\n.`);
    expect(decode(long, { limits: { name: 3000 } }))
      .to.have.property('name')
      .of.length(3000);
    expect(failure(() => decode(long, { limits: { name: 2999 } })).code).to.equal('PICKLE_LIMIT');
  });

  it('digits and integers are limits that can be set', () => {
    const digits = raw(`L${'9'.repeat(5000)}L\n.`);
    expect(decode(digits, { limits: { digits: 5000 } })).to.be.a('bigint');
    const integer = raw(`\x8b${le(100, 4)}${'\x01'.repeat(100)}.`);
    expect(failure(() => decode(integer, { limits: { integer: 99 } })).code).to.equal(
      'PICKLE_LIMIT',
    );
  });

  it('keys named like parts of JavaScript are ordinary keys', () => {
    for (const name of ['__proto__', 'constructor', 'then', 'toString', '__setstate__']) {
      const key = `X${le(name.length, 4)}${name}`;
      const dict = decode(raw(`}${key}K\x01s.`)) as PyDict;
      expect(dict.get(name)).to.equal(1);
      expect([...dict.keys()]).to.deep.equal([name]);
      const state = decode(raw(`cm\nC\n)\x81}${key}K\x01sb.`));
      expect(repr(state)).to.contain(name);
    }
  });

  it('a hook is never handed something half-made by a cycle: its class and id are whole', () => {
    const seen: unknown[] = [];
    decode(raw(']q\x00(h\x00K\x01\x86Qe.'), { persistentLoad: (pid) => seen.push(pid) });
    expect(seen[0]).to.be.instanceOf(PyTuple).and.have.length(2);
  });

  it('a hook that returns undefined is an error, and one that throws is heard', () => {
    const reference = raw('K\x01Q.');
    expect(failure(() => decode(reference, { persistentLoad: () => undefined })).opcode).to.equal(
      'BINPERSID',
    );
    const own = new RangeError('own');
    expect(() =>
      decode(reference, {
        persistentLoad: () => {
          throw own;
        },
      }),
    ).to.throw(own);
  });

  it('a hook cannot run the decoder that is running', () => {
    const unpickler: Unpickler = new Unpickler({ persistentLoad: () => unpickler.load(raw('N.')) });
    expect(() => unpickler.load(raw('K\x01Q.'))).to.throw(PickleError);
    expect(unpickler.load(raw('N.'))).to.equal(null);
  });

  it('any single byte of a pickle may be changed: a value or a typed error', () => {
    const samples = [
      '\x80\x03cm\nC\nq\x00.\x80\x03}q\x01(X\x01\x00\x00\x00aq\x02K\x01X\x01\x00\x00\x00bq\x03]q\x04(h\x02K\x02eu.',
      '\x80\x03cm\nC\nq\x00)\x81q\x01}q\x02X\x01\x00\x00\x00aq\x03G?\xf0\x00\x00\x00\x00\x00\x00sb.',
      '\x80\x03C\x08\0\0\0\0\0\0\0\x07q\x00cm\nC\nq\x01\x86q\x02Q.\x80\x03(NNNNtq\x03.',
      "(dp0\nS'a'\np1\nI1\nsVb\np2\n(lp3\nF1.5\naL5L\nasg1\ng2\ns.",
      '\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x01m\x94\x8c\x01C\x94\x93\x94)}\x92\x94\x8f\x94(K\x01K\x02\x90\x86\x94.',
      '(U\x08\0\0\0\0\0\0\0\x07q\x01(U\x01mq\x02U\x01Cq\x03tq\x04tQ.',
    ];
    let values = 0;
    for (const sample of samples) {
      const original = raw(sample);
      for (let at = 0; at < original.length; at++) {
        for (let byte = at % 3; byte < 256; byte += 3) {
          const mutated = original.slice();
          mutated[at] = byte;
          for (const run of [
            () => decodeRecord(mutated),
            () => scanReferences(mutated, () => {}),
          ]) {
            try {
              run();
              values += 1;
            } catch (error) {
              if (!(error instanceof PickleError)) throw error;
            }
          }
        }
      }
    }
    expect(values).to.be.greaterThan(1000);
  });
});

function decodeRecord(bytes: Uint8Array): void {
  const unpickler = new Unpickler({ loadReference: () => null });
  for (let at = 0; at < bytes.length; at = unpickler.position) {
    const value = unpickler.load(bytes, at);
    repr(value);
    if (value instanceof PyDict) value.get('a');
  }
}
