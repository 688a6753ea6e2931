import { expect, it } from 'vitest';

import { fieldText, typedMs } from './localtime';

const CHINA_S = 28_800;
const EIGHT = Date.parse('2026-12-01T08:00:00+08:00');

it('what is typed is the time at the park, and goes back as it was', () => {
  expect(typedMs('2026-12-01T08:00', CHINA_S)).toBe(EIGHT);
  expect(typedMs(' 2026-12-01 08:00 ', CHINA_S)).toBe(EIGHT);
  expect(fieldText(EIGHT, CHINA_S)).toBe('2026-12-01T08:00');
  expect(fieldText(EIGHT, 0)).toBe('2026-12-01T00:00');
});

it('what is not a moment is refused', () => {
  for (const text of ['', '8:00', '2026-02-31T08:00', '2026-13-01T08:00', '2026-12-01T25:00']) {
    expect(typedMs(text, CHINA_S)).toBeNull();
  }
});
