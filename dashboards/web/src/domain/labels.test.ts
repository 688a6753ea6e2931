import { expect, it } from 'vitest';

import { type Label, shiftsOf, widthEm } from './labels';

const HEIGHT = 16;
const GAP = 6;

function check(labels: readonly [atPx: number, widthPx: number][], shifts: number[]): void {
  const of = labels.map(([atPx, widthPx]): Label => ({ atPx, widthPx }));
  expect(shiftsOf(of, HEIGHT, GAP)).toEqual(shifts);
}

it('labels with room stay at the start', () => {
  check([], []);
  check([[0, 80], [16, 80], [100, 80]], [0, 0, 0]);
});

it('labels that lie close together stand side by side', () => {
  // 0.345 and 2 ppm on an axis of 50 ppm and 200 px.
  check([[1.4, 90], [8, 80]], [0, 96]);
  check([[0, 90], [0, 80], [0, 70]], [0, 96, 182]);
  // The third is clear of the first and takes its place again.
  check([[0, 90], [10, 80], [20, 70]], [0, 96, 0]);
});

it('a free place between two labels is taken only when it is wide enough', () => {
  check([[0, 40], [10, 60], [24, 30], [14, 30]], [0, 46, 0, 112]);
  check([[0, 40], [10, 60], [20, 30], [21, 4]], [0, 46, 0, 36]);
});

it('no two labels cover each other, however close the lines are', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const of = Array.from({ length: 7 }, (_, i): Label => ({
      atPx: (seed * 37 + i * i * 13) % 60,
      widthPx: 20 + ((seed * 11 + i * 29) % 90),
    }));
    const shifts = shiftsOf(of, HEIGHT, GAP);
    const boxes = of.map(({ atPx, widthPx }, i) => {
      const from = shifts[i] ?? NaN;
      return { atPx, from, to: from + widthPx };
    });
    expect(boxes.every(({ from }) => from >= 0)).toBe(true);
    const covers = boxes.flatMap((a, i) =>
      boxes.slice(i + 1).filter((b) =>
        Math.abs(a.atPx - b.atPx) < HEIGHT && a.from < b.to && b.from < a.to,
      ),
    );
    expect([seed, covers]).toEqual([seed, []]);
  }
});

it('Chinese letters are wider than Latin ones', () => {
  expect(widthEm('')).toBe(0);
  expect(widthEm('黄色 2')).toBeCloseTo(3.2);
});
