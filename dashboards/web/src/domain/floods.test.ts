import { expect, it } from 'vitest';

import type { Flood } from '../api/contract';
import { floodsShown } from './floods';
import { moment, NOW_MS, warning } from './samples';

const flood = (position: string, extra: Partial<Flood> = {}): Flood => ({
  position, name: { zh: position, en: position }, areas: [], begun_at: moment(NOW_MS), calls: 14,
  first_out: [], ...extra,
});

it('a flooded desk shows the first out, and groups by area in the order they came', () => {
  const warnings = [warning('c', { area: 'yard' }), warning('a'), warning('b', { area: 'yard' })];
  const shown = floodsShown([
    flood('north', { first_out: ['b', 'a', 'c', 'gone'] }), flood('south', { begun_at: null }),
  ], warnings);
  expect(shown.length).toBe(1);
  expect(shown[0]?.first?.id).toBe('b');
  expect(shown[0]?.groups.map(({ area, warnings: of }) => [area, of.map(({ id }) => id)]))
    .toEqual([['yard', ['b', 'c']], ['tank-farm', ['a']]]);
});

it('what a drill made is never the first out', () => {
  const drill = Object.assign(warning('d'), { exercise: 4 });
  const [shown] = floodsShown([flood('north', { first_out: ['d', 'a'] })], [drill, warning('a')]);
  expect(shown?.first?.id).toBe('a');
});

it('a flood whose warnings are all over has no first', () => {
  expect(floodsShown([flood('north', { first_out: ['x'] })], [])[0]?.first).toBeNull();
});
