import { expect, it } from 'vitest';

import { choicesOf, leadActOf, limitOf, otherActsOf } from './acts';
import { warning } from './samples';

const LIMITS = [
  { tier: 'yellow' as const, minutes_max: 240, two_persons: false },
  { tier: 'red' as const, minutes_max: 0, two_persons: true },
];

it('each state asks for its act first', () => {
  const lead = (state: Parameters<typeof warning>[1]) => leadActOf(warning('w', state));
  expect(lead({ state: 'active-unacknowledged' })).toBe('acknowledge');
  expect(lead({ state: 'latched-unacknowledged' })).toBe('acknowledge');
  expect(lead({ state: 'latched-acknowledged' })).toBe('reset');
  expect(lead({ state: 'shelved' })).toBe('unshelve');
  expect(lead({ state: 'active-acknowledged' })).toBeNull();
  expect(lead({ state: 'out-of-service' })).toBeNull();
});

it('shelving and cancelling are offered where table and limit allow it', () => {
  const others = (extra: Parameters<typeof warning>[1]) =>
    otherActsOf(warning('w', extra), LIMITS);
  expect(others({ state: 'active-acknowledged' })).toEqual(['comment', 'shelve']);
  expect(others({ state: 'returned-unacknowledged' })).toEqual(['comment', 'shelve', 'cancel']);
  expect(others({ state: 'latched-unacknowledged' })).toEqual(['comment', 'cancel']);
  expect(others({ state: 'latched-acknowledged' })).toEqual(['comment', 'cancel']);
  expect(others({ state: 'suppressed' })).toEqual(['comment']);
  expect(others({ tier: 'red' })).toEqual(['comment']);
  expect(others({ tier: 'orange' })).toEqual(['comment', 'shelve']);
  expect(others({ state: 'normal' })).toEqual([]);
});

it('escalating is offered while somebody is left on the ladder', () => {
  const passing = { told: ['leader'], calls: [], next_to: 'bureau', next_at_ms: 1, next_at: '' };
  const others = (next_to: string | null) =>
    otherActsOf(warning('w', { tier: 'red', passing: { ...passing, next_to } }), LIMITS);
  expect(others('bureau')).toEqual(['comment', 'escalate']);
  expect(others(null)).toEqual(['comment']);
});

it('the limit of a tier is found, and its choices end with it', () => {
  expect(limitOf(LIMITS, 'yellow')?.minutes_max).toBe(240);
  expect(limitOf(LIMITS, 'blue')).toBeNull();
  expect(choicesOf(30)).toEqual([10, 30]);
  expect(choicesOf(240)).toEqual([10, 30, 60, 240]);
  expect(choicesOf(5)).toEqual([5]);
  expect(choicesOf(0)).toEqual([]);
});
