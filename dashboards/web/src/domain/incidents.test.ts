import { expect, it } from 'vitest';

import type { IncidentClock } from '../api/contract';
import { clockShown, figureFault, figuresOf, sortClocks, typedOf, unmetOf } from './incidents';
import { moment, NOW_MS } from './samples';

const text = { zh: 'x', en: 'x' };
const clock = (duty: string, state: string, dueInMs: number | null): IncidentClock => ({
  duty, name: text, who: text, to: text, state, provisional: false, rings: [], source: 's',
  verified: true, due: dueInMs === null ? null : moment(NOW_MS + dueInMs),
});

it('a clock runs on between two answers and is overdue when its time is over', () => {
  expect(clockShown(clock('a', 'running', 60_000), NOW_MS)).toEqual(
    { state: 'running', leftMs: 60_000 });
  expect(clockShown(clock('a', 'close', 1_000), NOW_MS + 2_000)).toEqual(
    { state: 'overdue', leftMs: -1_000 });
  expect(clockShown(clock('a', 'met', 1_000), NOW_MS + 2_000)).toEqual(
    { state: 'met', leftMs: null });
  expect(clockShown(clock('a', 'waiting', null), NOW_MS).leftMs).toBeNull();
  expect(clockShown(clock('a', 'never heard of', 5), NOW_MS).state).toBe('running');
});

it('the most pressing clock stands first', () => {
  const clocks = [
    clock('met', 'met', 1), clock('late', 'running', 9_000), clock('soon', 'running', 5_000),
    clock('close', 'close', 8_000), clock('over', 'running', -5),
  ];
  expect(sortClocks(clocks, NOW_MS).map(({ duty }) => duty))
    .toEqual(['over', 'close', 'soon', 'late', 'met']);
});

it('closing asks about every duty that was not met, as the station does', () => {
  const met = { ...clock('b', 'met', 1), met: {
    at: moment(NOW_MS), by: 'wang', recorded_at: moment(NOW_MS), reference: '1',
  } };
  expect(unmetOf([clock('a', 'overdue', -1), met, clock('c', 'waiting', null)])
    .map(({ duty }) => duty)).toEqual(['a', 'c']);
});

it('an empty figure is not known, and never zero', () => {
  const before = { deaths: null, poisoned: 0, evacuated: 1_200, other: ['water'] };
  const typed = typedOf(before);
  expect(typed).toEqual({ deaths: '', poisoned: '0', evacuated: '1200', loss_yuan: '' });
  expect(figuresOf({ ...typed, deaths: '1' }, before)).toEqual({
    deaths: 1, poisoned: 0, evacuated: 1_200, loss_yuan: null, other: ['water'],
  });
  expect([figureFault(' '), figureFault('0')]).toEqual([null, null]);
  expect(figureFault('-1')).not.toBeNull();
  expect(figureFault('many')).not.toBeNull();
});
