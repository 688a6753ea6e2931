// What the station sees, what it has told and been told back, and what is to be reported soon: the
// strip above the overview. What is not known is never counted as nought.
import type { ChannelValue, IncidentClock, MessagesHealth } from '../api/contract';
import { type Condition, conditionOf } from './condition';
import { clockShown, sortClocks } from './incidents';
import type { Park } from './park';

/** Why the station does not see: each is counted by itself, and opens the list of it. */
export type Unseen = 'offline' | 'stale' | 'no-data' | 'fault';

export const UNSEEN: readonly Unseen[] = ['offline', 'stale', 'no-data', 'fault'];

const GROUPS: Partial<Record<Condition, Unseen>> = {
  stale: 'stale', missing: 'no-data', 'no-data': 'no-data', 'comm-lost': 'no-data', fault: 'fault',
};

/** The group of a channel's data; null where they can be judged. */
export function unseenAs(
  value: ChannelValue | undefined, pollMs: number, nowMs: number,
): Unseen | null {
  return GROUPS[conditionOf(value, pollMs, nowMs)] ?? null;
}

export interface Coverage {
  /** Analyzers whose line is in order, of all. */
  online: number;
  all: number;
  /** Ids of analyzers (`offline`) and of channels. */
  unseen: Record<Unseen, string[]>;
}

export function coverageOf(park: Park, nowMs: number): Coverage {
  const online = new Set(
    park.health.analyzers.filter(({ link }) => link === 'online').map((one) => one.analyzer),
  );
  const unseen: Coverage['unseen'] = {
    offline: park.site.analyzers.map(({ id }) => id).filter((id) => !online.has(id)),
    stale: [], 'no-data': [], fault: [],
  };
  for (const channel of park.site.channels) {
    const pollMs = park.analyzers.get(channel.analyzer)?.poll_ms ?? 0;
    const group = unseenAs(park.values.get(channel.id), pollMs, nowMs);
    if (group !== null) {
      unseen[group].push(channel.id);
    }
  }
  const all = park.site.analyzers.length;
  return { online: all - unseen.offline.length, all, unseen };
}

/** Whole per cent, never rounded up to 100 while one is missing. */
export function percentOf(part: number, all: number): number {
  return all === 0 ? 100 : Math.floor((part * 100) / all);
}

export type Receipts =
  | { state: 'unknown' | 'none' | 'all' }
  | { state: 'open'; count: number }
  | { state: 'bad'; failed: number; unreceipted: number };

/** What recipients have answered; `none`: nobody is to be told. */
export function receiptsOf(health: MessagesHealth): Receipts {
  if (health.failure != null) {
    return { state: 'unknown' };
  }
  const { failed, unreceipted, open } = health;
  if (failed > 0 || unreceipted > 0) {
    return { state: 'bad', failed, unreceipted };
  }
  if (open > 0) {
    return { state: 'open', count: open };
  }
  return { state: health.recipients.length === 0 ? 'none' : 'all' };
}

export interface NearestClock {
  clock: IncidentClock;
  /** Negative when it is over. */
  leftMs: number;
  /** How many more are near or over. */
  more: number;
}

/** The clock that presses most, of those that are near their end or over it. */
export function nearestClock(
  clocks: readonly IncidentClock[], nowMs: number,
): NearestClock | null {
  const counting = sortClocks(clocks, nowMs).flatMap((clock) => {
    const { leftMs } = clockShown(clock, nowMs);
    return leftMs === null ? [] : [{ clock, leftMs }];
  });
  const [first] = counting;
  return first === undefined ? null : { ...first, more: counting.length - 1 };
}
