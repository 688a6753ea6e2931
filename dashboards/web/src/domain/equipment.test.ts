import { expect, it } from 'vitest';

import type { EquipmentAlarm } from '../api/contract';
import { coverage, equipmentList } from './equipment';
import { marksOf } from './marks';
import {
  alarm, channel, lineHealth, moment, NOW_MS, park, site, value, warning,
} from './samples';

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

it('alarms about readings that come have words and marks of their own', () => {
  const found = equipmentList(
    park({
      values: [value('a-cl2', { quality: 'over-range', value: 50 }), value('b-cl2')],
      alarms: [
        alarm('a-cl2', null, null, 'out-of-range'), alarm('b-cl2', null, null, 'jump'),
        alarm('b-cl2', null, null, 'stuck'), alarm('a-cl2', 'red'),
      ],
    }),
    NOW_MS,
  );
  expect(found.map(({ analyzer, kinds, sign }) => [analyzer.id, kinds, sign])).toEqual([
    ['a', ['out-of-range'], 'out-of-range'],
    ['b', ['stuck', 'jump'], 'stuck'],
  ]);
  expect(found.map(({ condition }) => condition)).toEqual(['over-range', 'stuck']);
  expect(found.flatMap(({ alarms }) => alarms).every((one) => one.tier === null)).toBe(true);
});

it('an alarm of one channel of several names that channel', () => {
  const channels = [channel('a-cl2', 'a'), channel('a-co', 'a'), channel('b-cl2', 'b')];
  const alarms = [alarm('a-co', null, null, 'stuck'), alarm('b-cl2', null, null, 'stuck')];
  const values = channels.map(({ id }) => value(id));
  const found = equipmentList(park({ site: site(channels), values, alarms }), NOW_MS);
  expect(found.map(({ about }) => about.map(({ id }) => id))).toEqual([['a-co'], []]);
});

it('an alarm that this page does not know is shown all the same', () => {
  const alarms = [alarm('a-cl2', null, null, 'newer-than-this')];
  expect(equipmentList(park({ alarms }), NOW_MS).map(({ kinds }) => kinds)).toEqual([['other']]);
});

it('a channel in doubt is still judged', () => {
  const stuck = park({ alarms: [alarm('a-cl2', null, null, 'stuck')] });
  expect(coverage(stuck, NOW_MS)).toEqual({ seeing: 2, all: 2 });
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

it('whose alarm returned before anybody answered it is listed until somebody does', () => {
  const life = (state: EquipmentAlarm['state']): EquipmentAlarm => ({
    alarm: { rule: 'silent', kind: 'no-data', channel: 'b-cl2', since: moment(NOW_MS), unit: '' },
    state, is_active: false, changed_at: moment(NOW_MS),
  });
  const waiting = life('returned-unacknowledged');
  const list = equipmentList(park(), NOW_MS, [waiting]);
  expect(list.map(({ analyzer, lives }) => [analyzer.id, lives])).toEqual([['b', [waiting]]]);
  expect(equipmentList(park(), NOW_MS, [life('shelved')])).toEqual([]);
});
