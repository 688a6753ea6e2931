// Moments and lengths of time as people read them: always the park's local time with its offset,
// never the time zone of the computer in front of them.
import type { Lang } from './language';

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Milliseconds since 1970 of an RFC 3339 text; null where there is none. */
export function momentMs(text: string | null | undefined): number | null {
  const ms = text == null ? Number.NaN : Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

function shifted(ms: number, offsetS: number): string {
  return new Date(ms + offsetS * SECOND_MS).toISOString();
}

/** `12:04:31` at the park. */
export function timeOfDay(ms: number, offsetS: number): string {
  return shifted(ms, offsetS).slice(11, 19);
}

/** `2026-01-01` at the park. */
export function dateOf(ms: number, offsetS: number): string {
  return shifted(ms, offsetS).slice(0, 10);
}

/** `+08:00`. */
export function offsetText(offsetS: number): string {
  const minutes = Math.round(Math.abs(offsetS) / MINUTE_S);
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  return `${offsetS < 0 ? '-' : '+'}${hh}:${mm}`;
}

/** The time of day, with the date before it when it is not the day of `nowMs`. */
export function momentText(ms: number, nowMs: number, offsetS: number): string {
  const time = timeOfDay(ms, offsetS);
  const date = dateOf(ms, offsetS);
  return date === dateOf(nowMs, offsetS) ? time : `${date} ${time}`;
}

interface Words {
  s: string;
  min: string;
  h: string;
  d: string;
}

const WORDS: Record<Lang, Words> = {
  zh: { s: '秒', min: '分', h: '小时', d: '天' },
  en: { s: 's', min: 'min', h: 'h', d: 'd' },
};

/** A length of time in its two largest parts: `8 s`, `3 min 05 s`, `2 h 10 min`, `1 d 4 h`. */
export function durationText(ms: number, lang: Lang): string {
  const words = WORDS[lang];
  const total = Math.max(0, Math.floor(ms / SECOND_MS));
  const two = (n: number) => String(n).padStart(2, '0');
  if (total < MINUTE_S) {
    return `${total} ${words.s}`;
  }
  if (total < HOUR_S) {
    return `${Math.floor(total / MINUTE_S)} ${words.min} ${two(total % MINUTE_S)} ${words.s}`;
  }
  if (total < DAY_S) {
    const min = Math.floor((total % HOUR_S) / MINUTE_S);
    return `${Math.floor(total / HOUR_S)} ${words.h} ${two(min)} ${words.min}`;
  }
  const hours = Math.floor((total % DAY_S) / HOUR_S);
  return `${Math.floor(total / DAY_S)} ${words.d} ${hours} ${words.h}`;
}
