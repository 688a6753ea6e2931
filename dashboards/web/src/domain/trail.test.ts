import { describe, expect, it } from 'vitest';

import type { Point } from '../api/contract';
import { trailAt, trailOf, withWind } from './trail';

const MINUTE_MS = 60_000;
const point = (at_ms: number, mean: number | null, quality: Point['quality'] = 'good'): Point =>
  ({ at_ms, mean, min: mean, max: mean, count: 1, quality });

describe('the trail of the wind', () => {
  it('has one direction a minute: the last one', () => {
    const trail = withWind(withWind(withWind([], 350, 0), 10, 30_000), 20, MINUTE_MS);
    expect(trail).toEqual([{ minute: 0, fromDeg: 10 }, { minute: 1, fromDeg: 20 }]);
  });

  it('ends with the minute before this one and is ten minutes long', () => {
    const trail = Array.from({ length: 13 }, (_, minute) => ({ minute, fromDeg: minute }));
    const minutes = trailAt(trail, 12 * MINUTE_MS).map((past) => past.minute);
    expect(minutes).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(trailAt(trail, 40 * MINUTE_MS)).toEqual([]);
  });

  it('takes single readings that are good, and never the mean of a slice', () => {
    const points = [point(0, 350), point(MINUTE_MS, null), point(2 * MINUTE_MS, 5, 'fault')];
    expect(trailOf(points, null)).toEqual([{ minute: 0, fromDeg: 350 }]);
    expect(trailOf(points, 5_000)).toEqual([]);
  });
});
