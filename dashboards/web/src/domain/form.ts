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

/** A text that may be left empty and must not be too long. */
export function fitText(text: string, lengthMax: number): Fault | null {
  return lengthOf(text.trim()) > lengthMax ? needText(text, lengthMax) : null;
}

/** A note as the station keeps it: in one line, whatever somebody pressed Enter for. */
export const oneLine = (text: string) => text.trim().replace(/\s*[\r\n\t]+\s*/g, ' ');

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

/** Kinds of refusals that are about one field whatever their text: what a form may call it. */
const FIELDS_OF_KIND: Readonly<Record<string, readonly string[]>> = {
  'time-out-of-range': ['minutes', 'until_ms'],
  'name-taken': ['name'],
  'area-not-found': ['areas'],
  'beyond-owner': ['role'],
  'password-length': ['password', 'new'],
  'sign-in-refused': ['old'],
  'contact-not-found': ['person'],
  'setup-refused': ['code'],
  'channel-not-found': ['channel'],
  'roster-refused': ['text'],
  'roster-past': ['text'],
  'body-too-large': ['text', 'file'],
};
/** Kinds whose English text names the field between backticks. */
const NAMED = new Set(['bad-field', 'bad-body', 'drill-unfit', 'contact-refused']);

/** Refusals whose text shows what was typed, not the name of its field. */
const FIELDS_OF_TEXT: readonly (readonly [RegExp, string])[] = [
  [/is no name of an account/, 'name'],
  [/A token may not hold for/, 'days'],
  [/is not an e-mail address/, 'email'],
  [/telephone number/, 'phones'],
  [/the drill would last/, 'length_s'],
];

/**
 * The field of a form (`fields`) that a refusal of the station is about; null where it is about
 * none of them: then it is said below the form. Kinds are stable names.
 */
export function fieldOf(kind: string, detail: string, fields: readonly string[]): string | null {
  const shown = NAMED.has(kind) ? FIELDS_OF_TEXT.find(([text]) => text.test(detail)) : undefined;
  if (shown !== undefined) {
    return fields.includes(shown[1]) ? shown[1] : null;
  }
  const named = NAMED.has(kind)
    ? [...detail.matchAll(/`([a-z_]+)/g)].map((match) => match[1] ?? '')
    : FIELDS_OF_KIND[kind] ?? [];
  return named.find((field) => fields.includes(field)) ?? null;
}
