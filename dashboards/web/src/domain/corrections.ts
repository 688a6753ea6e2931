// What late readings changed in the record of the past: the newest of it, and which open warnings
// it is about. Pure. A correction is never loud: nothing here changes a tier or a state.
import type { Correction, Warning } from '../api/contract';
import { momentMs } from './time';

/** As many as the page keeps and lists. */
export const CORRECTIONS_MAX = 200;
/** As many as one answer of the station holds. */
export const PAGE_MAX = 1_000;
/** The newest part of the ledger that is asked for in full: its corrections fit into the pages. */
const RECENT_PAGES_MAX = 20;
/** A correction that was found this long ago or less is told more clearly. */
const NEW_MS = 3_600_000;

/** Newest first; at most as many as the page keeps. */
function newest(corrections: readonly Correction[]): Correction[] {
  return [...corrections].sort((a, b) => b.seq - a.seq).slice(0, CORRECTIONS_MAX);
}

/**
 * Reads the newest corrections. The station lists them oldest first, so the newest part of the
 * ledger is read to its end; what is older is asked for only where that part has few.
 */
export async function newestCorrections(
  ask: (after: number) => Promise<readonly Correction[]>,
  seq: number,
): Promise<Correction[]> {
  const from = Math.max(0, seq - RECENT_PAGES_MAX * PAGE_MAX);
  const found: Correction[] = [];
  let after = from;
  for (let page = 0; page <= RECENT_PAGES_MAX; page += 1) {
    const answer = await ask(after);
    found.push(...answer);
    after = answer.at(-1)?.seq ?? after;
    if (answer.length < PAGE_MAX) {
      break;
    }
  }
  if (from > 0 && found.length < CORRECTIONS_MAX) {
    const older = await ask(0);
    found.push(...older.filter((correction) => correction.seq <= from));
  }
  return newest(found);
}

/** The list with one more; one that it has already changes nothing. */
export function withCorrection(
  corrections: readonly Correction[],
  correction: Correction,
): readonly Correction[] {
  const known = corrections.some(({ seq }) => seq === correction.seq);
  return known ? corrections : newest([correction, ...corrections]);
}

/** Corrections of gas alarms of a warning: on its channels, between its begin and its end. */
export function correctionsOf(
  warning: Warning,
  corrections: readonly Correction[],
): Correction[] {
  const fromMs = momentMs(warning.raised_at) ?? Infinity;
  const toMs = momentMs(warning.returned_at) ?? Infinity;
  return corrections.filter(({ alarm, at }) => {
    const atMs = momentMs(at) ?? -Infinity;
    const touches = atMs >= fromMs && atMs <= toMs;
    return touches && alarm.kind === 'gas' && warning.channels.includes(alarm.channel);
  });
}

/** How many were found within the last hour. */
export function newCount(corrections: readonly Correction[], nowMs: number): number {
  return corrections.filter(({ found_at: at }) => nowMs - (momentMs(at) ?? -Infinity) <= NEW_MS)
    .length;
}
