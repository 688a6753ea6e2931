// What the page says about a channel's data. Missing, stale, faulty, saturated and calm are
// different things: each has its own word and letter. Says nothing about gas (invariant 2).
import type { ChannelValue, Quality } from '../api/contract';
import { lateMs } from './lateness';
import { momentMs } from './time';

/** What an equipment alarm says about readings that come and are judged all the same. */
export type Doubt = 'stuck' | 'jump' | 'out-of-range';

/** Worst first. */
export const DOUBTS: readonly Doubt[] = ['stuck', 'jump', 'out-of-range'];

export type Condition = Quality | Doubt | 'no-data' | 'missing' | 'stale';

/** A reading with what the active equipment alarms say about it. */
export interface ShownValue extends ChannelValue {
  doubt?: Doubt | null;
  /** Station time at which the stream brought it; none of a value that was asked for. */
  cameMs?: number | undefined;
}

/** Worst first. */
export const CONDITIONS: readonly Condition[] = [
  'no-data',
  'comm-lost',
  'fault',
  'stale',
  'missing',
  'maintenance',
  'calibration',
  'warm-up',
  ...DOUBTS,
  'uncertain',
  'manual',
  'over-range',
  'good',
];

/**
 * How loud a condition is drawn: `blind` when nobody knows what the air is like there, `high` at
 * the end of the range, `held` while the device is being worked on.
 */
export type Loudness = 'blind' | 'high' | 'held' | 'doubt' | 'calm';

const LOUDNESS: Record<Condition, Loudness> = {
  'no-data': 'blind',
  'comm-lost': 'blind',
  fault: 'blind',
  stale: 'blind',
  missing: 'blind',
  maintenance: 'held',
  calibration: 'held',
  'warm-up': 'held',
  stuck: 'doubt',
  jump: 'doubt',
  'out-of-range': 'doubt',
  uncertain: 'doubt',
  manual: 'doubt',
  'over-range': 'high',
  good: 'calm',
};

export function loudnessOf(condition: Condition): Loudness {
  return LOUDNESS[condition];
}

/** Whether readings in this condition speak about the air (they are the ones rules judge). */
export function isUsable(condition: Condition): boolean {
  const loudness = loudnessOf(condition);
  return loudness !== 'blind' && loudness !== 'held';
}

/** Whether the equipment itself needs attention. */
export function needsAttention(condition: Condition): boolean {
  const loudness = loudnessOf(condition);
  return loudness !== 'calm' && loudness !== 'high';
}

/**
 * Age of the latest reading. A device clock that runs ahead would hide silence, so the older of
 * "measured" and "received" counts.
 */
export function ageMs(value: ChannelValue, nowMs: number): number | null {
  const measured = momentMs(value.measured_at);
  if (measured === null) {
    return null;
  }
  const received = momentMs(value.received_at) ?? measured;
  return Math.max(0, nowMs - measured, nowMs - received);
}

export function conditionOf(
  value: ShownValue | undefined,
  pollMs: number,
  nowMs: number,
): Condition {
  if (value === undefined) {
    return 'missing';
  }
  if (value.no_data) {
    return 'no-data';
  }
  if (value.quality == null) {
    return 'missing';
  }
  if (value.quality === 'comm-lost' || value.quality === 'fault') {
    return value.quality;
  }
  const late = lateMs(value, pollMs);
  if (late === null || nowMs > late) {
    return 'stale';
  }
  // Over-range says more about the air, and work on the device explains what it shows.
  const { quality, doubt } = value;
  const speaks = quality === 'good' || quality === 'uncertain' || quality === 'manual';
  return doubt != null && speaks ? doubt : quality;
}

/** The worst of some conditions; `missing` where there is none. */
export function worstCondition(conditions: readonly Condition[]): Condition {
  return CONDITIONS.find((condition) => conditions.includes(condition)) ?? 'missing';
}
