import { describe, expect, it } from 'vitest';

import type { Warning } from '../api/contract';
import { forecastOf } from './forecast';

const SINCE = '2026-11-24T11:00:00+08:00';
const sinceMs = Date.parse(SINCE);

function warning(forecasts: { likely_s: number; latest_s?: number | null }[]): Warning {
  const alarms = forecasts.map((forecast) => ({ forecast, since: SINCE }));
  return { alarms, returned_at: null } as unknown as Warning;
}

describe('forecastOf', () => {
  it('gives the soonest one that is still to come', () => {
    const two = warning([{ likely_s: 600, latest_s: 900 }, { likely_s: 300, latest_s: null }]);
    expect(forecastOf(two, sinceMs)).toEqual({
      likelyMs: sinceMs + 300_000, earliestMs: null, latestMs: null,
    });
    expect(forecastOf(two, sinceMs + 300_000)).toEqual({
      likelyMs: sinceMs + 600_000, earliestMs: null, latestMs: sinceMs + 900_000,
    });
    expect(forecastOf(two, sinceMs + 600_000)).toBeNull();
  });

  it('gives none where no alarm has one or the warning has returned', () => {
    expect(forecastOf(warning([]), sinceMs)).toBeNull();
    const back = { ...warning([{ likely_s: 300 }]), returned_at: SINCE };
    expect(forecastOf(back, sinceMs)).toBeNull();
  });
});
