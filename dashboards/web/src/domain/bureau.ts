// What a bureau sees first: the highest tier of each area, and what is not seen there. Pure.
import type { Area, Channel, Tier, Warning } from '../api/contract';
import { conditionOf, isUsable } from './condition';
import { realOf } from './drills';
import type { Park } from './park';
import { tierRank } from './tiers';

export interface AreaNow {
  area: Area;
  /** Null: no warning is open. */
  tier: Tier | null;
  warnings: Warning[];
  /** Gas channels that cannot be judged now: no warning from there means nothing. */
  blind: number;
}

/** The worst first; of equals as the site names them. Drills are left out. */
export function areasNow(park: Park, nowMs: number): AreaNow[] {
  const real = realOf(park.warnings);
  const isSeen = (channel: Channel) => {
    const pollMs = park.analyzers.get(channel.analyzer)?.poll_ms ?? 0;
    return isUsable(conditionOf(park.values.get(channel.id), pollMs, nowMs));
  };
  const all = park.site.areas.map((area) => {
    const warnings = real.filter((warning) => warning.area === area.id);
    const tier = warnings.reduce<Tier | null>(
      (high, one) => (high === null || tierRank(one.tier) > tierRank(high) ? one.tier : high), null,
    );
    const blind = park.site.channels.filter((channel) =>
      channel.is_gas && channel.area === area.id && !isSeen(channel)).length;
    return { area, tier, warnings, blind };
  });
  const rank = ({ tier }: AreaNow) => (tier === null ? -1 : tierRank(tier));
  return all.sort((a, b) => rank(b) - rank(a));
}
