import { expect, it } from 'vitest';

import { channel, NOW_MS, park, site } from './samples';
import { drillable, drillOf, scenarioFaults, type TypedScenario } from './scenario';

const typed = (extra: Partial<TypedScenario> = {}): TypedScenario => ({
  area: 'tank-farm', gas: 'chlorine', peak: '20.5', unit: 'ppm', rise: '60', hold: '600',
  decay: '0', waitMin: '0', lengthMin: '', note: ' 季度演练 ', ...extra,
});

it('what is left empty is left to the station', () => {
  expect(drillOf(typed(), NOW_MS)).toEqual({
    area: 'tank-farm', gas: 'chlorine', peak: 20.5, unit: 'ppm', rise_s: 60, hold_s: 600,
    decay_s: 0, release_at_ms: null, length_s: null, note: '季度演练',
  });
  const later = drillOf(typed({ waitMin: '5', lengthMin: '30' }), NOW_MS);
  expect([later.release_at_ms, later.length_s]).toEqual([NOW_MS + 300_000, 1_800]);
});

it('each field that does not fit is named', () => {
  const check = (extra: Partial<TypedScenario>, fields: string[]) => {
    expect(Object.keys(scenarioFaults(typed(extra)))).toEqual(fields);
  };
  check({}, []);
  check({ peak: '0' }, ['peak']);
  check({ peak: '' }, ['peak']);
  check({ peak: 'a lot' }, ['peak']);
  check({ rise: '-1', hold: '1.5', decay: '' }, ['rise_s', 'hold_s', 'decay_s']);
  check({ waitMin: '241', lengthMin: '241' }, ['wait', 'length_s']);
  check({ lengthMin: '0' }, ['length_s']);
  check({ note: '字'.repeat(1_001) }, ['note']);
});

it('only gases that an area measures can be played there', () => {
  const channels = [
    channel('a-cl2', 'a', { unit: 'mg/m3' }), channel('b-cl2', 'b'),
    channel('a-wind', 'a', { is_gas: false, quantity: 'wind-speed' }),
  ];
  const found = drillable(park({ site: site(channels) }));
  const area = park({ site: site(channels) }).analyzers.get('a')!.area;
  expect([...found.get(area)!.entries()]).toEqual([[channels[0]!.quantity, 'mg/m3']]);
});
