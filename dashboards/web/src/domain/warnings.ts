// Order and evidence of the active warnings.
import type { Alarm, Channel, Rule, Tier, Warning } from '../api/contract';
import { isDrill } from './drills';
import type { Park } from './park';
import { tierRank } from './tiers';
import { momentMs } from './time';

/** Real ones first, then those of drills; of each the highest tier first, then the oldest. */
export function sortWarnings(warnings: readonly Warning[]): Warning[] {
  return [...warnings].sort(
    (a, b) =>
      Number(isDrill(a)) - Number(isDrill(b)) ||
      tierRank(b.tier) - tierRank(a.tier) ||
      (momentMs(a.raised_at) ?? 0) - (momentMs(b.raised_at) ?? 0) ||
      a.id.localeCompare(b.id),
  );
}

export function isUnacknowledged(warning: Warning): boolean {
  return warning.state.endsWith('-unacknowledged');
}

/** How many warnings of each tier are open. */
export function countByTier(warnings: readonly Warning[]): Record<Tier, number> {
  const counts: Record<Tier, number> = { blue: 0, yellow: 0, orange: 0, red: 0 };
  warnings.forEach((warning) => {
    counts[warning.tier] += 1;
  });
  return counts;
}

export interface Evidence {
  alarm: Alarm;
  channel: Channel;
  rule: Rule | undefined;
}

/**
 * The alarm that speaks loudest for a warning: of its highest tier the one whose channel is now
 * furthest above its limit. The ratio compares channels with different units.
 */
export function evidenceOf(warning: Warning, park: Park): Evidence | null {
  const ratio = (alarm: Alarm): number => {
    const now = park.values.get(alarm.channel)?.value ?? alarm.value ?? 0;
    return alarm.limit != null && alarm.limit > 0 ? now / alarm.limit : 0;
  };
  const [alarm] = warning.alarms
    .filter((candidate) => candidate.tier === warning.tier)
    .sort((a, b) => ratio(b) - ratio(a) || a.channel.localeCompare(b.channel));
  const channel = alarm && park.channels.get(alarm.channel);
  if (alarm === undefined || channel === undefined) {
    return null;
  }
  return { alarm, channel, rule: channel.rules.find((rule) => rule.rule === alarm.rule) };
}
