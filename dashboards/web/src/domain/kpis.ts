// Figures of alarm management as the page tells them: a share of nothing is no data, never nought.
import type { KpiFigure, KpiPosition, Kpis } from '../api/contract';

export const SPANS_D = [1, 7, 30] as const;
export type SpanDays = (typeof SPANS_D)[number];
export const DAY_MS = 86_400_000;

/** A figure as printed; null where there is none. */
export function figureText(figure: KpiFigure): string | null {
  return figure.value == null ? null : numberOf(figure.value, figure.unit);
}

/** A number of a figure or its target. */
export function numberOf(value: number, unit: string): string {
  const text = String(Number(value.toFixed(value < 10 ? 2 : 1)));
  return unit === 'percent' ? `${text} %` : text;
}

const RANK = ['missed', 'manageable', 'met', 'no-data', 'no-target'];

/** What is missed first, then as the station orders them. */
export function sortFigures(figures: readonly KpiFigure[]): KpiFigure[] {
  const rank = ({ standing }: KpiFigure) =>
    RANK.includes(standing) ? RANK.indexOf(standing) : RANK.length;
  return [...figures].sort((a, b) => rank(a) - rank(b));
}

/** The figures of one position, or of the whole site; null: the answer has none such. */
export function figuresOfPosition(kpis: Kpis, position: string | null): KpiPosition | null {
  return position === null
    ? kpis.site ?? null
    : kpis.positions.find((one) => one.position === position) ?? null;
}

export interface Bar {
  label: string;
  count: number;
  /** Of the longest bar, 0 to 1. */
  part: number;
}

/** Bars on one scale; those of nothing have no length. */
export function barsOf(rows: readonly { label: string; count: number }[]): Bar[] {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return rows.map(({ label, count }) => ({ label, count, part: count / most }));
}
