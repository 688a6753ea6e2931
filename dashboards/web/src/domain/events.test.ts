import { describe, expect, it } from 'vitest';

import { applyAll, joined, readingsOf } from './events';
import { applyEvent, type LiveEvent } from './park';
import { alarm, moment, NOW_MS, park, value } from './samples';

const reading = (channel: string, ppm: number): LiveEvent =>
  ({ kind: 'readings', values: [value(channel, { value: ppm })] });
const edge = (seq: number, change: 'raise' | 'clear'): LiveEvent => ({
  kind: 'alarm',
  event: { seq, edge: change, at: moment(NOW_MS), alarm: alarm('a-cl2', 'red') },
});

/** Kinds of the joined events, with the number of their values. */
function check(events: LiveEvent[], expected: string[]): void {
  const told = joined(events).map((event) =>
    event.kind === 'readings' ? `readings ${event.values.length}` : event.kind);
  expect(told).toEqual(expected);
}

describe('events that are applied together', () => {
  it('join readings that follow each other, and only these', () => {
    check([], []);
    check([reading('a-cl2', 1), reading('b-cl2', 2)], ['readings 2']);
    check(
      [reading('a-cl2', 1), edge(11, 'raise'), reading('a-cl2', 2), reading('a-cl2', 3)],
      ['readings 1', 'alarm', 'readings 2'],
    );
  });

  it('give the same park as one after the other', () => {
    const events = [
      reading('a-cl2', 1), edge(11, 'raise'), reading('a-cl2', 7), edge(12, 'clear'),
      reading('b-cl2', 2), reading('a-cl2', 0.5), edge(13, 'raise'),
    ];
    expect(applyAll(park(), events)).toEqual(events.reduce(applyEvent, park()));
    expect(applyAll(park(), events).values.get('a-cl2')).toMatchObject({ tier: 'red', value: 0.5 });
  });

  it('give every reading to the trend, in order', () => {
    const all = readingsOf([reading('a-cl2', 1), edge(11, 'raise'), reading('a-cl2', 2)]);
    expect(all?.values.map((one) => one.value)).toEqual([1, 2]);
    expect(readingsOf([edge(11, 'raise')])).toBeNull();
  });
});
