// Moments that people type: always the park's local time, whatever the computer's own zone is.

/** What stands for a date that somebody began to type: it is no moment, and not nothing. */
export const UNFINISHED = '…';

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})$/;

/** `2026-12-01T08:00` at the park, as ms since 1970; null where it is not a moment. */
export function typedMs(text: string, offsetS: number): number | null {
  const trimmed = text.trim();
  if (!SHAPE.test(trimmed)) {
    return null;
  }
  const ms = Date.parse(`${trimmed.replace(' ', 'T')}:00Z`);
  // 31 February is rolled over by some engines: what comes back must be what was typed.
  const isSame = Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10)
    === trimmed.slice(0, 10);
  return isSame ? ms - offsetS * 1_000 : null;
}

/** How a moment is put into a field. */
export function fieldText(ms: number, offsetS: number): string {
  return new Date(ms + offsetS * 1_000).toISOString().slice(0, 16);
}

/** Whether a text is no day that somebody can ask about: `2026-12-01`, today or before. */
export function dayFault(day: string, today: string): 'day' | null {
  const isDay = typedMs(`${day}T00:00`, 0) !== null;
  return isDay && day >= '2000-01-01' && day <= today ? null : 'day';
}
