// What is wrong with what somebody typed, field by field: found here before anything is sent, or
// read from the station's refusal. Pure.
import type { Text } from '../api/contract';

/** A word of the page with what fills its holes, or a text of the station. */
export type Fault = { key: string; holes: Record<string, string | number> } | Text;
export type Faults = Readonly<Record<string, Fault>>;

export function isText(fault: Fault): fault is Text {
  return 'zh' in fault;
}

/** The same length as the station counts: characters, not UTF-16 units. */
export const lengthOf = (text: string) => Array.from(text).length;

/** A text that must be there and not too long. */
export function needText(text: string, lengthMax: number): Fault | null {
  const length = lengthOf(text.trim());
  if (length === 0) {
    return { key: 'form.empty', holes: {} };
  }
  return length > lengthMax ? { key: 'form.long', holes: { length, max: lengthMax } } : null;
}

/** A whole number between two others. */
export function needNumber(text: string, min: number, max: number): Fault | null {
  const number = Number(text);
  const fits = text.trim() !== '' && Number.isInteger(number) && number >= min && number <= max;
  return fits ? null : { key: 'form.number', holes: { min, max } };
}

/** Of the checks of all fields those that found something. */
export function faultsOf(checks: Record<string, Fault | null>): Faults {
  const found = Object.entries(checks).filter((entry): entry is [string, Fault] =>
    entry[1] !== null);
  return Object.fromEntries(found);
}

/**
 * The field that a refusal of the station is about; null where it names none. Kinds are stable
 * names; the English text names the field between backticks.
 */
export function fieldOf(kind: string, detail: string): string | null {
  if (kind === 'time-out-of-range') {
    return 'minutes';
  }
  if (kind !== 'bad-field' && kind !== 'bad-body') {
    return null;
  }
  return /`([a-z_]+)/.exec(detail)?.[1] ?? null;
}
