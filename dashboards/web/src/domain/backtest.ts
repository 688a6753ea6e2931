// The figures of two sets side by side, in the order in which people read them. Pure.
import type { SetFigures } from '../api/contract';
import { TIERS } from './tiers';

export interface FigureRow {
  key: 'raises' | 'inAlarm' | 'peak' | 'tier';
  /** Of alarms of one tier: which; `equipment` for those about devices. */
  tier: string | null;
  values: [number, number];
  /** The values are seconds. */
  isTime: boolean;
}

export function figureRows(running: SetFigures, candidate: SetFigures): FigureRow[] {
  const of = (set: SetFigures, tier: string) => set.by_tier[tier] ?? 0;
  const tiers = [...[...TIERS].reverse(), 'equipment'].filter(
    (tier) => of(running, tier) + of(candidate, tier) > 0);
  return [
    { key: 'raises', tier: null, values: [running.raises, candidate.raises], isTime: false },
    {
      key: 'inAlarm', tier: null, values: [running.in_alarm_s, candidate.in_alarm_s],
      isTime: true,
    },
    {
      key: 'peak', tier: null, values: [running.per_10min_peak, candidate.per_10min_peak],
      isTime: false,
    },
    ...tiers.map((tier): FigureRow => ({
      key: 'tier', tier, values: [of(running, tier), of(candidate, tier)], isTime: false,
    })),
  ];
}
