// Geometry of the plan: metres of the park to pixels of the screen, labels that do not collide.
import type { Area, Position, Site } from '../api/contract';

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Projection {
  /** Pixels of one metre. */
  scale: number;
  /** Pixel of a position; north is up. */
  at: (position: Position) => Point;
}

/** The smallest box around all areas and analyzers, in metres. */
export function boundsOf(site: Pick<Site, 'areas' | 'analyzers'>): Box {
  const positions = [
    ...site.areas.flatMap((area) => area.outline),
    ...site.analyzers.map((analyzer) => analyzer.position),
  ];
  if (positions.length === 0) {
    return { x: 0, y: 0, width: 1, height: 1 };
  }
  const xs = positions.map((position) => position.x_m);
  const ys = positions.map((position) => position.y_m);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return {
    x,
    y,
    width: Math.max(Math.max(...xs) - x, 1),
    height: Math.max(Math.max(...ys) - y, 1),
  };
}

/** Fits the park into a box of pixels without distortion and centres it. */
export function fit(bounds: Box, into: Box): Projection {
  const scale = Math.max(Math.min(into.width / bounds.width, into.height / bounds.height), 1e-6);
  const left = into.x + (into.width - bounds.width * scale) / 2;
  const bottom = into.y + into.height - (into.height - bounds.height * scale) / 2;
  return {
    scale,
    at: (position) => ({
      x: left + (position.x_m - bounds.x) * scale,
      y: bottom - (position.y_m - bounds.y) * scale,
    }),
  };
}

/** The corners of an area as an SVG `points` text. */
export function outlinePoints(area: Area, projection: Projection): string {
  return area.outline
    .map((position) => projection.at(position))
    .map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
}

/** The box around an area in pixels. */
export function areaBox(area: Area, projection: Projection): Box {
  const corners = area.outline.map((position) => projection.at(position));
  const xs = corners.map((corner) => corner.x);
  const ys = corners.map((corner) => corner.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The longest round length (1, 2 or 5 times a power of ten) of at most `pxMax` pixels. */
export function scaleBar(scale: number, pxMax: number): { metres: number; px: number } {
  const metresMax = pxMax / scale;
  const power = 10 ** Math.floor(Math.log10(metresMax));
  const step = [5, 2, 1].find((factor) => factor * power <= metresMax) ?? 1;
  return { metres: step * power, px: step * power * scale };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** What lies around a canvas: a label that would leave it covers this. */
export function outside({ width, height }: Size): Box[] {
  const far = Math.max(width, height);
  return [
    { x: -far, y: -far, width: far, height: height + 2 * far },
    { x: width, y: -far, width: far, height: height + 2 * far },
    { x: 0, y: -far, width, height: far },
    { x: 0, y: height, width, height: far },
  ];
}

/** The box around a mark. */
export function markBox(mark: Point, radius: number): Box {
  return { x: mark.x - radius, y: mark.y - radius, width: 2 * radius, height: 2 * radius };
}

/** Where the label of a mark may stand, best first: below, above, right or left of it. */
export function besideMark(mark: Point, radius: number, size: Size): Box[] {
  const { width, height } = size;
  return [
    { x: mark.x - width / 2, y: mark.y + radius, width, height },
    { x: mark.x - width / 2, y: mark.y - radius - height, width, height },
    { x: mark.x + radius, y: mark.y - height / 2, width, height },
    { x: mark.x - radius - width, y: mark.y - height / 2, width, height },
  ];
}

/**
 * Where the name of an area may stand, best first: above it, below it, or inside on top, where it
 * is no wider than the area: beyond that its neighbours lie over it.
 */
export function besideArea(area: Box, size: Size): Box[] {
  const { width, height } = size;
  const right = area.x + area.width - width;
  const middle = area.x + (area.width - width) / 2;
  const above = area.y - height;
  const below = area.y + area.height;
  return [
    { x: middle, y: above, width, height },
    { x: area.x, y: above, width, height },
    { x: right, y: above, width, height },
    { x: middle, y: below, width, height },
    { x: area.x, y: below, width, height },
    { x: right, y: below, width, height },
    ...(width <= area.width ? [{ x: middle, y: area.y, width, height }] : []),
  ];
}

/**
 * Places for the name of an area of which anything is on show: what would be cut off to the side is
 * moved in. A distance without its last digit would be another distance.
 */
export function keptIn(choices: readonly Box[], area: Box, { width, height }: Size): Box[] {
  const canvas = { x: 0, y: 0, width, height };
  const inside = ({ x, width: of }: Box) => Math.min(Math.max(x, 0), Math.max(width - of, 0));
  return overlap(area, canvas) === 0
    ? [...choices]
    : choices.map((box) => ({ ...box, x: inside(box) }));
}

/** How often labels may make room for those that were placed after them. */
const ROUNDS = 2;

/**
 * For each label the candidate that covers least of what is drawn already; in the order given, and
 * each placed label counts as drawn for the next. Then each may step aside for the later ones.
 */
export function placeLabels(choices: readonly (readonly Box[])[], drawn: readonly Box[]): Box[] {
  const offered = choices.flatMap(([first, ...rest]) => (first ? [{ first, rest }] : []));
  const bestOf = ({ first, rest }: typeof offered[number], others: readonly Box[]) => {
    const covered = (box: Box) => others.reduce((sum, other) => sum + overlap(box, other), 0);
    return rest.reduce((a, b) => (covered(b) < covered(a) ? b : a), first);
  };
  const placed: Box[] = [];
  for (const one of offered) {
    placed.push(bestOf(one, [...drawn, ...placed]));
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    offered.forEach((one, i) => {
      placed[i] = bestOf(one, [...drawn, ...placed.filter((_, other) => other !== i)]);
    });
  }
  return placed;
}

/** Width of a text in em, near enough to place it: Chinese characters are square. */
export function textEm(text: string): number {
  return Array.from(text).reduce((em, char) => em + (char > '\u2e80' ? 1 : 0.52), 0);
}
