import { expect } from 'chai';
import { parseTid, parseTidRange } from '../../src/tools/index.ts';
import { formatTidTime } from '../../src/zodb/time.ts';

const now = new Date('2026-03-31T12:00:00.250Z');

describe('parseTid', () => {
  for (const [text, time] of [
    ['2018-01-01T10:30:00Z', '2018-01-01 10:30:00.000000'],
    ['2018-01-01T10:30:00+02:00', '2018-01-01 08:30:00.000000'],
    ['2018-01-01', '2018-01-01 00:00:00.000000'],
    ['Mon, 01 Jan 2018 10:30:00 +0000', '2018-01-01 10:30:00.000000'],
    ['now', '2026-03-31 12:00:00.250000'],
    ['yesterday', '2026-03-30 12:00:00.250000'],
    ['1_week_ago', '2026-03-24 12:00:00.250000'],
    ['3.days.ago', '2026-03-28 12:00:00.250000'],
    ['an hour ago', '2026-03-31 11:00:00.250000'],
    ['90 seconds ago', '2026-03-31 11:58:30.250000'],
    ['1 month ago', '2026-02-28 12:00:00.250000'],
    ['2 years ago', '2024-03-31 12:00:00.250000'],
  ] as const)
    it(`reads ${text}`, () => {
      expect(formatTidTime(parseTid(text, now)).slice(0, 23)).to.equal(time.slice(0, 23));
    });

  it('reads hex digits', () => {
    expect(parseTid('0285cbac258BF266')).to.equal(0x0285cbac258bf266n);
  });

  for (const text of ['', '42', 'abc', '2018', 'tomorrow', '1 fortnight ago', 'constructor'])
    it(`refuses "${text}"`, () => {
      expect(() => parseTid(text, now))
        .to.throw()
        .with.property('code', 'ARGUMENT');
    });
});

describe('parseTidRange', () => {
  it('takes times at both ends', () => {
    const { start, stop } = parseTidRange('1985-04-12T23:20:50.52Z..yesterday', now);
    expect([start, stop].map((tid) => tid && formatTidTime(tid).slice(0, 19))).to.deep.equal([
      '1985-04-12 23:20:50',
      '2026-03-30 12:00:00',
    ]);
  });

  for (const text of ['', '.', 'a', '..b..', '0285cbac258bf266'])
    it(`refuses "${text}"`, () => {
      expect(() => parseTidRange(text, now))
        .to.throw()
        .with.property('code', 'ARGUMENT');
    });
});
