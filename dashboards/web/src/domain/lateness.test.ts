import { describe, expect, it } from 'vitest';

import { conditionOf } from './condition';
import { calmMs, lateMs } from './lateness';
import { analyzer, channel, moment, NOW_MS, value } from './samples';
import type { Park } from './park';

const at = (measuredMs: number, receivedMs = measuredMs, cameMs?: number) =>
  ({ measured_at: moment(measuredMs), received_at: moment(receivedMs), cameMs });

describe('the moment at which a value becomes stale', () => {
  /** After how long, from the reading's own stamp. */
  function check(
    pollMs: number, after: { receivedMs?: number; cameMs?: number }, expectedMs: number,
  ) {
    const { receivedMs = 0, cameMs } = after;
    const came = cameMs === undefined ? undefined : NOW_MS + cameMs;
    const late = lateMs(at(NOW_MS, NOW_MS + receivedMs, came), pollMs);
    expect((late ?? Number.NaN) - NOW_MS).toBe(expectedMs);
  }

  it('leaves the clock a turn and the screen a picture until two periods after it came', () => {
    check(1_000, { cameMs: 0 }, 1_700);
    check(1_000, { receivedMs: 5, cameMs: 40 }, 1_740);
    check(5_000, { cameMs: 0 }, 9_700);
    check(60_000, { cameMs: 0 }, 119_700);
  });

  it('counts from when the station had it where nobody saw it come', () => {
    check(1_000, { receivedMs: 20 }, 1_720);
  });

  it('waits for the way of the next one where periods are short', () => {
    check(500, { cameMs: 0 }, 1_200);
    check(250, { cameMs: 0 }, 950);
    // However short: the value itself is never older than two periods and a second.
    check(50, { cameMs: 400 }, 1_100);
  });

  it('takes what is always behind as it is, up to a second', () => {
    check(1_000, { receivedMs: 600, cameMs: 650 }, 2_350);
    check(1_000, { receivedMs: 30, cameMs: 1_200 }, 2_900);
    check(1_000, { receivedMs: 1_400, cameMs: 1_450 }, 3_000);
    check(1_000, { receivedMs: 600_000, cameMs: 600_100 }, 3_000);
  });

  it('is never put off by a device clock that runs ahead', () => {
    check(1_000, { receivedMs: -4_000, cameMs: -3_950 }, -2_250);
  });

  it('does not come for what was never measured: that is missing or always stale', () => {
    expect(lateMs({ measured_at: null }, 1_000)).toBeNull();
  });

  it('is found anew for another period of the same value', () => {
    const one = at(NOW_MS);
    expect([1_000, 5_000, 1_000].map((pollMs) => (lateMs(one, pollMs) ?? 0) - NOW_MS))
      .toEqual([1_700, 9_700, 1_700]);
  });
});

describe('a healthy channel', () => {
  const TICK_MS = 250;
  const GATHER_MS = 200;

  /** States seen at each turn of the clock while readings come after `ways`, one a period. */
  function seen(pollMs: number, ways: readonly number[], gapAt = -1): string[] {
    const shown = ways.flatMap((way, i) => (i === gapAt ? [] : [{
      shownMs: NOW_MS + i * pollMs + way + GATHER_MS,
      value: value('a', at(NOW_MS + i * pollMs, NOW_MS + i * pollMs, NOW_MS + i * pollMs + way)),
    }]));
    const states: string[] = [];
    for (let ms = NOW_MS + pollMs; ms < NOW_MS + ways.length * pollMs; ms += TICK_MS / 10) {
      const last = shown.findLast(({ shownMs }) => shownMs <= ms);
      states.push(last === undefined ? '' : conditionOf(last.value, pollMs, ms));
    }
    return states;
  }
  const unsteady = [20, 480, 10, 350, 0, 490, 30, 120];

  it('is never stale for a moment, however unsteady its way is within half a second', () => {
    for (const pollMs of [250, 500, 1_000, 5_000]) {
      expect(seen(pollMs, unsteady).filter((state) => state !== 'good'), `${pollMs}`).toEqual([]);
    }
  });

  it('is not stale either where all of it comes half a second and more behind', () => {
    const behind = unsteady.map((way) => way / 2 + 700);
    expect(seen(1_000, behind).filter((state) => state === 'stale')).toEqual([]);
  });

  it('is stale where one reading of it is lost', () => {
    expect(seen(1_000, [20, 20, 20, 20], 2)).toContain('stale');
  });
});

describe('the time of a large park', () => {
  const SECOND = NOW_MS + 10_000;
  const park = (values: [string, ReturnType<typeof at>][]): Pick<Park,
    'site' | 'values' | 'analyzers'> => ({
    site: { channels: values.map(([id]) => channel(id, 'a')) } as unknown as Park['site'],
    analyzers: new Map([['a', analyzer('a')]]),
    values: new Map(values.map(([id, stamps]) => [id, value(id, stamps)])),
  });
  const calm = park([['x', at(SECOND)], ['y', at(NOW_MS)]]);

  it('stands still between two turns while nothing becomes stale', () => {
    // What has been stale for long is no news.
    expect(calmMs(SECOND, SECOND + 250, calm)).toBe(SECOND);
    expect(calmMs(SECOND, SECOND + 999, calm)).toBe(SECOND);
    expect(calmMs(SECOND, SECOND + 1_000, calm)).toBe(SECOND + 1_000);
    expect(calmMs(0, SECOND + 1_001, calm)).toBe(SECOND + 1_000);
  });

  it('goes on at once when a value becomes stale, and does not fall back behind it', () => {
    expect(calmMs(SECOND + 1_000, SECOND + 1_700, calm)).toBe(SECOND + 1_000);
    expect(calmMs(SECOND + 1_000, SECOND + 1_701, calm)).toBe(SECOND + 1_701);
    expect(calmMs(SECOND + 1_701, SECOND + 1_950, calm)).toBe(SECOND + 1_701);
    expect(calmMs(SECOND + 1_701, SECOND + 2_000, calm)).toBe(SECOND + 2_000);
  });

  it('follows a clock that was set back', () => {
    expect(calmMs(SECOND + 60_000, SECOND + 500, calm)).toBe(SECOND);
  });
});
