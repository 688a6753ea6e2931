// A trend as drawn: gaps stay gaps, held readings (calibration …) are apart from judged ones,
// and a peak never disappears. Pure; the chart only paints what comes out of here.
import type { ChannelValue, Point, Quality, Rule, Series, Tier } from '../api/contract';
import { loudnessOf } from './condition';
import { momentMs } from './time';

/** Readings further apart than this many polls have a gap between them … */
const GAP_POLLS = 2;
/** … plus what a busy device may be late. */
const GAP_GRACE_MS = 1_000;

/** From which distance on two points have a gap between them. */
export function gapMs(sliceMs: number | null | undefined, pollMs: number): number {
  const reading = GAP_POLLS * pollMs + GAP_GRACE_MS;
  return sliceMs == null ? reading : Math.max(sliceMs * 1.5, reading);
}

export type Vertex = [atMs: number, value: number | null];

export interface Band {
  fromMs: number;
  toMs: number;
  /** `gap` where there is no reading at all. */
  quality: Quality | 'gap';
}

export interface Trend {
  /** Readings that rules judge. */
  judged: Vertex[];
  /** Readings under calibration, maintenance or warm-up. */
  held: Vertex[];
  /** Lowest and highest value of each slice, where points are slices. */
  envelope: { fromMs: number; toMs: number; min: number; max: number }[];
  bands: Band[];
}

function isHeld(quality: Quality): boolean {
  return loudnessOf(quality) === 'held';
}

function linesOf(points: readonly Point[], gap: number): Pick<Trend, 'judged' | 'held'> {
  const judged: Vertex[] = [];
  const held: Vertex[] = [];
  let before: Point | null = null;
  for (const point of points) {
    if (before !== null && point.at_ms - before.at_ms > gap) {
      judged.push([before.at_ms + 1, null]);
      held.push([before.at_ms + 1, null]);
    }
    const value = point.mean ?? null;
    judged.push([point.at_ms, isHeld(point.quality) ? null : value]);
    held.push([point.at_ms, isHeld(point.quality) ? value : null]);
    before = point;
  }
  return { judged, held };
}

function bandsOf(series: Series, gap: number, nowMs: number): Band[] {
  const bands: Band[] = [];
  const add = (fromMs: number, toMs: number, quality: Band['quality']) => {
    const last = bands.at(-1);
    // Two gaps have a reading between them: they are never joined.
    if (quality !== 'gap' && last?.quality === quality && last.toMs >= fromMs) {
      last.toMs = Math.max(last.toMs, toMs);
    } else if (toMs > fromMs) {
      bands.push({ fromMs, toMs, quality });
    }
  };
  const width = series.slice_ms ?? 0;
  let end = series.from_ms;
  series.points.forEach((point, i) => {
    if (point.at_ms - end > gap) {
      add(end, point.at_ms, 'gap');
    }
    const next = series.points[i + 1]?.at_ms;
    const until = next !== undefined && next - point.at_ms <= gap ? next : point.at_ms + width;
    if (point.quality !== 'good') {
      add(point.at_ms, Math.max(until, point.at_ms + 1), point.quality);
    }
    end = until;
  });
  if (nowMs - end > gap) {
    add(end, nowMs, 'gap');
  }
  return bands;
}

export function trendOf(series: Series, pollMs: number, nowMs: number): Trend {
  const gap = gapMs(series.slice_ms, pollMs);
  const width = series.slice_ms;
  const envelope =
    width == null
      ? []
      : series.points.flatMap((point) =>
          point.min == null || point.max == null
            ? []
            : [{
                fromMs: point.at_ms,
                toMs: point.at_ms + width,
                min: point.min,
                max: point.max,
              }],
        );
  return { ...linesOf(series.points, gap), envelope, bands: bandsOf(series, gap, nowMs) };
}

function pointOf(value: ChannelValue): Point | null {
  const atMs = momentMs(value.measured_at);
  if (atMs === null || value.quality == null) {
    return null;
  }
  const number = value.value ?? null;
  return {
    at_ms: atMs, min: number, max: number, mean: number, count: 1, quality: value.quality,
  };
}

/** Worst first, as the station folds the qualities of a slice. */
const WORST: readonly Quality[] = [
  'comm-lost', 'fault', 'maintenance', 'calibration', 'warm-up',
  'over-range', 'uncertain', 'manual', 'good',
];

function folded(slice: Point, point: Point): Point {
  const quality = WORST.find((q) => q === slice.quality || q === point.quality) ?? slice.quality;
  const count = slice.count + 1;
  if (point.mean == null) {
    return { ...slice, count, quality };
  }
  if (slice.mean == null || slice.min == null || slice.max == null) {
    return { ...slice, min: point.mean, max: point.mean, mean: point.mean, count, quality };
  }
  return {
    ...slice,
    min: Math.min(slice.min, point.mean),
    max: Math.max(slice.max, point.mean),
    mean: slice.mean + (point.mean - slice.mean) / count,
    count,
    quality,
  };
}

/**
 * The series with a live reading at its end. What is not newer than the end is left out: the next
 * fetch brings it in its place.
 */
export function withReading(series: Series, value: ChannelValue): Series {
  const point = pointOf(value);
  const last = series.points.at(-1);
  if (point === null || (last !== undefined && point.at_ms <= last.at_ms)) {
    return series;
  }
  const width = series.slice_ms;
  if (width == null) {
    return { ...series, points: [...series.points, point] };
  }
  const origin = last?.at_ms ?? series.from_ms;
  const startMs = origin + Math.floor((point.at_ms - origin) / width) * width;
  const points =
    startMs === last?.at_ms
      ? [...series.points.slice(0, -1), folded(last, point)]
      : [...series.points, { ...point, at_ms: startMs }];
  return { ...series, points };
}

/** The series without what is older than `fromMs`. */
export function since(series: Series, fromMs: number): Series {
  return {
    ...series,
    from_ms: Math.max(series.from_ms, fromMs),
    points: series.points.filter((point) => point.at_ms >= fromMs),
  };
}

export interface Limit {
  value: number;
  tier: Tier;
  rule: Rule;
}

/** The limits worth drawing, lowest first; equal ones of one tier once. */
export function limitsOf(rules: readonly Rule[]): Limit[] {
  const limits: Limit[] = [];
  for (const rule of rules) {
    const { tier, raise_at: value } = rule;
    if (tier != null && value != null) {
      const same = limits.some((limit) => limit.tier === tier && limit.value === value);
      if (!same) {
        limits.push({ value, tier, rule });
      }
    }
  }
  return limits.sort((a, b) => a.value - b.value);
}

/**
 * Top of the value axis: above every value, and above the next limit that has not been reached,
 * so that calm data do not fill the chart.
 */
export function axisTop(points: readonly Point[], limits: readonly Limit[]): number {
  const peak = points.reduce((top, point) => Math.max(top, point.max ?? 0), 0);
  const next = limits.find((limit) => limit.value > peak)?.value ?? 0;
  const top = Math.max(peak * 1.1, next * 1.15);
  return top > 0 ? top : 1;
}

/** Bottom of the value axis: zero, or below the lowest value (drift, temperature). */
export function axisBottom(points: readonly Point[]): number {
  const low = points.reduce((bottom, point) => Math.min(bottom, point.min ?? 0), 0);
  return low < 0 ? low * 1.1 : 0;
}
