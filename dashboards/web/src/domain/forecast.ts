// When the trend that raised an alarm would reach its target, as the engine said at its begin.
import type { Warning } from '../api/contract';
import { momentMs } from './time';

export interface Forecast {
  likelyMs: number;
  earliestMs: number | null;
  latestMs: number | null;
}

/** The soonest of a warning's forecasts that is not past; none once the warning has returned. */
export function forecastOf(warning: Warning, nowMs: number): Forecast | null {
  if (warning.returned_at) {
    return null;
  }
  const found = warning.alarms.flatMap(({ forecast, since }): Forecast[] => {
    const sinceMs = momentMs(since);
    if (!forecast || sinceMs === null) {
      return [];
    }
    const after = (seconds: number | null | undefined): number | null =>
      seconds == null ? null : sinceMs + seconds * 1000;
    return [{
      likelyMs: sinceMs + forecast.likely_s * 1000,
      earliestMs: after(forecast.earliest_s),
      latestMs: after(forecast.latest_s),
    }];
  });
  const [soonest] = found
    .filter(({ likelyMs }) => likelyMs > nowMs)
    .sort((a, b) => a.likelyMs - b.likelyMs);
  return soonest ?? null;
}
