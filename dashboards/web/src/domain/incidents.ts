// Incidents as the page tells them: how pressing a clock is, and what is typed as figures.
import type { Figures, Grade, IncidentClock } from '../api/contract';
import { type Fault, needNumber } from './form';
import { momentMs } from './time';

export type Pressing = 'waiting' | 'running' | 'close' | 'overdue' | 'met' | 'met-late';

const STATES: readonly Pressing[] = ['overdue', 'close', 'running', 'waiting', 'met-late', 'met'];

export interface ClockShown {
  state: Pressing;
  /** Until it is due; negative after it. Null where time does not count. */
  leftMs: number | null;
}

/** A clock now: time goes on between two answers of the station, so that it is never too calm. */
export function clockShown(clock: IncidentClock, nowMs: number): ClockShown {
  const told = STATES.find((state) => state === clock.state) ?? 'running';
  const dueMs = momentMs(clock.due);
  if (dueMs === null || told === 'met' || told === 'met-late' || told === 'waiting') {
    return { state: told, leftMs: null };
  }
  const leftMs = dueMs - nowMs;
  return { state: leftMs <= 0 ? 'overdue' : told, leftMs };
}

/** The most pressing first, then the soonest due. */
export function sortClocks(clocks: readonly IncidentClock[], nowMs: number): IncidentClock[] {
  const rank = (clock: IncidentClock) => STATES.indexOf(clockShown(clock, nowMs).state);
  const due = (clock: IncidentClock) => momentMs(clock.due) ?? Number.MAX_SAFE_INTEGER;
  return [...clocks].sort((a, b) => rank(a) - rank(b) || due(a) - due(b));
}

/** The clocks that were not met: closing asks why, also of one that never began to run. */
export const unmetOf = (clocks: readonly IncidentClock[]) =>
  clocks.filter((clock) => clock.met == null);

export const GRADES: readonly Grade[] = ['IV', 'III', 'II', 'I'];
export const FIGURES = ['deaths', 'poisoned', 'evacuated', 'loss_yuan'] as const;
export type Figure = (typeof FIGURES)[number];
export type TypedFigures = Record<Figure, string>;

const NUMBER_MAX = 1_000_000_000_000;

/** What stands in the fields; an empty one is not known, never zero. */
export function typedOf(figures: Figures): TypedFigures {
  const text = (name: Figure) => figures[name]?.toString() ?? '';
  return {
    deaths: text('deaths'), poisoned: text('poisoned'), evacuated: text('evacuated'),
    loss_yuan: text('loss_yuan'),
  };
}

export function figureFault(text: string): Fault | null {
  return text.trim() === '' ? null : needNumber(text, 0, NUMBER_MAX);
}

/** The typed figures for the station; further criteria stay as they were. */
export function figuresOf(typed: TypedFigures, before: Figures): Figures {
  const number = (name: Figure) => (typed[name].trim() === '' ? null : Number(typed[name]));
  return {
    deaths: number('deaths'), poisoned: number('poisoned'), evacuated: number('evacuated'),
    loss_yuan: number('loss_yuan'), other: before.other ?? [],
  };
}
