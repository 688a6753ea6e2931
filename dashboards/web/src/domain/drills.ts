// Drills. What a drill makes must never be taken for a real release, and the other way round:
// the mark is the number of the drill that made it, and nothing else.
import type { Warning } from '../api/contract';

/** A drill as the station tells it. */
export interface Drill {
  number: number;
  area: string;
  gas: string;
  state: string;
  begun_at_ms: number;
  ends_at_ms: number;
  begun_by: string;
  ended?: { at_ms: number; reason: string; by: string | null } | null;
}

export interface Drills {
  running: Drill | null;
  drills: readonly Drill[];
}

/** The drill that made this; null: it is real. A station without drills says nothing of them. */
export function exerciseOf(warning: Warning): number | null {
  const { exercise } = warning as Warning & { exercise?: unknown };
  return typeof exercise === 'number' ? exercise : null;
}

export const isDrill = (warning: Warning) => exerciseOf(warning) !== null;

/** Real warnings only: what counts, what is called out, what stands in the window's title. */
export function realOf(warnings: readonly Warning[]): Warning[] {
  return warnings.filter((warning) => !isDrill(warning));
}

/**
 * The drill that the page must tell of: one that runs, or one whose warnings are still open (then
 * without more than its number).
 */
export function drillShown(
  drills: Drills | null, warnings: readonly Warning[],
): { number: number; drill: Drill | null } | null {
  const running = drills?.running ?? null;
  if (running !== null) {
    return { number: running.number, drill: running };
  }
  const left = warnings.map(exerciseOf).find((number) => number !== null);
  return left === undefined ? null : { number: left, drill: null };
}
