import { expect, it } from 'vitest';

import { alarm, moment, NOW_MS, park, value, warning } from './samples';
import { highestTier, tierRank, TIERS } from './tiers';
import { countByTier, evidenceOf, sortWarnings } from './warnings';

it('tiers rise from blue to red, and none is below all', () => {
  expect([null, ...TIERS].map(tierRank)).toEqual([0, 1, 2, 3, 4]);
  expect(highestTier(['yellow', null, 'red', 'blue'])).toBe('red');
  expect(highestTier([undefined, null])).toBeNull();
});

it('warnings stand by tier, then oldest first', () => {
  const sorted = sortWarnings([
    warning('new', { tier: 'red', raised_at: moment(NOW_MS) }),
    warning('low', { tier: 'yellow', raised_at: moment(NOW_MS - 9_000) }),
    warning('old', { tier: 'red', raised_at: moment(NOW_MS - 5_000) }),
  ]);
  expect(sorted.map((w) => w.id)).toEqual(['old', 'new', 'low']);
  expect(countByTier(sorted)).toEqual({ blue: 0, yellow: 1, orange: 0, red: 2 });
});

it('the evidence is the channel furthest above its limit among those of the highest tier', () => {
  const alarms = [
    alarm('a-cl2', 'orange', 2),
    alarm('b-cl2', 'orange', 2),
    alarm('a-cl2', 'yellow', 1),
  ];
  const known = park({ values: [value('a-cl2', { value: 3 }), value('b-cl2', { value: 9 })] });
  const found = evidenceOf(warning('w', { tier: 'orange', alarms }), known);
  expect(found?.channel.id).toBe('b-cl2');
  expect(found?.rule?.rule).toBe('chlorine-orange');
  expect(evidenceOf(warning('w'), known)).toBeNull();
});
