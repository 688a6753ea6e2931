import { expect, it } from 'vitest';

import { errorsOf, skewText } from './devices';

it('a difference of clocks has its sign and a fitting unit', () => {
  expect([0, 120, -999, 1_000, -3_240, null, undefined].map(skewText)).toEqual(
    ['+0 ms', '+120 ms', '−999 ms', '+1.0 s', '−3.2 s', '—', '—']);
});

it('errors of a kind that only a gateway knows are not zero', () => {
  const errors = { exchanges: 3, unanswered: null, unusable: null, refused: 2, polls_late: 0 };
  expect(errorsOf(errors)).toEqual([
    { kind: 'unanswered', count: null }, { kind: 'unusable', count: null },
    { kind: 'refused', count: 2 }, { kind: 'polls_late', count: 0 },
  ]);
});
