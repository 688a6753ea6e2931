import { expect, it } from 'vitest';

import { between, lngLatOf, originOf, shiftOf } from './geo';

it('metres become degrees, narrower to the north', () => {
  const check = (latitude_deg: number, x_m: number, y_m: number, expected: number[]) => {
    const [lng, lat] = lngLatOf({ x_m, y_m }, { latitude_deg, longitude_deg: 120 });
    expect([lng - 120, lat - latitude_deg].map((deg) => Number(deg.toFixed(5)))).toEqual(expected);
  };
  // 111,194.9 m a degree; half as wide at 60° north.
  check(0, 1_111.949, 0, [0.01, 0]);
  check(0, 0, -1_111.949, [0, -0.01]);
  check(60, 1_111.949, 1_111.949, [0.02, 0.01]);
  expect(lngLatOf({ x_m: 0, y_m: 0 }, originOf({ origin: null }))).toEqual([0, 0]);
  const origin = { latitude_deg: 37, longitude_deg: 118 };
  expect(lngLatOf({ x_m: 0, y_m: 0 }, originOf({ origin }))).toEqual([118, 37]);
});

it('a projection between two corners, and what moves one drawing onto another', () => {
  const box = { x: 100, y: 0, width: 200, height: 100 };
  const drawn = between(box, { x: 0, y: 50 }, { x: 100, y: 0 });
  expect(drawn.scale).toBe(0.5);
  expect(drawn.at({ x_m: 200, y_m: 50 })).toEqual({ x: 50, y: 25 });
  const now = between(box, { x: 10, y: 120 }, { x: 210, y: 20 });
  // (50, 25) lies at (110, 70) now: twice as large, 10 to the right and 20 down.
  expect(now.at({ x_m: 200, y_m: 50 })).toEqual({ x: 110, y: 70 });
  expect(shiftOf(drawn, now)).toBe('translate(10.00px, 20.00px) scale(2.00000)');
});
