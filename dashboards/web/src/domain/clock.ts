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
