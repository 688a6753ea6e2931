// Everything the page knows about the park, and how an event of the live stream changes it.
// Pure: an event gives a new park. Events that the snapshot already contains change nothing.
import type {
  Alarm,
  AlarmEvent,
  Analyzer,
  AnalyzerHealth,
  Area,
  Channel,
  ChannelValue,
  Correction,
  Edge,
  Gas,
  Health,
  Pulse,
  Rules,
  RulesEvent,
  Site,
  Tier,
  Warning,
  WarningEvent,
} from '../api/contract';
import { type Doubt, DOUBTS, type ShownValue } from './condition';
import { withCorrection } from './corrections';
import { alarmsOf } from './lookup';
import { highestTier } from './tiers';
import { momentMs } from './time';

export interface Snapshot {
  site: Site;
  values: readonly ChannelValue[];
  warnings: readonly Warning[];
  alarms: readonly Alarm[];
  health: Health;
  rules: Rules;
  /** What late readings changed in the past, newest first. */
  corrections: readonly Correction[];
  /** Edge gateways: no event tells of them, they are asked for again and again. */
  edges: readonly Edge[];
}

export interface Park {
  site: Site;
  areas: ReadonlyMap<string, Area>;
  analyzers: ReadonlyMap<string, Analyzer>;
  channels: ReadonlyMap<string, Channel>;
  gases: ReadonlyMap<string, Gas>;
  values: ReadonlyMap<string, ShownValue>;
  warnings: readonly Warning[];
  alarms: readonly Alarm[];
  health: Health;
  rules: Rules;
  corrections: readonly Correction[];
  edges: readonly Edge[];
  /** Place in the ledger that the snapshot surely contains. */
  snapshotSeq: number;
  /** Highest place in the ledger seen so far. */
  seq: number;
}

export type LiveEvent =
  | { kind: 'warning'; event: WarningEvent }
  | { kind: 'alarm'; event: AlarmEvent }
  | { kind: 'readings'; values: readonly ShownValue[] }
  | { kind: 'correction'; event: Correction }
  | { kind: 'rules'; event: RulesEvent }
  | { kind: 'health'; analyzers: readonly AnalyzerHealth[] }
  | { kind: 'pulse'; pulse: Pulse }
  | { kind: 'noted'; seq: number | null };

type Recorded = Exclude<LiveEvent, { kind: 'readings' | 'health' | 'pulse' | 'noted' }>;

function byId<T extends { id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

export function parkOf(snapshot: Snapshot): Park {
  const { site, values, warnings, alarms, health, rules, corrections, edges } = snapshot;
  const park: Park = {
    site,
    areas: byId(site.areas),
    analyzers: byId(site.analyzers),
    channels: byId(site.channels),
    gases: byId(site.gases),
    values: new Map(values.map((value) => [value.channel, value])),
    warnings,
    alarms,
    health,
    rules,
    corrections,
    edges,
    snapshotSeq: health.seq,
    seq: health.seq,
  };
  return alarms.reduce((done, alarm) => withAlarmsOf(done, alarm.channel, false), park);
}

/** What the active alarms say about a channel. */
function alarmState(
  alarms: readonly Alarm[],
  channel: string,
): { tier: Tier | null; mute: boolean; doubt: Doubt | null } {
  const own = alarmsOf(alarms, channel);
  return {
    tier: highestTier(own.map((alarm) => alarm.tier)),
    mute: own.some((alarm) => alarm.kind === 'no-data'),
    doubt: DOUBTS.find((kind) => own.some((alarm) => alarm.kind === kind)) ?? null,
  };
}

/**
 * Puts the alarms of a channel into its value. Readings and alarms come by two ways: an alarm
 * shows at once even if no reading follows it, and while only readings come (`exact` false) the
 * higher of the two is shown.
 */
function withAlarmsOf(park: Park, channel: string, exact: boolean): Park {
  const { tier, mute, doubt } = alarmState(park.alarms, channel);
  const old = park.values.get(channel) ?? { channel, no_data: false };
  const value: ShownValue = {
    ...old,
    tier: exact ? tier : highestTier([old.tier, tier]),
    no_data: exact ? mute : old.no_data || mute,
    doubt,
  };
  return { ...park, values: new Map(park.values).set(channel, value) };
}

function isOlder(value: ChannelValue, than: ChannelValue | undefined): boolean {
  const known = momentMs(than?.measured_at);
  const offered = momentMs(value.measured_at);
  return known !== null && (offered === null || offered < known);
}

/** An alarm alone brings the reading that is there already once more: it did not come anew. */
function cameMs(value: ShownValue, old: ShownValue | undefined): number | undefined {
  const isSame = old !== undefined && value.measured_at === old.measured_at
    && value.received_at === old.received_at;
  return isSame ? old.cameMs : value.cameMs;
}

function withReadings(park: Park, values: readonly ShownValue[]): Park {
  const next = new Map(park.values);
  for (const value of values) {
    const old = next.get(value.channel);
    if (!isOlder(value, old)) {
      const { tier, mute, doubt } = alarmState(park.alarms, value.channel);
      next.set(value.channel, {
        ...value,
        tier: highestTier([value.tier, tier]),
        no_data: value.no_data || mute,
        doubt,
        cameMs: cameMs(value, old),
      });
    }
  }
  return { ...park, values: next };
}

function withAlarm(park: Park, { edge, alarm }: AlarmEvent): Park {
  const others = park.alarms.filter(
    (known) => known.rule !== alarm.rule || known.channel !== alarm.channel,
  );
  const alarms = edge === 'raise' ? [...others, alarm] : others;
  return withAlarmsOf({ ...park, alarms }, alarm.channel, true);
}

/** The open warnings with `warning` in its newest form; a warning that is over is dropped. */
function withWarning(park: Park, warning: Warning): Park {
  const others = park.warnings.filter((known) => known.id !== warning.id);
  return { ...park, warnings: warning.state === 'normal' ? others : [...others, warning] };
}

function withHealth(park: Park, changed: readonly AnalyzerHealth[]): Park {
  const next = new Map(park.health.analyzers.map((item) => [item.analyzer, item]));
  changed.forEach((item) => next.set(item.analyzer, item));
  return { ...park, health: { ...park.health, analyzers: [...next.values()] } };
}

/** A pulse that came to this page: from now on its age counts. */
function withPulse(park: Park, pulse: Pulse): Park {
  const proof = { ...park.health.self_proof, state: 'ok' as const, last_at: pulse.sent_at };
  return { ...park, health: { ...park.health, self_proof: { ...proof, broken_at: null } } };
}

/** An event of the ledger that the snapshot does not contain. */
function withRecorded(park: Park, live: Recorded): Park {
  switch (live.kind) {
    case 'warning':
      return withWarning(park, live.event.warning);
    case 'alarm':
      return withAlarm(park, live.event);
    case 'correction':
      return { ...park, corrections: withCorrection(park.corrections, live.event) };
    case 'rules':
      // Limits, channels and texts may all be others: the page fetches everything anew.
      return park;
  }
}

export function applyEvent(park: Park, live: LiveEvent): Park {
  switch (live.kind) {
    case 'readings':
      return withReadings(park, live.values);
    case 'health':
      return withHealth(park, live.analyzers);
    case 'pulse':
      return withPulse(park, live.pulse);
    case 'noted':
      // What changed is asked for elsewhere; the page only knows that it has heard of it.
      return { ...park, seq: Math.max(park.seq, live.seq ?? 0) };
    case 'warning':
    case 'alarm':
    case 'correction':
    case 'rules': {
      const { seq } = live.event;
      if (seq <= park.snapshotSeq) {
        return park;
      }
      return { ...withRecorded(park, live), seq: Math.max(park.seq, seq) };
    }
  }
}
