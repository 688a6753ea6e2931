import { describe, expect, it } from 'vitest';

import type { SetFigures } from '../api/contract';
import { figureRows } from './backtest';

const set = (raises: number, by_tier: Record<string, number>): SetFigures =>
  ({ raises, in_alarm_s: 60, by_tier, per_10min_peak: 2, rules: [], first_outs: [] });

describe('the figures of two sets', () => {
  it('stand side by side, the highest tier first, and only tiers that there are', () => {
    const rows = figureRows(set(3, { yellow: 1, red: 2 }), set(1, { equipment: 4 }));
    expect(rows.map(({ key, tier, values }) => [key, tier, values])).toEqual([
      ['raises', null, [3, 1]],
      ['inAlarm', null, [60, 60]],
      ['peak', null, [2, 2]],
      ['tier', 'red', [2, 0]],
      ['tier', 'yellow', [1, 0]],
      ['tier', 'equipment', [0, 4]],
    ]);
  });
});
