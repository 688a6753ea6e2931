import { describe, expect, it } from 'vitest';

import type { Bucket } from '../api/contract';
import { pathOf, percentText, sparkOf, sparkSpan, STEP_MS, STEPS } from './sparks';

const FROM_MS = 1_767_196_800_000;
const POLL_MS = 1_000;

function step(place: number, max: number | null, extra: Partial<Bucket> = {}): Bucket {
  return {
    at_ms: FROM_MS + place * STEP_MS, count: 900, good: 900, worst: 'good', over_range: false,
    judged: max === null ? 0 : 900, min: max, max, mean: max, last: max, other_max: null, ...extra,
  };
}

const spark = (steps: Bucket[], nowMs = FROM_MS + STEPS * STEP_MS) =>
  sparkOf(steps, FROM_MS, nowMs, POLL_MS);

describe('a small line', () => {
  it('breaks where a step has no reading or no number', () => {
    const runs = (steps: Bucket[]) => spark(steps).lines.map((line) => line.length);
    expect(runs([])).toEqual([]);
    expect(runs([step(0, 1), step(1, 2), step(2, 1)])).toEqual([3]);
    expect(runs([step(0, 1), step(1, 2), step(3, 1)])).toEqual([2, 1]);
    expect(runs([step(0, 1), step(1, null), step(2, 1)])).toEqual([1, 1]);
  });

  it('keeps peaks, and work on the device is in it', () => {
    expect(spark([step(0, 1), step(1, 9)]).max).toBe(9);
    expect(spark([step(0, null, { other_max: 7 })]).max).toBe(7);
    const [line] = spark([step(0, 0), step(1, 10)]).lines;
    expect(line?.map(([, y]) => Number(y.toFixed(2)))).toEqual([0.92, 0.08]);
  });

  it('lies inside its box', () => {
    const all = Array.from({ length: STEPS }, (_, i) => step(i, Math.sin(i)));
    for (const [x, y] of spark(all).lines.flat()) {
      expect(x >= 0 && x <= 1 && y >= 0 && y <= 1).toBe(true);
    }
  });

  it('is drawn as a path, one step as a stroke', () => {
    expect(pathOf(spark([step(0, 0), step(1, 10)]), 96, 10)).toBe('M0.5 9.2L1.5 0.8');
    expect(pathOf(spark([step(0, 0)]), 96, 10)).toBe('M0.0 9.2L1.0 9.2');
    expect(pathOf(spark([]), 96, 10)).toBe('');
  });
});

describe('completeness', () => {
  it('is what came of what was due until now', () => {
    const half = Array.from({ length: 48 }, (_, i) => step(i, 1));
    expect(spark(half).completeness).toBe(0.5);
    expect(spark(half, FROM_MS + 48 * STEP_MS).completeness).toBe(1);
    expect(spark([]).completeness).toBe(0);
    expect(spark([], FROM_MS).completeness).toBeNull();
  });

  it('does not count one step for another', () => {
    const twice = [step(0, 1, { count: 86_400 })];
    expect(spark(twice).completeness).toBeCloseTo(900 / 86_400);
  });

  it('is never rounded to all or nothing', () => {
    expect([null, 0, 0.001, 0.5, 0.9999, 1].map(percentText)).toEqual(
      ['—', '0 %', '< 1 %', '50 %', '> 99 %', '100 %']);
  });
});

it('the span is whole steps with the running one at its end', () => {
  for (const nowMs of [FROM_MS, FROM_MS + 1, FROM_MS + STEP_MS - 1]) {
    const { fromMs, toMs } = sparkSpan(nowMs);
    expect([toMs, toMs - fromMs]).toEqual([FROM_MS + STEP_MS, STEPS * STEP_MS]);
  }
});
