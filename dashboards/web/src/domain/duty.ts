// Duty as the page tells it: who is there, what is missing, and which hand-overs wait.
import type { Desk, Duty, HandOver, Shift } from '../api/contract';
import { isSamePerson } from './holds';
import { momentMs } from './time';

export interface Seats {
  there: Desk['people'];
  substitutes: Desk['people'];
  /** A desk that must never be empty, and is. */
  isEmpty: boolean;
}

export function seatsOf(desk: Desk): Seats {
  const there = desk.people.slice(0, desk.there);
  const substitutes = desk.people.slice(desk.there);
  return { there, substitutes, isEmpty: desk.required && there.length === 0 };
}

/** Hand-overs that nobody has accepted yet, newest first. */
export function openHandOvers(all: readonly HandOver[]): HandOver[] {
  return all.filter((one) => one.acknowledged_by == null);
}

/** Whether `name` may accept it: the person who gave it may not. */
export function mayAccept(handOver: HandOver, name: string): boolean {
  return handOver.acknowledged_by == null && !isSamePerson(handOver.begun_by, name);
}

/** What somebody should see to now: notices, and hand-overs that wait for `me`. */
export function waitingCount(
  duty: Duty | null, handOvers: readonly HandOver[], me: string,
): number {
  // That nobody acknowledged a hand-over is told by both; it counts once.
  const notices = duty?.notices.filter((notice) => notice.kind !== 'hand-over-not-acknowledged');
  return (notices?.length ?? 0) + handOvers.filter((one) => mayAccept(one, me)).length;
}

/** The shift that begins next at a desk; null where the roster knows none. */
export function nextShiftOf(desk: Desk, shifts: readonly Shift[], nowMs: number): Shift | null {
  const key = deskKey(desk);
  const later = shifts
    .filter((shift) => deskKey(shift) === key && (momentMs(shift.from) ?? 0) > nowMs)
    .sort((a, b) => (momentMs(a.from) ?? 0) - (momentMs(b.from) ?? 0));
  return later[0] ?? null;
}

/** The same desk, by role and position. */
export const deskKey = (of: { role: string; position?: string | null }) =>
  `${of.role}/${of.position ?? ''}`;
