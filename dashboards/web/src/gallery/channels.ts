// Devices and last days in every state that the page tells apart, for the gallery.
import type { Bucket, Device, DeviceState } from '../api/contract';
import { moment, NOW_MS } from '../domain/samples';
import { sparkOf, sparkSpan, STEP_MS, STEPS } from '../domain/sparks';

function device(state: DeviceState, skewMs: number | null): Device {
  const errors = { exchanges: 3, unanswered: 2, unusable: 1, refused: 4, polls_late: 5 };
  return {
    id: `at-${state}`, name: { zh: '氯气分析仪', en: 'Chlorine analyzer' }, area: 'tank-farm',
    protocol: 'modbus-tcp', address: '10.0.0.7:502 · 1', profile: 'honeywell-midas',
    vendor: 'Honeywell', model: 'Midas', edge: null, state, since: moment(NOW_MS - 60_000),
    last_ok_at: moment(NOW_MS - 2_000), last_error: null, exchanges_ok: 3_600, errors,
    poll_ms: 1_000, interval_ms: 1_002, jitter_ms: 4,
    clock: skewMs === null ? null : { heard_at: moment(NOW_MS), skew_ms: skewMs },
  };
}

const { fromMs } = sparkSpan(NOW_MS);

function step(place: number): Bucket {
  const max = 0.2 + Math.abs(Math.sin(place / 9)) * (place > 70 ? 4 : 0.3);
  return {
    at_ms: fromMs + place * STEP_MS, count: 900, good: 900, worst: 'good', over_range: false,
    judged: 900, min: 0, max, mean: max, last: max, other_max: null,
  };
}

const day = Array.from({ length: STEPS }, (_, place) => step(place));
const spark = (steps: readonly Bucket[]) => sparkOf(steps, fromMs, NOW_MS, 1_000);

/** Whole, with gaps, silent all day, not there yet. */
export const sparks = [
  spark(day), spark(day.filter((_, place) => place % 30 < 22)), spark([]), null,
];

export const devices = [
  device('answering', 12), device('faulty', -9_400), device('silent', null),
  { ...device('unknown', null), edge: 'gw-1' },
];
