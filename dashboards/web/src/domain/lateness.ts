// When a value becomes stale: drawn so at the latest two periods after it came to this page. The
// next one of a healthy channel is there by then, whatever it waited for on its way. Pure.
import { momentMs } from './time';
import type { Park } from './park';

/** Of which the age counts: a reading, and when it came to this page where that is known. */
export interface Stamped {
  measured_at?: string | null;
  received_at?: string | null;
  /** Station time at which the stream brought it; none of a value that was asked for. */
  cameMs?: number | undefined;
}

/** A value is drawn as stale so many periods after it came … */
const PERIODS = 2;
/** … which takes a turn of the page's clock (250 ms) and a picture of the screen. */
const DRAWN_MS = 300;
/**
 * Of short periods the next value is waited for so long beyond its period: readings gather for
 * 200 ms on this page, the rest is the station's disk, the line and a device that is not exact.
 */
const WAY_MS = 700;
/** However lately it came: what measured it, or a gateway's clock, may be so much behind. */
const BEHIND_MS = 1_000;
/** A large park is looked at so often while nothing becomes stale. */
const TURN_MS = 1_000;

/** A value is never changed, only replaced: what was found for it stays right. */
const known = new WeakMap<Stamped, { pollMs: number; lateMs: number | null }>();

function found(value: Stamped, pollMs: number): number | null {
  const measuredMs = momentMs(value.measured_at);
  if (measuredMs === null) {
    return null;
  }
  const receivedMs = momentMs(value.received_at) ?? measuredMs;
  const cameMs = value.cameMs ?? receivedMs;
  const waits = Math.max(PERIODS * pollMs - DRAWN_MS, pollMs + WAY_MS);
  const stampMs = Math.min(measuredMs, receivedMs);
  return Math.min(cameMs + waits, stampMs + PERIODS * pollMs + BEHIND_MS);
}

/** The last moment, by the station's clock, at which it is not stale; null: it always is. */
export function lateMs(value: Stamped, pollMs: number): number | null {
  const before = known.get(value);
  if (before?.pollMs === pollMs) {
    return before.lateMs;
  }
  const late = found(value, pollMs);
  known.set(value, { pollMs, lateMs: late });
  return late;
}

/**
 * The time as a large park is looked at: in whole turns, for each of them looks at every channel,
 * and at once when a value becomes stale. `beforeMs` is what it was.
 */
export function calmMs(
  beforeMs: number, nowMs: number, park: Pick<Park, 'site' | 'values' | 'analyzers'>,
): number {
  const turnMs = Math.floor(nowMs / TURN_MS) * TURN_MS;
  // A clock that was set back is followed.
  const shownMs = beforeMs > nowMs ? turnMs : Math.max(beforeMs, turnMs);
  const isStaleSince = park.site.channels.some(({ id, analyzer }) => {
    const value = park.values.get(id);
    const late = value && lateMs(value, park.analyzers.get(analyzer)?.poll_ms ?? 0);
    return late != null && late >= shownMs && late < nowMs;
  });
  return isStaleSince ? nowMs : shownMs;
}
