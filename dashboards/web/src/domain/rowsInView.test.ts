import { expect, it } from 'vitest';

import { rowsInView } from './rowsInView';

it('draws what is in view and leaves room for the rest', () => {
  const check = (topPx: number, count: number, first: number, end: number) => {
    const shown = rowsInView(topPx, 300, 30, count);
    expect([shown.first, shown.end]).toEqual([first, end]);
    expect(shown.abovePx + (shown.end - shown.first) * 30 + shown.belowPx).toBe(count * 30);
  };
  check(0, 2_000, 0, 18);
  check(30_000, 2_000, 992, 1_018);
  check(59_700, 2_000, 1_982, 2_000);
  check(0, 5, 0, 5);
  check(0, 0, 0, 0);
  // The list became shorter than where the view was.
  check(30_000, 10, 10, 10);
});
