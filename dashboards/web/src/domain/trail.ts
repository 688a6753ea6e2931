// Where the wind came from in the last minutes: one direction a minute, never a mean (the mean of
// 350° and 10° is not 180°).
import type { Point } from '../api/contract';

export const TRAIL_MIN = 10;
const MINUTE_MS = 60_000;

export interface WindPast {
  /** Whole minutes since 1970. */
  minute: number;
  fromDeg: number;
}

/** The trail with one direction more: the last one of its minute counts, what is too old goes. */
export function withWind(
  trail: readonly WindPast[], fromDeg: number, atMs: number,
): WindPast[] {
  const minute = Math.floor(atMs / MINUTE_MS);
  const others = trail.filter((past) => past.minute !== minute);
  return [...others, { minute, fromDeg }].sort((a, b) => a.minute - b.minute);
}

/** What is left of it now: nothing too old, nothing of the minute that runs. */
export function trailAt(trail: readonly WindPast[], nowMs: number): WindPast[] {
  const minute = Math.floor(nowMs / MINUTE_MS);
  return trail.filter((past) => past.minute < minute && past.minute >= minute - TRAIL_MIN);
}

/** The trail of single readings; slices hold means, and say nothing of a direction. */
export function trailOf(points: readonly Point[], sliceMs: number | null): WindPast[] {
  const usable = points.filter((point) =>
    sliceMs === null && point.mean != null && point.quality === 'good');
  return usable.reduce<WindPast[]>(
    (trail, point) => withWind(trail, point.mean ?? 0, point.at_ms), []);
}
