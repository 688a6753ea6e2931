// What a person may do with a warning in its state, after the table in docs/lifecycle.md. The
// station decides; the page only does not offer what the table refuses.
import type { ShelfLimit, Tier, Warning, WarningState } from '../api/contract';

export type WarningAct =
  | 'acknowledge' | 'reset' | 'unshelve' | 'comment' | 'shelve' | 'cancel' | 'escalate';

/** What the state asks of a person first of all; null: nothing. */
const LEAD: Record<WarningState, WarningAct | null> = {
  'active-unacknowledged': 'acknowledge',
  'returned-unacknowledged': 'acknowledge',
  'latched-unacknowledged': 'acknowledge',
  'latched-acknowledged': 'reset',
  shelved: 'unshelve',
  'active-acknowledged': null,
  suppressed: null,
  'out-of-service': null,
  normal: null,
};

const SHELVABLE: ReadonlySet<WarningState> = new Set([
  'active-unacknowledged', 'active-acknowledged', 'returned-unacknowledged',
]);

/** Of what may have been a mistake, no alarm is active any more. */
const CANCELLABLE: ReadonlySet<WarningState> = new Set([
  'returned-unacknowledged', 'latched-unacknowledged', 'latched-acknowledged',
]);

export function leadActOf(warning: Warning): WarningAct | null {
  return LEAD[warning.state];
}

/** The other acts that the state allows, in the order of the buttons. */
export function otherActsOf(warning: Warning, limits: readonly ShelfLimit[]): WarningAct[] {
  if (warning.state === 'normal') {
    return [];
  }
  const limit = limitOf(limits, warning.tier);
  const shelves = SHELVABLE.has(warning.state) && (limit === null || limit.minutes_max > 0);
  const cancels = CANCELLABLE.has(warning.state);
  // Where nobody is left on the ladder there is nothing to be asked for.
  const escalates = warning.passing?.next_to != null;
  return [
    'comment', ...(escalates ? ['escalate' as const] : []),
    ...(shelves ? ['shelve' as const] : []), ...(cancels ? ['cancel' as const] : []),
  ];
}

/** How long warnings of a tier may be shelved; null where the station did not say. */
export function limitOf(limits: readonly ShelfLimit[], tier: Tier): ShelfLimit | null {
  return limits.find((limit) => limit.tier === tier) ?? null;
}

/** Times to choose from by one press, and the limit itself. */
export function choicesOf(minutesMax: number): number[] {
  const usual = [10, 30, 60, 240].filter((minutes) => minutes < minutesMax);
  return minutesMax > 0 ? [...usual, minutesMax] : [];
}
