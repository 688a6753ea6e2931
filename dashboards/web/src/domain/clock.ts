// The station's clock as the page knows it: the last stamp heard plus what a monotonic clock has
// counted since. The clock of the computer in front of the operator is never asked.

export interface StationClock {
  /** Station time at the last stamp, ms since 1970. */
  stationMs: number;
  /** Monotonic time at which it was heard, ms. */
  heardAtMs: number;
}

/** Station time at the monotonic moment `monotonicMs`; null before the first stamp. */
export function stationNow(clock: StationClock | null, monotonicMs: number): number | null {
  return clock === null ? null : clock.stationMs + (monotonicMs - clock.heardAtMs);
}

/** How often the page's clock turns. */
export const TICK_MS = 250;
/** A turn that comes so late says that the page stood still: its thread was busy, or it slept. */
const STILL_MS = 2 * TICK_MS;

/** A turn of the page's clock: when it came, and the moment that is shown, both monotonic. */
export interface Turn {
  shownMs: number;
  atMs: number;
  isPassed: boolean;
}

/**
 * The next turn. After the page stood still the values that came meanwhile wait behind this turn:
 * it is passed over, so that they are heard before they are called stale; never two in a row.
 */
export function turned(before: Turn, atMs: number): Turn {
  const isPassed = !before.isPassed && atMs - before.atMs > STILL_MS;
  return { shownMs: isPassed ? before.shownMs : atMs, atMs, isPassed };
}
