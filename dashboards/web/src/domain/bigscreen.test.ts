import { expect, it } from 'vitest';

import { linesOf, REM_VH } from './bigscreen';
import { warning } from './samples';

it('the big screen has room for three, and counts the rest', () => {
  const drill = Object.assign(warning('drill', { tier: 'red' }), { exercise: 4 });
  const all = [
    drill,
    warning('blue', { tier: 'blue' }),
    warning('red', { tier: 'red', state: 'active-acknowledged' }),
    warning('yellow', { tier: 'yellow' }),
  ];
  const { shown, more } = linesOf(all);
  expect(shown.map(({ id }) => id)).toEqual(['yellow', 'blue', 'red']);
  expect(more).toBe(1);
  expect(linesOf(all, 2)).toEqual({ shown: shown.slice(0, 2), more: 2 });
  expect(linesOf([drill])).toEqual({ shown: [drill], more: 0 });
});

it('the smallest words have capitals of 0.03 of the height', () => {
  expect((REM_VH / 100) * 0.7).toBeGreaterThanOrEqual(0.03);
});
