// Bad inputs and what the page says of them, in Chinese and English.
const HOUR_MS = 3_600_000;
/** The park's own time. */
const OFFSET_MS = 8 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment some hours from now, as a field takes it. */
export const local = (hours) =>
  new Date(Date.now() + OFFSET_MS + hours * HOUR_MS).toISOString().slice(0, 16)
    .replace('T', ' ');
export const day = (days) =>
  new Date(Date.now() + OFFSET_MS + days * DAY_MS).toISOString().slice(0, 10);

const EMPTY = ['不能为空', 'Fill this in'];
const HIDDEN = ['不可见字符', 'invisible character'];
const MOMENT = ['请填写日期和时间', 'Give a date and a time'];
/** What is no moment, and no date, in their form. */
export const MOMENT_SHAPE = ['请写成 2026-11-30 14:05 的形式', 'Write it like 2026-11-30 14:05'];
export const DATE_SHAPE = ['请写成 2026-11-30 的形式', 'Write it like 2026-11-30'];

export const empty = (at, is = '') => ({ at, is, told: EMPTY });
/** Characters of more than one unit count as one each. */
export const long = (at, max) => ({
  at, is: '𠮷'.repeat(max + 1),
  told: [`共 ${max + 1} 个字符，最多 ${max} 个`, `${max + 1} characters; use at most ${max}`],
});
/** Only the station looks for what cannot be seen. */
export const hidden = (at) => ({ at, is: 'a\u202Eb', told: HIDDEN, sent: 1 });
export const noMoment = (at) => ({ at, is: '', told: MOMENT });
export const number = (at, is, min, max) => ({
  at, is, told: [`${min} 至 ${max} 的整数`, `a whole number from ${min} to ${max}`],
});
/** A note that may be empty: what every one of them refuses. */
export const note = (at, max = 1_000) => [long(at, max), hidden(at)];
export const file = (name, bytes) => ({
  name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes),
});
