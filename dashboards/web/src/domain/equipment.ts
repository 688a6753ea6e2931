// The equipment that does not do its work: what makes the station blind, and why.
import type { Analyzer, AnalyzerHealth, Text } from '../api/contract';
import {
  type Condition,
  conditionOf,
  isUsable,
  loudnessOf,
  needsAttention,
  worstCondition,
} from './condition';
import type { Park } from './park';
import { momentMs } from './time';

export interface EquipmentItem {
  analyzer: Analyzer;
  /** The worst condition of its channels. */
  condition: Condition;
  /** Channels with an active no-data alarm. */
  noData: string[];
  /** Set while the line to it is not in order. */
  link: 'degraded' | 'offline' | null;
  error: Text | null;
  /** Since when, where that is known; ms since 1970. */
  sinceMs: number | null;
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
  const own = park.site.channels.filter((channel) => channel.analyzer === analyzer.id);
  return worstCondition(
    own.map((channel) => conditionOf(park.values.get(channel.id), analyzer.poll_ms, nowMs)),
  );
}

function itemOf(park: Park, analyzer: Analyzer, nowMs: number): EquipmentItem {
  const health = park.health.analyzers.find((item) => item.analyzer === analyzer.id);
  const alarms = park.alarms.filter(
    (alarm) =>
      alarm.kind === 'no-data' && park.channels.get(alarm.channel)?.analyzer === analyzer.id,
  );
  const link = brokenLink(health);
  const since = [
    ...alarms.map((alarm) => momentMs(alarm.since)),
    link === null ? null : momentMs(health?.since),
  ].filter((ms) => ms !== null);
  return {
    analyzer,
    condition: analyzerCondition(park, analyzer, nowMs),
    noData: alarms.map((alarm) => alarm.channel),
    link,
    error: link === null ? null : errorOf(health),
    sinceMs: since.length > 0 ? Math.min(...since) : null,
  };
}

function urgency(item: EquipmentItem): number {
  if (item.noData.length > 0) {
    return 0;
  }
  if (item.link === 'offline' || loudnessOf(item.condition) === 'blind') {
    return 1;
  }
  return item.link === 'degraded' ? 2 : 3;
}

/** Equipment that needs attention, most urgent first. */
export function equipmentList(park: Park, nowMs: number): EquipmentItem[] {
  return park.site.analyzers
    .map((analyzer) => itemOf(park, analyzer, nowMs))
    .filter((item) => item.link !== null || needsAttention(item.condition))
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
