// Drills. What a drill makes must never be taken for a real release, and the other way round:
// the mark is the number of the drill that made it, and nothing else.
import type { Drill, Drills, Warning } from '../api/contract';

/** The drill that made this; null: it is real. A station without drills says nothing of them. */
export function exerciseOf(warning: Warning): number | null {
  const { exercise }: { exercise?: unknown } = warning;
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
