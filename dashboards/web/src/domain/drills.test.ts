import { expect, it } from 'vitest';

import type { Drill } from '../api/contract';
import { drillShown, exerciseOf, realOf } from './drills';
import { NOW_MS, warning } from './samples';
import { countByTier, sortWarnings } from './warnings';

const drill: Drill = {
  number: 4, area: 'tank-farm', gas: 'chlorine', state: 'running', begun_at_ms: NOW_MS,
  ends_at_ms: NOW_MS + 600_000, begun_by: 'wang', peak: 20, unit: 'ppm', rise_ms: 0, hold_ms: 0,
  decay_ms: 0, release_at_ms: NOW_MS, channels: [], note: '',
};
const marked = (id: string, exercise: unknown, tier: 'yellow' | 'red' = 'yellow') =>
  Object.assign(warning(id, { tier }), { exercise });

it('only a number marks a drill: a station that says nothing speaks of real ones', () => {
  expect(exerciseOf(warning('w'))).toBeNull();
  expect(exerciseOf(marked('w', null))).toBeNull();
  expect(exerciseOf(marked('w', 4))).toBe(4);
  expect(exerciseOf(marked('w', 0))).toBe(0);
});

it('real warnings stand before those of a drill whatever the tier, and only they count', () => {
  const all = [marked('drill', 4, 'red'), marked('real', null)];
  expect(sortWarnings(all).map(({ id }) => id)).toEqual(['real', 'drill']);
  expect(realOf(all).map(({ id }) => id)).toEqual(['real']);
  expect(countByTier(realOf(all))).toEqual({ blue: 0, yellow: 1, orange: 0, red: 0 });
});

it('the banner stands while a drill runs and while its warnings are open', () => {
  expect(drillShown(null, [warning('w')])).toBeNull();
  expect(drillShown({ running: null, drills: [drill] }, [])).toBeNull();
  expect(drillShown({ running: drill, drills: [drill] }, [])).toEqual({ number: 4, drill });
  expect(drillShown(null, [marked('w', 4)])).toEqual({ number: 4, drill: null });
});
