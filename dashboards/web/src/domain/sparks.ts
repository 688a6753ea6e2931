// The last 24 hours of a channel as a small line, from steps of a quarter of an hour. A step
// without a reading is a gap and stays one. Pure.
import type { Bucket } from '../api/contract';

export const STEP_MS = 15 * 60_000;
export const STEPS = 96;
const DAY_MS = STEPS * STEP_MS;
/** Of the height that the line leaves free above and below. */
const MARGIN = 0.08;

/** The span that is asked for: whole steps, the running one last. */
export function sparkSpan(nowMs: number): { fromMs: number; toMs: number } {
  const toMs = (Math.floor(nowMs / STEP_MS) + 1) * STEP_MS;
  return { fromMs: toMs - DAY_MS, toMs };
}

export interface Spark {
  /** Runs of steps with a number, as points of a unit square: x to the right, y downwards. */
  lines: [x: number, y: number][][];
  /** Highest value. */
  max: number | null;
  /** Readings of the readings that were due, 0 to 1; null where none was due. */
  completeness: number | null;
}

/** What a step shows: its peak, so that none disappears. */
const peakOf = (step: Bucket) => step.max ?? step.other_max ?? null;

export function sparkOf(
  steps: readonly Bucket[], fromMs: number, nowMs: number, pollMs: number,
): Spark {
  const values = steps.flatMap((step) => peakOf(step) ?? []);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const range = high - low || 1;
  const lines: Spark['lines'] = [];
  let before: number | null = null;
  for (const step of steps) {
    const value = peakOf(step);
    if (value === null) {
      continue;
    }
    if (before === null || step.at_ms - before > STEP_MS) {
      lines.push([]);
    }
    before = step.at_ms;
    const x = (step.at_ms - fromMs + STEP_MS / 2) / DAY_MS;
    const y = 1 - MARGIN - ((value - low) / range) * (1 - 2 * MARGIN);
    lines.at(-1)?.push([x, y]);
  }
  return {
    lines, max: values.length > 0 ? Math.max(...values) : null,
    completeness: completenessOf(steps, fromMs, nowMs, pollMs),
  };
}

function completenessOf(
  steps: readonly Bucket[], fromMs: number, nowMs: number, pollMs: number,
): number | null {
  const due = pollMs > 0 ? Math.floor((Math.min(nowMs, fromMs + DAY_MS) - fromMs) / pollMs) : 0;
  if (due <= 0) {
    return null;
  }
  // More than is due in one step does not make up for another that is empty.
  const dueInStep = Math.max(1, STEP_MS / pollMs);
  const came = steps.reduce((sum, step) => sum + Math.min(step.count, dueInStep), 0);
  return Math.min(1, came / due);
}

/** A share as whole percent; never 100 % where something is missing, and never 0 % of something. */
export function percentText(share: number | null): string {
  if (share === null) {
    return '—';
  }
  const percent = Math.round(share * 100);
  if (share < 1 && percent === 100) {
    return '> 99 %';
  }
  return share > 0 && percent === 0 ? '< 1 %' : `${percent} %`;
}

/** The path of an SVG for a box of this size; a single step is a short stroke. */
export function pathOf(spark: Spark, width: number, height: number): string {
  const stroke = width / STEPS / 2;
  const at = (x: number, y: number) => `${(x * width).toFixed(1)} ${(y * height).toFixed(1)}`;
  return spark.lines.map((line) => {
    const [only] = line;
    if (line.length === 1 && only !== undefined) {
      const [x, y] = only;
      return `M${at(x - stroke / width, y)}L${at(x + stroke / width, y)}`;
    }
    return line.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${at(x, y)}`).join('');
  }).join('');
}
