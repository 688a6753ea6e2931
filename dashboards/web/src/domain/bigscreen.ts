// What a screen on a wall has room for. Whatever does not fit is counted on it, never dropped.
import type { Warning } from '../api/contract';
import { isUnacknowledged, sortWarnings } from './warnings';

/**
 * Size of a rem in per cent of the screen's height. Capitals of the fonts named in `tokens.css`
 * are 0.7 of it high or more, so that the smallest words are 0.03 of the screen high: 20 mm on a
 * screen of 55 inches, which is 7 minutes of arc from 10 m away, where normal sight needs 5. Tiers
 * and values are 1.6 times that and more.
 */
export const REM_VH = 4.3;

/** Warnings with a line of their own, where there is room: what would be cut off is counted. */
export const LINES_MAX = 3;

export type Standing = 'open' | 'acknowledged' | 'returned' | 'latched' | 'held';

/** The state in one word: what is still to be done about it. */
export function standingOf({ state }: Warning): Standing {
  switch (state) {
    case 'active-unacknowledged':
      return 'open';
    case 'active-acknowledged':
      return 'acknowledged';
    case 'returned-unacknowledged':
    case 'latched-unacknowledged':
      return 'returned';
    case 'latched-acknowledged':
      return 'latched';
    case 'shelved':
    case 'suppressed':
    case 'out-of-service':
    case 'normal':
      return 'held';
  }
}

/** Real ones first, of each what nobody has acknowledged first, then by tier and age. */
export function linesOf(
  warnings: readonly Warning[], max = LINES_MAX,
): { shown: Warning[]; more: number } {
  const sorted = sortWarnings(warnings);
  const isReal = (one: Warning) => !('exercise' in one) || one.exercise == null;
  const rank = (one: Warning) => (isReal(one) ? 0 : 2) + (isUnacknowledged(one) ? 0 : 1);
  const ranked = sorted.sort((a, b) => rank(a) - rank(b));
  return { shown: ranked.slice(0, max), more: Math.max(0, ranked.length - max) };
}
