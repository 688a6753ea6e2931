// The park as it was: built from what is stored, for one moment of event time. Pure. Never shows
// anything that was measured, or done, after that moment.
import type {
  Alarm, AlarmRecord, Bucket, Channel, ChannelValue, Incident, Quality, WarningEvent,
} from '../api/contract';
import { type Park, parkOf } from './park';
import { momentMs } from './time';

/** The longest span of one replay. */
export const SPAN_MS_MAX = 24 * 3_600_000;
/** How fast it may go. */
export const SPEEDS = [1, 5, 10, 30, 60] as const;
export type Speed = (typeof SPEEDS)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** How fine the values are: single seconds where the span is short, minutes where it is long. */
export function stepMsOf(spanMs: number): number {
  if (spanMs <= 20 * MINUTE_MS) {
    return 1_000;
  }
  return spanMs <= 3 * HOUR_MS ? 10_000 : MINUTE_MS;
}

/** Steps of a piece: what is asked for at once. */
export const PIECE_STEPS = 240;

export interface Piece {
  fromMs: number;
  toMs: number;
}

/** The piece that the values at a moment are in. Pieces begin at the same moments for everybody. */
export function pieceAt(ms: number, stepMs: number): Piece {
  const length = PIECE_STEPS * stepMs;
  const fromMs = Math.floor(ms / length) * length;
  return { fromMs, toMs: fromMs + length };
}

/** What is wrong with a span; null: nothing. */
export function spanFault(
  fromMs: number | null, toMs: number | null, nowMs: number,
): 'from' | 'to' | 'backwards' | 'long' | 'ahead' | null {
  if (fromMs === null) {
    return 'from';
  }
  if (toMs === null) {
    return 'to';
  }
  if (fromMs >= toMs) {
    return 'backwards';
  }
  if (fromMs >= nowMs) {
    return 'ahead';
  }
  return toMs - fromMs > SPAN_MS_MAX ? 'long' : null;
}

/** An incident is shown from so long before its first warning, and so long after its end. */
const BEFORE_MS = 10 * MINUTE_MS;
const AFTER_MS = MINUTE_MS;

/**
 * What is replayed of an incident: from a little before its first warning, or its discovery where
 * that came first, until it was closed or until now. Whole minutes: the same link for a minute.
 */
export function spanOfIncident(
  of: Pick<Incident, 'incident' | 'warnings' | 'closure'>, nowMs: number,
): Piece {
  const begins = [of.incident.discovered_at, ...of.warnings.map(({ raised_at: at }) => at)];
  const firstMs = Math.min(...begins.flatMap((at) => momentMs(at) ?? []), nowMs);
  const fromMs = Math.floor((firstMs - BEFORE_MS) / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.ceil((momentMs(of.closure?.at) ?? nowMs) / MINUTE_MS) * MINUTE_MS;
  return { fromMs, toMs: Math.min(endMs + AFTER_MS, fromMs + SPAN_MS_MAX) };
}

/** What is known of the span. */
export interface Past {
  stepMs: number;
  /** Values by channel, in order of time; only around the moment that is shown. */
  buckets: ReadonlyMap<string, readonly Bucket[]>;
  /** Every alarm that was active in the span. */
  records: readonly AlarmRecord[];
  /** The lives of its warnings, each in order. */
  lives: readonly (readonly WarningEvent[])[];
}

/** The place of the last item that is not after `ms`; -1 where all are. */
function lastAt<T>(items: readonly T[], msOf: (item: T) => number, ms: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && msOf(item) <= ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

function qualityOf(bucket: Bucket): Quality {
  if (bucket.judged === 0) {
    return bucket.worst;
  }
  if (bucket.over_range) {
    return 'over-range';
  }
  return bucket.good > 0 ? 'good' : 'uncertain';
}

/** The value of a channel at a moment: of the last step that was over then. */
export function valueAt(
  channel: Channel, buckets: readonly Bucket[], stepMs: number, ms: number,
): ChannelValue {
  const place = lastAt(buckets, (bucket) => bucket.at_ms + stepMs, ms);
  const bucket = buckets[place];
  if (bucket === undefined) {
    return { channel: channel.id, no_data: false };
  }
  const endMs = bucket.at_ms + stepMs;
  // Within the step after it the value is as fresh as it can be; later it was not heard any more.
  const measured = new Date(ms - endMs < stepMs ? ms : endMs).toISOString();
  const value = bucket.judged > 0 ? (channel.is_gas ? bucket.max : bucket.last) : null;
  return {
    channel: channel.id,
    measured_at: measured,
    received_at: measured,
    value: value ?? null,
    quality: qualityOf(bucket),
    no_data: false,
  };
}

/** Whether an alarm of the record was active at a moment. */
export const wasActive = (record: AlarmRecord, ms: number) =>
  record.raised_at_ms <= ms && (record.cleared_at_ms == null || record.cleared_at_ms > ms);

function alarmOf(record: AlarmRecord): Alarm {
  const { rule, channel, kind, tier, value, limit, unit, raised_at: since } = record;
  return {
    rule, channel, kind, since, unit, tier: tier ?? null, value: value ?? null,
    limit: limit ?? null,
  };
}

const msOf = (text: string) => Date.parse(text);

/** The park at a moment: names and places of today, everything else of then. */
export function parkAt(today: Park, past: Past, ms: number): Park {
  const { site, rules, health } = today;
  const values = site.channels.map((channel) =>
    valueAt(channel, past.buckets.get(channel.id) ?? [], past.stepMs, ms));
  const warnings = past.lives.flatMap((life) => {
    const event = life[lastAt(life, ({ at }) => msOf(at), ms)];
    return event === undefined || event.warning.state === 'normal' ? [] : [event.warning];
  });
  const alarms = past.records.filter((record) => wasActive(record, ms)).map(alarmOf);
  return parkOf({
    site, values, warnings, alarms, rules, health: { ...health, analyzers: [] }, corrections: [],
    edges: [],
  });
}


/** Moments worth going to: where a warning of the span began or rose; each second once. */
export function momentsOf(
  past: Pick<Past, 'lives'>, fromMs: number, toMs: number, most: number,
): { ms: number; event: WarningEvent }[] {
  const events = past.lives.flatMap((life) =>
    life.filter(({ change }) => change === 'raised' || change === 'escalated'));
  const seen = new Set<number>();
  return events
    .map((event) => ({ ms: msOf(event.at), event }))
    .filter(({ ms }) => ms >= fromMs && ms <= toMs)
    .sort((a, b) => a.ms - b.ms)
    .filter(({ ms }) => {
      const second = Math.floor(ms / 1_000);
      return seen.has(second) ? false : seen.add(second);
    })
    .slice(0, most);
}
