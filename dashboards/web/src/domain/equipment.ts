// The equipment that does not do its work: what makes the station blind, and why.
import type {
  Alarm, Analyzer, AnalyzerHealth, Channel, EquipmentAlarm, Text,
} from '../api/contract';
import {
  type Condition,
  conditionOf,
  type Doubt,
  DOUBTS,
  isUsable,
  loudnessOf,
  needsAttention,
  worstCondition,
} from './condition';
import { isWaiting } from './equipmentLives';
import { alarmsOf, channelsOf, healthOf } from './lookup';
import type { Park } from './park';
import { momentMs } from './time';

/** `other` is an alarm of a station that is newer than this page. */
export type EquipmentKind = 'no-data' | Doubt | 'other';

const KINDS: readonly EquipmentKind[] = ['no-data', ...DOUBTS, 'other'];

export interface EquipmentItem {
  analyzer: Analyzer;
  /** The worst condition of its channels. */
  condition: Condition;
  /** Its active alarms; none of them is about gas. */
  alarms: Alarm[];
  /** The kinds of these alarms, most urgent first. */
  kinds: EquipmentKind[];
  /** The channels in alarm, where others of the analyzer are not. */
  about: Channel[];
  /** What its mark says: the condition, or the alarm where the readings themselves look well. */
  sign: Condition;
  /** Set while the line to it is not in order. */
  link: 'degraded' | 'offline' | null;
  error: Text | null;
  /** Since when, where that is known; ms since 1970. */
  sinceMs: number | null;
  /** Its alarms as people answer them, also those that returned before anybody did. */
  lives: EquipmentAlarm[];
}

function brokenLink(health: AnalyzerHealth | undefined): EquipmentItem['link'] {
  return health?.link === 'offline' || health?.link === 'degraded' ? health.link : null;
}

/** The last failure; in English alone where the station says it in no other language. */
function errorOf(health: AnalyzerHealth | undefined): Text | null {
  const en = health?.last_error;
  return en == null ? null : { zh: health?.last_error_zh ?? en, en };
}

/** The worst condition among the channels of an analyzer. */
export function analyzerCondition(park: Park, analyzer: Analyzer, nowMs: number): Condition {
  const own = channelsOf(park.site, analyzer.id);
  return worstCondition(
    own.map((channel) => conditionOf(park.values.get(channel.id), analyzer.poll_ms, nowMs)),
  );
}

function kindOf(alarm: Alarm): EquipmentKind {
  return KINDS.find((kind) => kind === alarm.kind) ?? 'other';
}

function partOf(park: Park, analyzer: Analyzer, alarms: readonly Alarm[]): Channel[] {
  const own = channelsOf(park.site, analyzer.id);
  const part = own.filter(({ id }) => alarms.some((alarm) => alarm.channel === id));
  return part.length < own.length ? part : [];
}

function signOf(condition: Condition, kinds: readonly EquipmentKind[]): Condition {
  const doubt = DOUBTS.find((kind) => kinds.includes(kind));
  return needsAttention(condition) ? condition : (doubt ?? condition);
}

function itemOf(
  park: Park, analyzer: Analyzer, nowMs: number, all: ReadonlyMap<string, EquipmentAlarm[]>,
): EquipmentItem {
  const health = healthOf(park.health.analyzers, analyzer.id);
  const alarms = channelsOf(park.site, analyzer.id)
    .flatMap((channel) => alarmsOf(park.alarms, channel.id))
    .filter((alarm) => alarm.kind !== 'gas');
  const kinds = KINDS.filter((kind) => alarms.some((alarm) => kindOf(alarm) === kind));
  const condition = analyzerCondition(park, analyzer, nowMs);
  const link = brokenLink(health);
  const since = [
    ...alarms.map((alarm) => momentMs(alarm.since)),
    link === null ? null : momentMs(health?.since),
  ].filter((ms) => ms !== null);
  return {
    analyzer,
    condition,
    alarms,
    kinds,
    about: partOf(park, analyzer, alarms),
    sign: signOf(condition, kinds),
    link,
    error: link === null ? null : errorOf(health),
    sinceMs: since.length > 0 ? Math.min(...since) : null,
    lives: channelsOf(park.site, analyzer.id).flatMap(({ id }) => all.get(id) ?? []),
  };
}

function urgency(item: EquipmentItem): number {
  if (item.kinds.includes('no-data')) {
    return 0;
  }
  if (item.link === 'offline' || loudnessOf(item.condition) === 'blind') {
    return 1;
  }
  return item.link === 'degraded' || item.alarms.length > 0 ? 2 : 3;
}

/** Equipment that needs attention, or whose alarm nobody has answered yet, most urgent first. */
export function equipmentList(
  park: Park, nowMs: number, lives: readonly EquipmentAlarm[] = [],
): EquipmentItem[] {
  const byChannel = new Map<string, EquipmentAlarm[]>();
  for (const one of lives) {
    const { channel } = one.alarm;
    byChannel.set(channel, [...byChannel.get(channel) ?? [], one]);
  }
  return park.site.analyzers
    .map((analyzer) => itemOf(park, analyzer, nowMs, byChannel))
    .filter(({ link, alarms, sign, lives: own }) =>
      link !== null || alarms.length > 0 || needsAttention(sign) || own.some(isWaiting))
    .sort((a, b) => urgency(a) - urgency(b) || a.analyzer.id.localeCompare(b.analyzer.id));
}

/** How many gas channels are judged now, of how many. */
export function coverage(park: Park, nowMs: number): { seeing: number; all: number } {
  const gas = park.site.channels.filter((channel) => channel.is_gas);
  const seeing = gas.filter((channel) => {
    const pollMs = park.analyzers.get(channel.analyzer)?.poll_ms ?? 0;
    return isUsable(conditionOf(park.values.get(channel.id), pollMs, nowMs));
  });
  return { seeing: seeing.length, all: gas.length };
}
