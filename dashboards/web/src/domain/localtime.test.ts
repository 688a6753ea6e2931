import { expect, it } from 'vitest';

import { dayFault, fieldText, typedMs, UNFINISHED } from './localtime';

const CHINA_S = 28_800;
const EIGHT = Date.parse('2026-12-01T08:00:00+08:00');

it('what is typed is the time at the park, and goes back as it was', () => {
  expect(typedMs('2026-12-01T08:00', CHINA_S)).toBe(EIGHT);
  expect(typedMs(' 2026-12-01 08:00 ', CHINA_S)).toBe(EIGHT);
  expect(fieldText(EIGHT, CHINA_S)).toBe('2026-12-01T08:00');
  expect(fieldText(EIGHT, 0)).toBe('2026-12-01T00:00');
});

it('what is not a moment is refused', () => {
  const wrong = ['8:00', '2026-02-31T08:00', '2026-13-01T08:00', '2026-12-01T25:00'];
  for (const text of ['', UNFINISHED, ...wrong]) {
    expect(typedMs(text, CHINA_S)).toBeNull();
  }
});

it('a day is one that has begun', () => {
  expect(['2000-01-01', '2026-11-30'].map((day) => dayFault(day, '2026-11-30')))
    .toEqual([null, null]);
  for (const day of ['', UNFINISHED, '1999-12-31', '2026-12-01', '2026-02-31', '20261-01-01']) {
    expect(dayFault(day, '2026-11-30')).toBe('day');
  }
});
