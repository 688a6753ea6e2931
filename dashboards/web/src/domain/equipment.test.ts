import { expect, it } from 'vitest';

import { coverage, equipmentList } from './equipment';
import { marksOf } from './marks';
import { alarm, lineHealth, moment, NOW_MS, park, value, warning } from './samples';

it('equipment that works is not listed', () => {
  expect(equipmentList(park(), NOW_MS)).toEqual([]);
  expect(coverage(park(), NOW_MS)).toEqual({ seeing: 2, all: 2 });
});

it('no-data alarms come first, with the failure of the line and the earliest moment', () => {
  const broken = park({
    values: [value('a-cl2', { quality: 'calibration' }), value('b-cl2')],
    alarms: [alarm('b-cl2', null, null)],
  });
  const health = {
    ...broken.health,
    analyzers: [
      lineHealth('a'),
      lineHealth('b', {
        link: 'offline',
        since: moment(NOW_MS - 9_000),
        last_error: 'no answer',
        last_error_zh: '无应答',
      }),
    ],
  };
  const items = equipmentList({ ...broken, health }, NOW_MS);
  expect(items.map((item) => [item.analyzer.id, item.condition])).toEqual([
    ['b', 'no-data'],
    ['a', 'calibration'],
  ]);
  expect(items[0]).toMatchObject({
    link: 'offline', error: { zh: '无应答', en: 'no answer' }, sinceMs: NOW_MS - 9_000,
  });
  expect(items[1]).toMatchObject({ link: null, error: null, sinceMs: null });
  expect(coverage(broken, NOW_MS)).toEqual({ seeing: 0, all: 2 });
});

it('a failure that is said in English only is shown so in both languages', () => {
  const { health, ...rest } = park();
  const analyzers = [lineHealth('a', { link: 'degraded', last_error: 'no answer' })];
  const items = equipmentList({ ...rest, health: { ...health, analyzers } }, NOW_MS);
  expect(items.map((item) => item.error)).toEqual([{ zh: 'no answer', en: 'no answer' }]);
});

it('a mark keeps its tier when its data stop', () => {
  const [mark] = marksOf(
    park({
      values: [value('a-cl2', { quality: 'comm-lost', value: null, tier: 'red' })],
      warnings: [warning('w', { tier: 'red', alarms: [alarm('a-cl2', 'red')] })],
    }),
    NOW_MS,
  );
  expect(mark).toMatchObject({ tier: 'red', condition: 'comm-lost', unacknowledged: true });
});
