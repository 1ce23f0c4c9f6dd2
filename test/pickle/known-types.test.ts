import { expect } from 'chai';
import {
  Decimal,
  decode,
  encode,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDict,
  PyObject,
  PySet,
  PyTime,
  PyTimeDelta,
  PyTimeZone,
  PytzZone,
  pyGlobal,
  describe as repr,
  tuple,
  UUID,
  ZoneInfo,
} from '../../src/pickle/index.ts';
import { failure, raw, text } from './raw.ts';

const hour = new PyTimeZone(new PyTimeDelta(0, 3600), 'X');
const west = new PyTimeZone(new PyTimeDelta(-1, 86_400 - 5 * 3600 - 30));

const VALUES: readonly [value: { toString(): string }, repr: string, text: string][] = [
  [new PyDate(2024, 2, 29), 'datetime.date(2024, 2, 29)', '2024-02-29'],
  [new PyDate(1, 1, 1), 'datetime.date(1, 1, 1)', '0001-01-01'],
  [new PyTime(1, 2), 'datetime.time(1, 2)', '01:02:00'],
  [new PyTime(1, 2, 3, 4), 'datetime.time(1, 2, 3, 4)', '01:02:03.000004'],
  [
    new PyTime(1, 0, 0, 0, { tzinfo: PyTimeZone.utc, fold: 1 }),
    'datetime.time(1, 0, tzinfo=datetime.timezone.utc, fold=1)',
    '01:00:00+00:00',
  ],
  [
    new PyDateTime(2024, 1, 31, 12, 30, 15, 123456),
    'datetime.datetime(2024, 1, 31, 12, 30, 15, 123456)',
    '2024-01-31 12:30:15.123456',
  ],
  [
    new PyDateTime(2024, 1, 1, 1, 2, 0, 0, { tzinfo: PyTimeZone.utc, fold: 1 }),
    'datetime.datetime(2024, 1, 1, 1, 2, fold=1, tzinfo=datetime.timezone.utc)',
    '2024-01-01 01:02:00+00:00',
  ],
  [
    new PyDateTime(2024, 1, 1, 1, 2, 3, 0, { tzinfo: west }),
    'datetime.datetime(2024, 1, 1, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68370)))',
    '2024-01-01 01:02:03-05:00:30',
  ],
  [hour, "datetime.timezone(datetime.timedelta(seconds=3600), 'X')", 'X'],
  [west, 'datetime.timezone(datetime.timedelta(days=-1, seconds=68370))', 'UTC-05:00:30'],
  [PyTimeZone.utc, 'datetime.timezone.utc', 'UTC'],
  [
    new PyTimeDelta(-1, 5, 7),
    'datetime.timedelta(days=-1, seconds=5, microseconds=7)',
    '-1 day, 0:00:05.000007',
  ],
  [new PyTimeDelta(0), 'datetime.timedelta(0)', '0:00:00'],
  [new Decimal('-1.50'), "Decimal('-1.50')", '-1.50'],
  [new Decimal('1E+30'), "Decimal('1E+30')", '1E+30'],
  [new Decimal('NaN'), "Decimal('NaN')", 'NaN'],
  [
    new UUID('12345678-1234-5678-1234-567812345678'),
    "UUID('12345678-1234-5678-1234-567812345678')",
    '12345678-1234-5678-1234-567812345678',
  ],
];

const DATE = 'cdatetime\ndate\n';
const DATETIME = 'cdatetime\ndatetime\n';
const UUID_START = 'cuuid\nUUID\nq\x00)\x81q\x01}q\x02X\x03\x00\x00\x00intq\x03';

/** Spellings that the encoder would not write, or that are no values: they stay what they are. */
const OTHER_SPELLINGS: readonly [what: string, pickle: string][] = [
  ['a date of month 13', `${DATE}C\x04\x07\xe8\x0d\x01\x85R`],
  ['a date of 30 February', `${DATE}C\x04\x07\xe8\x02\x1e\x85R`],
  ['a date of year 0', `${DATE}C\x04\x00\x00\x01\x01\x85R`],
  ['a date of three bytes', `${DATE}C\x03\x07\xe8\x01\x85R`],
  ['a date of three ints', `${DATE}M\xe8\x07K\x01K\x01\x87R`],
  ['a time of 24 hours', 'cdatetime\ntime\nC\x06\x18\x00\x00\x00\x00\x00\x85R'],
  ['a datetime without arguments', `${DATETIME})R`],
  [
    'a datetime with the zone None',
    `${DATETIME}C\x0a\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00N\x86R`,
  ],
  [
    'a datetime of a million microseconds',
    `${DATETIME}C\x0a\x07\xe8\x01\x01\x00\x00\x00\x0f\x42\x40\x85R`,
  ],
  ['a timedelta of a day in seconds', 'cdatetime\ntimedelta\nK\x00J\x80\x51\x01\x00K\x00\x87R'],
  ['a timedelta of floats', 'cdatetime\ntimedelta\nG?\xf0\x00\x00\x00\x00\x00\x00K\x00K\x00\x87R'],
  ['a timezone of an int', 'cdatetime\ntimezone\nK\x01\x85R'],
  ['a complex of ints', 'cbuiltins\ncomplex\nK\x01K\x02\x86R'],
  ['a Decimal that is no number', 'cdecimal\nDecimal\nX\x03\x00\x00\x00abc\x85R'],
  ['a Decimal with a blank', 'cdecimal\nDecimal\nX\x02\x00\x00\x00 1\x85R'],
  ['a Decimal of an int', 'cdecimal\nDecimal\nK\x01\x85R'],
  ['a set with a list in it', 'cbuiltins\nset\n]]a\x85R'],
  ['a set of Python 2 with a list in it', 'c__builtin__\nset\n]]a\x85R'],
  [
    'a bytearray of another encoding',
    'c__builtin__\nbytearray\nX\x01\x00\x00\x00aX\x05\x00\x00\x00utf-8\x86R',
  ],
  [
    'a bytearray of text beyond bytes',
    'c__builtin__\nbytearray\nX\x03\x00\x00\x00\xe2\x82\xacX\x07\x00\x00\x00latin-1\x86R',
  ],
  ['a UUID of a negative int', `${UUID_START}\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80sb`],
  [
    'a UUID with more state',
    `${UUID_START}\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01sX\x01\x00\x00\x00aNsb`,
  ],
  ['a UUID without a state', 'cuuid\nUUID\n)\x81'],
];

function at(
  tzinfo: unknown,
  month: number,
  day: number,
  hour: number,
  fold: 0 | 1 = 0,
): PyDateTime {
  return new PyDateTime(2024, month, day, hour, 0, 0, 0, { tzinfo, fold });
}

describe('Known types', () => {
  for (const [value, description, text] of VALUES) {
    it(`go to bytes and back: ${description}`, () => {
      const decoded = decode(encode(value)) as object;
      expect(decoded).to.be.instanceOf(value.constructor);
      expect(repr(decoded)).to.equal(description);
      expect(String(decoded)).to.equal(text);
      expect(encode(decoded)).to.deep.equal(encode(value));
    });
  }

  for (const [what, pickle] of OTHER_SPELLINGS) {
    it(`${what} stays the description of an object, and loses nothing`, () => {
      const bytes = raw(`${pickle}.`);
      const decoded = decode(bytes, { exact: true });
      const objects = Array.isArray(decoded) ? decoded : [decoded];
      for (const object of objects) expect(object).to.be.instanceOf(PyObject);
      expect(repr(decode(encode(decoded), { exact: true }))).to.equal(repr(decoded));
    });
  }

  it('a date whose bytes are a str of Python 2 is a date, and written as Python 2 does', () => {
    const pickle = raw('cdatetime\ndate\nq\x01(U\x04\x07\x10\x01\x01q\x02tRq\x03.');
    const decoded = decode(pickle);
    expect(repr(decoded)).to.equal('datetime.date(1808, 1, 1)');
    expect(encode(decoded, { dialect: 'python2', protocol: 1 })).to.deep.equal(pickle);
  });

  it('complex numbers keep both parts as floats', () => {
    const decoded = decode(encode([new PyComplex(1, -0), new PyComplex(0, 2.5)])) as PyComplex[];
    expect(repr(decoded)).to.equal('[(1-0j), 2.5j]');
    expect(text(encode(decoded))).to.contain('G?\xf0\0\0\0\0\0\0');
  });

  it('moments become Dates, and Dates become moments in UTC', () => {
    const moment = new PyDateTime(2024, 1, 31, 12, 30, 15, 123456, { tzinfo: hour });
    expect(moment.toDate().toISOString()).to.equal('2024-01-31T11:30:15.123Z');
    expect(new PyDateTime(50, 1, 1).toDate().toISOString()).to.equal('0050-01-01T00:00:00.000Z');
    expect(new PyDate(2024, 1, 31).toDate().toISOString()).to.equal('2024-01-31T00:00:00.000Z');
    expect(repr(decode(encode(new Date(1706704215123))))).to.equal(
      'datetime.datetime(2024, 1, 31, 12, 30, 15, 123000, tzinfo=datetime.timezone.utc)',
    );
    const elsewhere = new PyDateTime(2024, 1, 1, 0, 0, 0, 0, {
      tzinfo: new PyObject('reduce', pyGlobal('pytz', '_p'), tuple('Europe/Paris')),
    });
    expect(failure(() => elsewhere.toDate()).code).to.equal('PICKLE_VALUE');
  });

  it('keep a zone that is not known here', () => {
    const zone = new PyObject('reduce', pyGlobal('dateutil.tz', 'tzutc'));
    const decoded = decode(
      encode(new PyDateTime(2024, 1, 1, 0, 0, 0, 0, { tzinfo: zone })),
    ) as PyDateTime;
    expect(repr(decoded)).to.equal(
      'datetime.datetime(2024, 1, 1, 0, 0, tzinfo=dateutil.tz.tzutc())',
    );
  });

  it('know how far zones by name are from UTC, on both sides of a change of clocks', () => {
    const berlin = new ZoneInfo('Europe/Berlin');
    const rows: readonly [moment: PyDateTime, iso: string, text: string][] = [
      [at(berlin, 1, 1, 12), '2024-01-01T11:00:00.000Z', '2024-01-01 12:00:00+01:00'],
      [at(berlin, 7, 1, 12), '2024-07-01T10:00:00.000Z', '2024-07-01 12:00:00+02:00'],
      [at(berlin, 3, 31, 1), '2024-03-31T00:00:00.000Z', '2024-03-31 01:00:00+01:00'],
      [at(berlin, 3, 31, 3), '2024-03-31T01:00:00.000Z', '2024-03-31 03:00:00+02:00'],
      [at(berlin, 10, 27, 2), '2024-10-27T00:00:00.000Z', '2024-10-27 02:00:00+02:00'],
      [at(berlin, 10, 27, 2, 1), '2024-10-27T01:00:00.000Z', '2024-10-27 02:00:00+01:00'],
      [at(new PytzZone('UTC'), 1, 1, 0), '2024-01-01T00:00:00.000Z', '2024-01-01 00:00:00+00:00'],
      [at(new PytzZone(90), 1, 1, 0), '2023-12-31T22:30:00.000Z', '2024-01-01 00:00:00+01:30'],
      [
        at(
          new PytzZone('US/Eastern', { offset: -14_400, dst: 3600, abbreviation: 'EDT' }),
          7,
          1,
          0,
        ),
        '2024-07-01T04:00:00.000Z',
        '2024-07-01 00:00:00-04:00',
      ],
    ];
    for (const [moment, iso, text] of rows) {
      const decoded = decode(encode(moment)) as PyDateTime;
      expect(decoded.toDate().toISOString()).to.equal(iso);
      expect(String(decoded)).to.equal(text);
      expect(encode(decoded)).to.deep.equal(encode(moment));
    }
    const nowhere = at(new ZoneInfo('Nowhere/At_all'), 1, 1, 0);
    expect(nowhere.hasKnownOffset).to.equal(false);
    expect(failure(() => nowhere.toDate())).to.include({ code: 'PICKLE_VALUE' });
  });

  const outOfRange: readonly [what: string, make: () => unknown][] = [
    ['a date', () => new PyDate(2023, 2, 29)],
    ['a year', () => new PyDateTime(10_000, 1, 1)],
    ['a time', () => new PyTime(0, 60)],
    ['a fraction', () => new PyTime(0, 0, 0.5)],
    ['a timedelta', () => new PyTimeDelta(0, 86_400)],
    ['an offset', () => new PyTimeZone(new PyTimeDelta(1))],
    ['an invalid Date', () => encode(new Date(Number.NaN))],
    ['a Decimal', () => new Decimal('1,5')],
    ['a UUID', () => new UUID('1234')],
    ['a UUID above 128 bits', () => new UUID(2n ** 128n)],
  ];
  for (const [what, make] of outOfRange) {
    it(`cannot be made out of range: ${what}`, () => {
      expect(failure(make).code).to.equal('PICKLE_VALUE');
    });
  }

  it('are keys, equal as in Python', () => {
    const noon = new PyDateTime(2024, 1, 1, 12, 0, 0, 0, { tzinfo: PyTimeZone.utc });
    const same = new PyDateTime(2024, 1, 1, 13, 0, 0, 0, { tzinfo: hour });
    const groups: readonly unknown[][] = [
      [noon, same],
      [new PyDateTime(2024, 1, 1, 12)],
      [new PyDate(2024, 1, 1), new PyDate(2024, 1, 1)],
      [new PyTime(1), new PyTime(1, 0, 0, 0, { fold: 1 })],
      [new PyTimeDelta(1), new PyTimeDelta(1)],
      [new Decimal('1.5'), new Decimal('1.50'), new Decimal('15E-1')],
      [new Decimal('2.00'), 2, new PyComplex(2, 0), 2n],
      [new Decimal('0'), 0, new Decimal('-0.0')],
      [new Decimal('1E+20'), 10n ** 20n],
      [new PyComplex(1, 1), new PyComplex(1, 1)],
      [new UUID(5n), new UUID(5n)],
      [PyTimeZone.utc, new PyTimeZone(new PyTimeDelta(0))],
    ];
    for (const [i, group] of groups.entries()) {
      for (const [j, others] of groups.entries()) {
        for (const [key, other] of group.flatMap((key) => others.map((other) => [key, other]))) {
          const dict = new PyDict<unknown, number>([
            [tuple<unknown>(key), 1],
            [key, 2],
          ]);
          expect(dict.has(other), `${repr(key)} and ${repr(other)}`).to.equal(i === j);
          expect(dict.has(tuple<unknown>(other))).to.equal(i === j);
        }
      }
    }
    expect(new PySet<unknown>([noon, same]).size).to.equal(1);
  });
});
