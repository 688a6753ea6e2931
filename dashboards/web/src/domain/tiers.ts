// Warning tiers in their order, and the shape each one has beside its colour.
import type { Tier } from '../api/contract';

/** Lowest first. */
export const TIERS: readonly Tier[] = ['blue', 'yellow', 'orange', 'red'];

/** 0 where there is none, 1 blue … 4 red. */
export function tierRank(tier: Tier | null | undefined): number {
  return tier == null ? 0 : TIERS.indexOf(tier) + 1;
}

/** The highest of some tiers; null where there is none. */
export function highestTier(tiers: Iterable<Tier | null | undefined>): Tier | null {
  let highest: Tier | null = null;
  for (const tier of tiers) {
    if (tier != null && tierRank(tier) > tierRank(highest)) {
      highest = tier;
    }
  }
  return highest;
}

const SIDES = 8;

function octagon(): string {
  return Array.from({ length: SIDES }, (_, i) => {
    const angle = ((i + 0.5) * 2 * Math.PI) / SIDES;
    return `${(Math.cos(angle) * 10.4).toFixed(2)},${(Math.sin(angle) * 10.4).toFixed(2)}`;
  }).join(' ');
}

/** Corners of the shape in a box from -12 to 12; the calm shape (no tier) is a circle. */
export const TIER_CORNERS: Record<Tier, string> = {
  blue: '-10.5,-8 10.5,-8 0,10.5',
  yellow: '-10.5,8 10.5,8 0,-10.5',
  orange: '0,-11.5 11.5,0 0,11.5 -11.5,0',
  red: octagon(),
};
