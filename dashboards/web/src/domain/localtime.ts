// Dates and moments that people type: always the park's local time, whatever the zone and the
// language of the computer are. Read leniently (full width, strokes, dots), written in one form.

export type Kind = 'date' | 'moment';

/** `2026-11-30`, `2026/11/30`, `2026.11.30`, with year, month and day in Chinese. */
const DATE = String.raw`(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?`;
const SHAPES: Record<Kind, RegExp> = {
  date: new RegExp(`^${DATE}$`),
  moment: new RegExp(String.raw`^${DATE}(?:T|\s+|(?<=\u65e5))(\d{1,2}):(\d{2})$`),
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far one press of a button of a field goes. */
export const STEP_MS: Record<Kind, number> = { date: 24 * HOUR_MS, moment: HOUR_MS };
const LENGTHS: Record<Kind, number> = { date: 10, moment: 16 };

/** In the form in which a field shows it, as if the park were at UTC. */
const written = (ms: number, kind: Kind) =>
  new Date(ms).toISOString().slice(0, LENGTHS[kind]).replace('T', ' ');

/** Ms since 1970 as if the park were at UTC; null where it is not a date, or not a moment. */
function wallMs(text: string, kind: Kind): number | null {
  const parts = SHAPES[kind].exec(text.normalize('NFKC').trim())?.slice(1);
  if (parts === undefined) {
    return null;
  }
  const [year, ...others] = parts;
  const [month, day, hour = '00', minute = '00'] = others.map((part) => part.padStart(2, '0'));
  const form = `${year}-${month}-${day} ${hour}:${minute}`;
  const ms = Date.parse(`${form.replace(' ', 'T')}:00Z`);
  // 31 February is rolled over by some engines, and 24:00 by all: what comes back must be the same.
  return Number.isFinite(ms) && written(ms, 'moment') === form ? ms : null;
}

/** `2026-12-01 08:00` at the park, as ms since 1970; null where it is not a moment. */
export function typedMs(text: string, offsetS: number): number | null {
  const ms = wallMs(text, 'moment');
  return ms === null ? null : ms - offsetS * 1_000;
}

/** How a moment is put into a field. */
export function fieldText(ms: number, offsetS: number, kind: Kind = 'moment'): string {
  return written(ms + offsetS * 1_000, kind);
}

/** What was typed in the form of fields; null where it is not of its kind. */
export function tidied(text: string, kind: Kind): string | null {
  const ms = wallMs(text, kind);
  return ms === null ? null : written(ms, kind);
}

/** So many steps before or after what was typed, or now where that cannot be read. */
export function stepped(
  text: string, kind: Kind, steps: number, nowMs: number, offsetS: number,
): string {
  const ms = wallMs(text, kind) ?? nowMs + offsetS * 1_000;
  return written(ms + steps * STEP_MS[kind], kind);
}

/** Whether a text is no day that somebody can ask about: `2026-12-01`, today or before. */
export function dayFault(day: string, today: string): 'day' | null {
  const isDay = typedMs(`${day}T00:00`, 0) !== null;
  return isDay && day >= '2000-01-01' && day <= today ? null : 'day';
}
