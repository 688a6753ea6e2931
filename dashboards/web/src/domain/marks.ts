// The marks of the plan: for each analyzer its highest tier and the worst state of its data.
import type { Analyzer, Channel, Tier } from '../api/contract';
import type { Condition } from './condition';
import { analyzerCondition } from './equipment';
import type { Park } from './park';
import { highestTier } from './tiers';
import { isUnacknowledged } from './warnings';

export interface Mark {
  analyzer: Analyzer;
  channels: Channel[];
  tier: Tier | null;
  condition: Condition;
  /** Whether it feeds a warning that nobody has acknowledged. */
  unacknowledged: boolean;
}

/** One mark for each analyzer, in the order of the site. */
export function marksOf(park: Park, nowMs: number): Mark[] {
  const open = new Set(
    park.warnings
      .filter(isUnacknowledged)
      .flatMap((warning) => warning.alarms.map((alarm) => alarm.channel)),
  );
  return park.site.analyzers.map((analyzer) => {
    const channels = park.site.channels.filter((channel) => channel.analyzer === analyzer.id);
    return {
      analyzer,
      channels,
      tier: highestTier(channels.map((channel) => park.values.get(channel.id)?.tier)),
      condition: analyzerCondition(park, analyzer, nowMs),
      unacknowledged: channels.some((channel) => open.has(channel.id)),
    };
  });
}
