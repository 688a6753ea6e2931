// The roster as a week: whose shift is when, what is cut off, and who comes instead. Pure.
import type { Shift } from '../api/contract';
import { momentMs } from './time';

const DAY_MS = 24 * 3_600_000;
export const WEEK_DAYS = 7;

/** Midnight at the park of the day a moment lies in. */
export function dayStartMs(atMs: number, offsetS: number): number {
  const local = atMs + offsetS * 1_000;
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS) - offsetS * 1_000;
}

export interface ShiftCell {
  shift: Shift;
  fromMs: number;
  toMs: number;
  isNow: boolean;
}

export interface RosterDay {
  startMs: number;
  cells: ShiftCell[];
}

/** The shifts of `days` days from the one of `fromMs` on; one over midnight stands on both days. */
export function weekOf(
  shifts: readonly Shift[], fromMs: number, offsetS: number, nowMs: number,
): RosterDay[] {
  const firstMs = dayStartMs(fromMs, offsetS);
  return Array.from({ length: WEEK_DAYS }, (_, day) => {
    const startMs = firstMs + day * DAY_MS;
    const cells = shifts.flatMap((shift) => {
      const [begin, end] = [momentMs(shift.from), momentMs(shift.to)];
      if (begin === null || end === null || begin >= startMs + DAY_MS || end <= startMs) {
        return [];
      }
      return [{ shift, fromMs: begin, toMs: end, isNow: begin <= nowMs && nowMs < end }];
    });
    cells.sort((a, b) => a.fromMs - b.fromMs || a.shift.id.localeCompare(b.shift.id));
    return { startMs, cells };
  });
}
