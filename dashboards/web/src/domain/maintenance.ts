// The log of what was done to devices: what the form asks for each kind of work, and what is due.
// The station decides; what is said here is said before anything is sent. Pure.
import type {
  DueState, Maintenance, MaintenanceDue, MaintenanceHealth, MaintenanceKind, MaintenanceRequest,
} from '../api/contract';
import { type Fault, type Faults, faultsOf, lengthOf, oneLine } from './form';
import { typedMs } from './localtime';
import { momentMs } from './time';

export const KINDS: readonly MaintenanceKind[] = [
  'calibration', 'bump-test', 'repair', 'replacement', 'inspection',
];
const NOTE_LENGTH_MAX = 1_000;
/** Clocks differ by as much. */
const AHEAD_MS_MAX = 5 * 60_000;
const YEARS_MAX = 10;
const SPAN_MS_MAX = YEARS_MAX * 366 * 24 * 3_600_000;

/** What was typed. */
export interface Draft {
  kind: MaintenanceKind;
  at: string;
  standard: string;
  before: string;
  after: string;
  nextDue: string;
  note: string;
}

type Value = 'standard' | 'before' | 'after';

const NEEDED: Record<MaintenanceKind, readonly (Value | 'note')[]> = {
  calibration: ['standard', 'after'],
  'bump-test': ['standard', 'before'],
  repair: ['note'],
  replacement: ['note'],
  inspection: ['note'],
};

export function isNeeded(kind: MaintenanceKind, field: Value | 'note'): boolean {
  return NEEDED[kind].includes(field);
}

/** A number as typed, with a point or a comma; null where it is none. */
function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('，', '.');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

const word = (key: string): Fault => ({ key, holes: {} });

function valueFault(draft: Draft, field: Value): Fault | null {
  const text = draft[field].trim();
  if (text === '') {
    return isNeeded(draft.kind, field) ? word('maintenance.fault.missing') : null;
  }
  const value = numberOf(text);
  return value === null || (field === 'standard' && value < 0)
    ? word('maintenance.fault.number') : null;
}

function noteFault(draft: Draft): Fault | null {
  const length = lengthOf(draft.note.trim());
  if (length === 0 && isNeeded(draft.kind, 'note')) {
    return word('maintenance.fault.words');
  }
  return length > NOTE_LENGTH_MAX
    ? { key: 'form.long', holes: { length, max: NOTE_LENGTH_MAX } } : null;
}

function atFault(atMs: number | null, nowMs: number): Fault | null {
  if (atMs === null) {
    return word('form.moment');
  }
  return atMs > nowMs + AHEAD_MS_MAX || atMs < nowMs - SPAN_MS_MAX
    ? { key: 'maintenance.fault.at', holes: { years: YEARS_MAX } } : null;
}

function dueFault(text: string, dueMs: number | null, atMs: number, nowMs: number): Fault | null {
  if (text.trim() === '') {
    return null;
  }
  if (dueMs === null) {
    return word('form.moment');
  }
  return dueMs <= nowMs || dueMs <= atMs || dueMs > nowMs + SPAN_MS_MAX
    ? { key: 'maintenance.fault.due', holes: { years: YEARS_MAX } } : null;
}

/** What is wrong with a draft, under the names that the station has for the fields. */
export function faultsIn(draft: Draft, nowMs: number, offsetS: number): Faults {
  const [atMs, dueMs] = [typedMs(draft.at, offsetS), typedMs(draft.nextDue, offsetS)];
  return faultsOf({
    at_ms: atFault(atMs, nowMs),
    standard: valueFault(draft, 'standard'),
    before: valueFault(draft, 'before'),
    after: valueFault(draft, 'after'),
    next_due_ms: dueFault(draft.nextDue, dueMs, atMs ?? 0, nowMs),
    note: noteFault(draft),
  });
}

/** What is sent of a draft without faults. */
export function requestOf(draft: Draft, offsetS: number): MaintenanceRequest {
  return {
    kind: draft.kind,
    at_ms: typedMs(draft.at, offsetS) ?? 0,
    standard: numberOf(draft.standard),
    before: numberOf(draft.before),
    after: numberOf(draft.after),
    next_due_ms: typedMs(draft.nextDue, offsetS),
    note: oneLine(draft.note),
  };
}

/** The channels with work that is overdue at this moment. */
export function overdueOf(newest: readonly Maintenance[], nowMs: number): ReadonlySet<string> {
  const late = newest.filter((one) => {
    const dueMs = momentMs(one.next_due);
    return dueMs !== null && dueMs <= nowMs;
  });
  return new Set(late.map(({ channel }) => channel));
}

/** The most pressing first. */
export const DUE_STATES: readonly DueState[] = ['overdue', 'no-record', 'soon'];

/** How due something is now: its moment may have passed since the station was asked. */
export function dueStateAt(one: MaintenanceDue, nowMs: number): DueState {
  const dueMs = momentMs(one.due_at);
  return dueMs !== null && dueMs <= nowMs ? 'overdue' : one.state;
}

/** For each channel with work that is due all of its states, the most pressing first. */
export function dueByChannel(
  due: readonly MaintenanceDue[], nowMs: number,
): ReadonlyMap<string, readonly DueState[]> {
  const found = new Map<string, Set<DueState>>();
  for (const one of due) {
    const states = found.get(one.channel) ?? new Set<DueState>();
    found.set(one.channel, states.add(dueStateAt(one, nowMs)));
  }
  return new Map([...found].map(([channel, states]) =>
    [channel, DUE_STATES.filter((state) => states.has(state))]));
}

/** What the strip counts: overdue always, the others where there are any; null: not known. */
export function dueCounts(
  health: MaintenanceHealth,
): { state: DueState; count: number | null }[] {
  if (health.failure != null) {
    return [{ state: 'overdue', count: null }];
  }
  const counts = { overdue: health.overdue, 'no-record': health.no_record, soon: health.soon };
  return DUE_STATES.filter((state) => state === 'overdue' || counts[state] > 0)
    .map((state) => ({ state, count: counts[state] }));
}
