import { expect, it } from 'vitest';

import { drawnOf } from './window';

const TEN = Array.from({ length: 10 }, (_, line) => (line + 1) * 20);

function check(topPx: number, more: number, expected: [from: number, to: number]): void {
  const { from, to, abovePx, belowPx } = drawnOf(TEN, topPx, 50, more);
  expect([from, to]).toEqual(expected);
  // What is left out keeps its place: the list is as high as if all of it were drawn.
  expect(abovePx + (to - from) * 20 + belowPx).toBe(200);
}

it('draws what one sees and some around it', () => {
  check(0, 0, [0, 3]);
  check(0, 2, [0, 5]);
  check(40, 0, [2, 5]);
  check(100, 1, [4, 9]);
  check(150, 2, [5, 10]);
  // Scrolled too far, as after the list has become shorter.
  check(900, 0, [10, 10]);
});

it('draws nothing of nothing', () => {
  expect(drawnOf([], 0, 50, 5)).toEqual({ from: 0, to: 0, abovePx: 0, belowPx: 0 });
});
