// A flood of warnings: which desk, and its open warnings with the first out on top, by area.
import type { Flood, Warning } from '../api/contract';
import { realOf } from './drills';

export interface AreaGroup {
  area: string;
  /** In the order in which they came out. */
  warnings: Warning[];
}

export interface FloodShown {
  flood: Flood;
  /** The one that came out first of all that are open. */
  first: Warning | null;
  /** The area of the first one in front, then by the first of each area. */
  groups: AreaGroup[];
}

/** The desks that are flooded now. What a drill made is not among their warnings. */
export function floodsShown(floods: readonly Flood[], warnings: readonly Warning[]): FloodShown[] {
  const byId = new Map(realOf(warnings).map((warning) => [warning.id, warning]));
  return floods
    .filter((flood) => flood.begun_at != null)
    .map((flood) => {
      const open = flood.first_out.flatMap((id) => byId.get(id) ?? []);
      const groups = new Map<string, Warning[]>();
      open.forEach((warning) => {
        groups.set(warning.area, [...(groups.get(warning.area) ?? []), warning]);
      });
      return {
        flood,
        first: open[0] ?? null,
        groups: [...groups].map(([area, of]) => ({ area, warnings: of })),
      };
    });
}
