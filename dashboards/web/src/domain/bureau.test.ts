import { describe, expect, it } from 'vitest';

import type { Warning } from '../api/contract';
import { areasNow } from './bureau';
import type { Park } from './park';

const NOW_MS = Date.UTC(2026, 10, 29);
const at = new Date(NOW_MS).toISOString();

function park(warnings: Partial<Warning>[], values: [string, object][]): Park {
  const areas = ['yard', 'farm', 'gate'].map((id) => ({ id }));
  const channels = areas.map(({ id }) => ({
    id: `${id}-cl2`, area: id, analyzer: id, is_gas: true,
  }));
  return {
    site: { areas, channels }, warnings, values: new Map(values),
    analyzers: new Map(areas.map(({ id }) => [id, { poll_ms: 1_000 }])),
  } as unknown as Park;
}

const seen = (id: string): [string, object] =>
  [id, { quality: 'good', measured_at: at, received_at: at, no_data: false, value: 0 }];

describe('the areas now', () => {
  it('come worst first, without drills, and count what is not seen', () => {
    const found = areasNow(park(
      [
        { area: 'farm', tier: 'yellow' }, { area: 'farm', tier: 'orange' },
        { area: 'gate', tier: 'red', exercise: 3 },
      ],
      [seen('yard-cl2'), seen('farm-cl2')],
    ), NOW_MS);
    expect(found.map((one) => [one.area.id, one.tier, one.warnings.length, one.blind])).toEqual([
      ['farm', 'orange', 2, 0], ['yard', null, 0, 0], ['gate', null, 0, 1],
    ]);
  });
});
