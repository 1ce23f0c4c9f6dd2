import { expect } from 'chai';
import { formatId, type Tid, tid } from '../../src/zodb/ids.ts';
import { dateOfTid, formatTidTime, laterThan, nextTid, tidOfDate } from '../../src/zodb/time.ts';

describe('transaction ids as times', () => {
  for (const [date, expected] of [
    ['1900-01-01T00:00:00Z', '0000000000000000'],
    ['1970-01-01T00:00:00Z', '023c2b0000000000'],
    ['2000-01-02T03:04:05.678Z', '033168581839e3df'],
    ['2038-01-19T03:14:07Z', '046863021ddddddd'],
  ] as const)
    it(`makes ${date} the tid that Python makes of it, and back`, () => {
      expect(formatId(tidOfDate(new Date(date)))).to.equal(expected);
      expect(dateOfTid(tid(expected)).toISOString()).to.equal(new Date(date).toISOString());
    });

  it('refuses dates that no tid can tell', () => {
    for (const date of [new Date(Number.NaN), new Date('1899-12-31T23:59:59Z')])
      expect(() => tidOfDate(date))
        .to.throw()
        .with.property('code', 'ARGUMENT');
  });

  for (const [id, expected] of [
    ['03f6df7fffffffb8', '2024-02-29 23:59:59.999999'],
    ['0285cbac258bf266', '1979-01-03 21:00:08.800000'],
    ['03f6df7fffffffff', '2024-02-29 23:59:60.000000'],
  ] as const)
    it(`prints ${id} as Python does`, () => {
      expect(formatTidTime(tid(id))).to.equal(expected);
    });

  for (const [title, id, expected] of [
    ['within a minute', '040d333d00000000', '040d333d00000001'],
    ['at the end of a minute', '040d333dffffffff', '040d333e00000000'],
    [
      'at the end of a year',
      formatId(tidOfDate(new Date('2023-12-31T23:59Z')) | 0xffffffffn),
      '03f58e0000000000',
    ],
    [
      'at the end of a short month',
      formatId(tidOfDate(new Date('2023-02-28T23:59Z')) | 0xffffffffn),
      formatId(tidOfDate(new Date('2023-03-01T00:00Z'))),
    ],
  ] as const)
    it(`goes on ${title}`, () => {
      expect(formatId(laterThan(tid(id)))).to.equal(expected);
    });

  it('takes the time for a new tid, but never one that is not later than the last', () => {
    const now = new Date('2024-01-01T00:00:00Z');
    const time = tidOfDate(now);
    expect(nextTid(0n as Tid, now)).to.equal(time);
    expect(nextTid(time, now)).to.equal(time + 1n);
  });

  it('takes the present time to a fraction of a millisecond, neither before nor after it', () => {
    const fractions = new Set<bigint>();
    for (let i = 0; i < 1000; i++) {
      const before = tidOfDate(new Date());
      const present = nextTid(0n as Tid);
      const after = tidOfDate(new Date(Date.now() + 1));
      expect(present >= before && present <= after, `${before} ${present} ${after}`).to.equal(true);
      fractions.add(present - before);
    }
    expect(fractions.size).to.be.greaterThan(10);
  });
});
