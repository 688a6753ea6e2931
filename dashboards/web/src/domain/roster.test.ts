import { describe, expect, it } from 'vitest';

import type { Shift } from '../api/contract';
import { dayStartMs, weekOf } from './roster';

const OFFSET_S = 8 * 3_600;
const HOUR_MS = 3_600_000;
/** Midnight of 2026-11-29 at the park. */
const MIDNIGHT_MS = Date.UTC(2026, 10, 28, 16);
const shift = (id: string, fromH: number, toH: number) => ({
  id,
  from: new Date(MIDNIGHT_MS + fromH * HOUR_MS).toISOString(),
  to: new Date(MIDNIGHT_MS + toH * HOUR_MS).toISOString(),
}) as Shift;

describe('the week of a roster', () => {
  it('begins at midnight of the park', () => {
    expect(dayStartMs(MIDNIGHT_MS, OFFSET_S)).toBe(MIDNIGHT_MS);
    expect(dayStartMs(MIDNIGHT_MS + 23 * HOUR_MS, OFFSET_S)).toBe(MIDNIGHT_MS);
    expect(dayStartMs(MIDNIGHT_MS - 1, OFFSET_S)).toBe(MIDNIGHT_MS - 24 * HOUR_MS);
    expect(dayStartMs(-1, 0)).toBe(-24 * HOUR_MS);
  });

  it('shows a night shift on both days and marks who is there', () => {
    const all = [shift('night', 20, 32), shift('day', 8, 20), shift('gone', -30, -20)];
    const week = weekOf(all, MIDNIGHT_MS + HOUR_MS, OFFSET_S, MIDNIGHT_MS + 9 * HOUR_MS);
    expect(week).toHaveLength(7);
    expect(week.map((day) => day.cells.map((cell) => cell.shift.id))).toEqual([
      ['day', 'night'], ['night'], [], [], [], [], [],
    ]);
    expect(week[0]?.cells.map((cell) => cell.isNow)).toEqual([true, false]);
  });

  it('ends a shift at midnight on the day before', () => {
    const week = weekOf([shift('late', 16, 24)], MIDNIGHT_MS, OFFSET_S, MIDNIGHT_MS);
    expect(week.map((day) => day.cells.length)).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });
});
