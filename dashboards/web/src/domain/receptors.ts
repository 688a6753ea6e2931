// How near what must be protected is to what happens: from the outline of a receptor to the nearest
// analyzer in alarm, or while nothing is, to the nearest unit or tank farm. A distance and no more:
// nothing here says who is safe.
import type { Area, Position } from '../api/contract';
import type { Mark } from './marks';

export interface Near {
  /** What it is measured to: an analyzer in alarm, or a place gas could come from. */
  what: 'alarm' | 'source';
  metres: number;
}

const SOURCES = new Set(['unit', 'tank-farm']);
/** Distances are told in whole tens of metres: outlines are drawn no better. */
const STEP_M = 10;

function toSegment(p: Position, a: Position, b: Position): number {
  const [dx, dy] = [b.x_m - a.x_m, b.y_m - a.y_m];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((p.x_m - a.x_m) * dx + (p.y_m - a.y_m) * dy) / length2;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p.x_m - a.x_m - t * dx, p.y_m - a.y_m - t * dy);
}

function isInside(p: Position, outline: readonly Position[]): boolean {
  let inside = false;
  outline.forEach((a, i) => {
    const b = outline[(i + 1) % outline.length] ?? a;
    const crosses = a.y_m > p.y_m !== b.y_m > p.y_m;
    if (crosses && p.x_m < ((b.x_m - a.x_m) * (p.y_m - a.y_m)) / (b.y_m - a.y_m) + a.x_m) {
      inside = !inside;
    }
  });
  return inside;
}

/** Metres from a place to an outline; 0 inside it. */
export function metresTo(p: Position, outline: readonly Position[]): number {
  if (isInside(p, outline)) {
    return 0;
  }
  const next = (i: number) => outline[(i + 1) % outline.length];
  return Math.min(...outline.map((a, i) => toSegment(p, a, next(i) ?? a)));
}

/** The nearest of some places to a receptor, told in whole tens of metres; null without any. */
function nearest(
  receptor: Area, what: Near['what'], places: readonly Position[],
): Near | null {
  if (places.length === 0 || receptor.outline.length === 0) {
    return null;
  }
  const metres = Math.min(...places.map((place) => metresTo(place, receptor.outline)));
  // Rounded down: what is near is never told as farther.
  return { what, metres: Math.floor(metres / STEP_M) * STEP_M };
}

/** For each receptor, by its id, what is nearest to it. */
export function nearestOf(
  areas: readonly Area[], marks: readonly Mark[],
): ReadonlyMap<string, Near> {
  const alarms = marks.filter(({ tier }) => tier !== null).map(({ analyzer }) => analyzer.position);
  const sources = areas.filter(({ kind }) => SOURCES.has(kind)).flatMap(({ outline }) => outline);
  const found = areas.filter(({ kind }) => kind === 'receptor').flatMap((area) => {
    const near = nearest(area, 'alarm', alarms) ?? nearest(area, 'source', sources);
    return near === null ? [] : [[area.id, near] as const];
  });
  return new Map(found);
}
