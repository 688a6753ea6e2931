import { describe, expect, it } from 'vitest';

import type { Point, Quality, Series } from '../api/contract';
import { moment, NOW_MS, rule, value } from './samples';
import { axisBottom, axisTop, limitsOf, since, trendOf, withReading } from './series';

const POLL_MS = 1_000;
const point = (second: number, number: number | null, quality: Quality = 'good'): Point => ({
  at_ms: second * 1_000, min: number, max: number, mean: number, count: 1, quality,
});
const series = (points: Point[], sliceMs: number | null = null): Series => ({
  channel: 'a', unit: 'ppm', from_ms: 0, to_ms: 60_000, slice_ms: sliceMs, points,
});
const judged = (of: Series) => trendOf(of, POLL_MS, 0).judged.map(([ms, v]) => [ms / 1_000, v]);

describe('the line of a trend', () => {
  it('breaks where readings are missing', () => {
    expect(judged(series([point(0, 1), point(1, 2), point(9, 3)]))).toEqual([
      [0, 1], [1, 2], [1.001, null], [9, 3],
    ]);
  });

  it('does not break for one late reading', () => {
    expect(judged(series([point(0, 1), point(3, 2)]))).toEqual([[0, 1], [3, 2]]);
  });

  it('breaks where a reading has no number', () => {
    expect(judged(series([point(0, 1), point(1, null, 'comm-lost')]))).toEqual([[0, 1], [1, null]]);
  });

  it('puts held readings on their own line', () => {
    const trend = trendOf(series([point(0, 1), point(1, 40, 'calibration')]), POLL_MS, 0);
    expect(trend.judged.map(([, v]) => v)).toEqual([1, null]);
    expect(trend.held.map(([, v]) => v)).toEqual([null, 40]);
  });

  it('keeps the peak of a slice', () => {
    const peak = { ...point(0, 5), min: 1, max: 30, count: 9 };
    expect(trendOf(series([peak], 10_000), POLL_MS, 0).envelope).toEqual([
      { fromMs: 0, toMs: 10_000, min: 1, max: 30 },
    ]);
  });
});

describe('the bands of a trend', () => {
  const check = (points: Point[], nowS: number, expected: [number, number, string][]) => {
    const { bands } = trendOf(series(points), POLL_MS, nowS * 1_000);
    expect(bands.map((b) => [b.fromMs / 1_000, Math.round(b.toMs / 1_000), b.quality])).toEqual(
      expected,
    );
  };

  it('say what is not good, joined', () => {
    check(
      [point(0, 1), point(1, 4, 'calibration'), point(2, 4, 'calibration'), point(3, 1)], 3,
      [[1, 3, 'calibration']],
    );
  });

  it('show gaps before, inside and at the end', () => {
    check([point(10, 1), point(11, 1), point(20, 1)], 40, [
      [0, 10, 'gap'], [11, 20, 'gap'], [20, 40, 'gap'],
    ]);
    check([], 40, [[0, 40, 'gap']]);
  });
});

describe('a live reading', () => {
  const live = (second: number, number: number | null, quality: Quality = 'good') =>
    value('a', { measured_at: moment(second * 1_000), value: number, quality });

  it('is added at the end', () => {
    const after = withReading(series([point(0, 1)]), live(1, 2));
    expect(after.points.map((p) => p.mean)).toEqual([1, 2]);
  });

  it('is left to the next fetch when it is not newer', () => {
    const before = series([point(5, 1)]);
    expect(withReading(before, live(5, 2))).toBe(before);
    expect(withReading(before, live(4, 2))).toBe(before);
  });

  it('joins the last slice or begins the next one', () => {
    const before = series([{ ...point(0, 2), count: 3 }], 10_000);
    const joined = withReading(before, live(9, 6, 'over-range'));
    expect(joined.points).toEqual([
      { at_ms: 0, min: 2, max: 6, mean: 3, count: 4, quality: 'over-range' },
    ]);
    const next = withReading(joined, live(25, null, 'comm-lost'));
    expect(next.points.map((p) => [p.at_ms, p.mean])).toEqual([[0, 3], [20_000, null]]);
  });

  it('pushes old ones out', () => {
    const after = since(series([point(0, 1), point(5, 1)]), 3_000);
    expect([after.from_ms, after.points.length]).toEqual([3_000, 1]);
  });
});

describe('limits', () => {
  const rules = [rule('red', 20), rule('yellow', 0.345), rule('red', 20, 'window-mean')];

  it('rise, and equal ones of a tier stand once', () => {
    expect(limitsOf(rules).map((l) => l.value)).toEqual([0.345, 20]);
  });

  it('leave room for the next one but no more', () => {
    const limits = limitsOf(rules);
    expect(axisTop([point(0, 0.02)], limits)).toBeCloseTo(0.345 * 1.15);
    expect(axisTop([point(0, 1)], limits)).toBeCloseTo(23);
    expect(axisTop([point(0, 30)], limits)).toBeCloseTo(33);
    expect(axisTop([], [])).toBe(1);
    expect(axisBottom([point(0, -2)])).toBeCloseTo(-2.2);
    expect(axisBottom([point(0, 3)])).toBe(0);
  });
});

it('the samples are at the moment they say', () => {
  expect(Date.parse(moment(NOW_MS))).toBe(NOW_MS);
});
