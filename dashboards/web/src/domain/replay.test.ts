import { describe, expect, it } from 'vitest';

import type { AlarmRecord, Bucket, WarningEvent } from '../api/contract';
import { conditionOf } from './condition';
import {
  momentsOf, parkAt, type Past, PIECE_STEPS, pieceAt, spanFault, SPAN_MS_MAX, spanOfIncident,
  stepMsOf, valueAt, wasActive,
} from './replay';
import { channel, moment, NOW_MS, park, warning } from './samples';

const T = NOW_MS - 3_600_000;
const STEP_MS = 10_000;

function bucket(atMs: number, extra: Partial<Bucket> = {}): Bucket {
  return {
    at_ms: atMs, count: 10, good: 10, judged: 10, last: 0.2, max: 0.5, mean: 0.3, min: 0.1,
    over_range: false, worst: 'good', ...extra,
  };
}

function record(raisedMs: number, clearedMs: number | null): AlarmRecord {
  return {
    rule: 'chlorine-red', channel: 'a-cl2', kind: 'gas', tier: 'red', unit: 'ppm', state: 'normal',
    raised_at: moment(raisedMs), raised_at_ms: raisedMs, cleared_at_ms: clearedMs, value: 21,
    limit: 20,
  };
}

function event(
  change: WarningEvent['change'], atMs: number, state: 'normal' | 'active-unacknowledged',
): WarningEvent {
  return { seq: 1, change, at: moment(atMs), warning: warning('w', { state, tier: 'red' }) };
}

const past: Past = {
  stepMs: STEP_MS,
  buckets: new Map([['a-cl2', [bucket(T), bucket(T + STEP_MS, { max: 21 })]]]),
  records: [record(T + 5_000, T + 60_000)],
  lives: [[
    event('raised', T + 5_000, 'active-unacknowledged'), event('closed', T + 90_000, 'normal'),
  ]],
};

describe('a value of the past', () => {
  function check(atMs: number, expected: object, buckets = past.buckets.get('a-cl2')!) {
    expect(valueAt(channel('a-cl2', 'a'), buckets, STEP_MS, atMs)).toMatchObject(expected);
  }

  it('is of a step that was over, never of what came later', () => {
    check(T + STEP_MS - 1, { no_data: false });
    expect(valueAt(channel('a-cl2', 'a'), past.buckets.get('a-cl2')!, STEP_MS, T + STEP_MS - 1))
      .not.toHaveProperty('value');
    check(T + STEP_MS, { value: 0.5 });
    check(T + 2 * STEP_MS - 1, { value: 0.5 });
    check(T + 2 * STEP_MS, { value: 21, measured_at: moment(T + 2 * STEP_MS) });
  });

  it('grows old where nothing follows', () => {
    const atMs = T + 5 * STEP_MS;
    check(atMs, { value: 21, measured_at: moment(T + 2 * STEP_MS) });
    const value = valueAt(channel('a-cl2', 'a'), past.buckets.get('a-cl2')!, STEP_MS, atMs);
    expect(conditionOf(value, 1_000, atMs)).toBe('stale');
  });

  it('has no number where nothing was judged, and says why', () => {
    const blind = [bucket(T, { judged: 0, good: 0, max: null, worst: 'calibration' })];
    check(T + STEP_MS, { value: null, quality: 'calibration' }, blind);
    check(T + STEP_MS, { quality: 'over-range' }, [bucket(T, { over_range: true })]);
    check(T + STEP_MS, { quality: 'uncertain' }, [bucket(T, { good: 0 })]);
  });

  it('of the wind is the last one: directions have no maximum', () => {
    const wind = channel('w-dir', 'w', { is_gas: false, quantity: 'wind-direction' });
    expect(valueAt(wind, [bucket(T, { max: 359, last: 2 })], STEP_MS, T + STEP_MS).value).toBe(2);
  });
});

describe('the park of the past', () => {
  function check(atMs: number, tier: string | null, warnings: number) {
    const then = parkAt(park(), past, atMs);
    expect(then.values.get('a-cl2')?.tier ?? null).toBe(tier);
    expect(then.warnings).toHaveLength(warnings);
  }

  it('has the alarms and warnings of then', () => {
    check(T + 4_999, null, 0);
    check(T + 5_000, 'red', 1);
    check(T + 59_999, 'red', 1);
    check(T + 60_000, null, 1);
    check(T + 90_000, null, 0);
  });

  it('has nothing of today but names, places and rules', () => {
    const today = park({ warnings: [warning('now')] });
    const then = parkAt(today, past, T);
    expect(then.warnings).toEqual([]);
    expect(then.health.analyzers).toEqual([]);
    expect(then.site).toBe(today.site);
  });

  it('counts an alarm that has no end as active', () => {
    expect(wasActive(record(T, null), NOW_MS)).toBe(true);
    expect(wasActive(record(T, null), T - 1)).toBe(false);
  });
});

describe('a span', () => {
  it('has steps by its length', () => {
    expect([600_000, 3_600_000, SPAN_MS_MAX].map(stepMsOf)).toEqual([1_000, 10_000, 60_000]);
  });

  it('is asked for in pieces that follow on each other', () => {
    const piece = pieceAt(T, STEP_MS);
    expect(piece.fromMs).toBeLessThanOrEqual(T);
    expect(piece.toMs).toBeGreaterThan(T);
    expect(piece.toMs - piece.fromMs).toBe(PIECE_STEPS * STEP_MS);
    expect(pieceAt(piece.toMs, STEP_MS).fromMs).toBe(piece.toMs);
  });

  it('is told what is wrong with it', () => {
    expect(spanFault(null, 5, NOW_MS)).toBe('from');
    expect(spanFault(5, null, NOW_MS)).toBe('to');
    expect(spanFault(5, 5, NOW_MS)).toBe('backwards');
    expect(spanFault(NOW_MS, NOW_MS + 5, NOW_MS)).toBe('ahead');
    expect(spanFault(T, T + SPAN_MS_MAX + 1, NOW_MS)).toBe('long');
    expect(spanFault(T, T + SPAN_MS_MAX, NOW_MS)).toBeNull();
  });

  it('has moments worth going to', () => {
    const lives = [past.lives[0]!, [event('escalated', T + 5_400, 'active-unacknowledged')]];
    const moments = momentsOf({ lives }, T, NOW_MS, 9);
    expect(moments.map(({ ms }) => ms)).toEqual([T + 5_000]);
    expect(momentsOf({ lives }, T + 6_000, NOW_MS, 9)).toEqual([]);
  });
});

describe('the span of an incident', () => {
  const MINUTE = 60_000;
  const begin = Math.floor(T / MINUTE) * MINUTE;
  type Of = Parameters<typeof spanOfIncident>[0];
  const of = (foundMs: number, raised: number[], closedMs: number | null) => ({
    incident: { discovered_at: moment(foundMs) },
    warnings: raised.map((ms) => ({ raised_at: moment(ms) })),
    closure: closedMs === null ? null : { at: moment(closedMs) },
  }) as Of;
  const check = (given: Of, fromMs: number, toMs: number) => {
    expect(spanOfIncident(given, begin + 60 * MINUTE)).toEqual({ fromMs, toMs });
  };
  it('begins ten minutes before the first warning, wherever it stands', () => {
    check(of(begin + 5 * MINUTE, [begin + 2 * MINUTE, begin], begin + 30 * MINUTE),
      begin - 10 * MINUTE, begin + 31 * MINUTE);
    check(of(begin - MINUTE, [begin], begin + 30 * MINUTE),
      begin - 11 * MINUTE, begin + 31 * MINUTE);
  });
  it('ends now where it goes on, and after a day at the latest', () => {
    check(of(begin, [], null), begin - 10 * MINUTE, begin + 61 * MINUTE);
    const day = spanOfIncident(of(begin, [], null), begin + 3 * SPAN_MS_MAX);
    expect(day.toMs - day.fromMs).toBe(SPAN_MS_MAX);
    expect(spanFault(day.fromMs, day.toMs, begin + 3 * SPAN_MS_MAX)).toBeNull();
  });
  it('is of whole minutes, so that a link stays the same for a while', () => {
    const one = spanOfIncident(of(begin + 1_234, [], null), begin + 61 * MINUTE - 1);
    expect(one).toEqual(spanOfIncident(of(begin + 1_234, [], null), begin + 60 * MINUTE + 1));
    expect(one.fromMs % MINUTE + one.toMs % MINUTE).toBe(0);
  });
});
