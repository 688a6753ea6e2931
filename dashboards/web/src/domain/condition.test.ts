import { describe, expect, it } from 'vitest';

import type { ChannelValue } from '../api/contract';
import {
  ageMs, type Condition, conditionOf, isUsable, loudnessOf, worstCondition,
} from './condition';
import { moment, NOW_MS, value } from './samples';

const POLL_MS = 1_000;
const seen = (ms: number) => {
  const at = moment(NOW_MS - ms);
  return { measured_at: at, received_at: at };
};

function check(extra: Partial<ChannelValue>, expected: Condition): void {
  expect(conditionOf(value('a', extra), POLL_MS, NOW_MS), JSON.stringify(extra)).toBe(expected);
}

describe('the condition of a channel', () => {
  it('keeps missing, stale, faulty, saturated and zero apart', () => {
    check({ value: 0 }, 'good');
    check({ quality: 'over-range', value: 50 }, 'over-range');
    check({ quality: 'fault', value: null }, 'fault');
    check({ quality: 'comm-lost', value: null }, 'comm-lost');
    check({ quality: null, measured_at: null, value: null }, 'missing');
    check(seen(60_000), 'stale');
    check({ no_data: true }, 'no-data');
    expect(conditionOf(undefined, POLL_MS, NOW_MS)).toBe('missing');
  });

  it('is stale in time to be drawn so two periods after it came', () => {
    check(seen(1_700), 'good');
    check(seen(1_701), 'stale');
    check({ ...seen(1_701), quality: 'calibration' }, 'stale');
  });

  it('is never fresh only because the clock of the device runs ahead', () => {
    const ahead = { measured_at: moment(NOW_MS + 4_000), received_at: moment(NOW_MS - 10_000) };
    check(ahead, 'stale');
    expect(ageMs(value('a', ahead), NOW_MS)).toBe(10_000);
  });

  it('has an age that never is negative', () => {
    const ahead = { measured_at: moment(NOW_MS + 4_000), received_at: moment(NOW_MS + 10) };
    expect(ageMs(value('a', ahead), NOW_MS)).toBe(0);
    expect(ageMs(value('a', { measured_at: null }), NOW_MS)).toBeNull();
  });
});

describe('the worst condition', () => {
  it('is the loudest one', () => {
    expect(worstCondition(['good', 'calibration', 'no-data'])).toBe('no-data');
    expect(worstCondition(['good', 'over-range'])).toBe('over-range');
    expect(worstCondition([])).toBe('missing');
  });

  it('is loud where nobody knows what the air is like', () => {
    const blind: Condition[] = ['no-data', 'comm-lost', 'fault', 'stale', 'missing'];
    expect(blind.map(loudnessOf)).toEqual(blind.map(() => 'blind'));
    expect(loudnessOf('over-range')).toBe('high');
    expect(blind.some(isUsable)).toBe(false);
    expect([isUsable('over-range'), isUsable('calibration')]).toEqual([true, false]);
  });
});
