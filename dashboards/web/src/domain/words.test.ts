import { describe, expect, it } from 'vitest';

import { stationNow } from './clock';
import { LOOK } from './look';
import { digitsOf, limitText, numberText, readingText } from './numbers';
import { searchOf, viewOf } from './query';
import { channel, NOW_MS, value } from './samples';
import { dateOf, durationText, momentMs, momentText, offsetText, timeOfDay } from './time';
import { compassPoint, windOf } from './wind';

const EAST_8 = 28_800;

describe('moments', () => {
  it('are in the time of the park', () => {
    expect(timeOfDay(NOW_MS, EAST_8)).toBe('00:00:00');
    expect(dateOf(NOW_MS, EAST_8)).toBe('2026-01-01');
    expect(dateOf(NOW_MS, 0)).toBe('2025-12-31');
    expect(offsetText(EAST_8)).toBe('+08:00');
    expect(offsetText(-12_600)).toBe('-03:30');
  });

  it('have their date when it is not today', () => {
    expect(momentText(NOW_MS, NOW_MS + 1_000, EAST_8)).toBe('00:00:00');
    expect(momentText(NOW_MS - 1_000, NOW_MS, EAST_8)).toBe('2025-12-31 23:59:59');
  });

  it('that cannot be read are none', () => {
    expect(momentMs('2026-01-01T00:00:00.000+08:00')).toBe(NOW_MS);
    expect([momentMs('soon'), momentMs(null), momentMs(undefined)]).toEqual([null, null, null]);
  });

  it('of the station run by the monotonic clock', () => {
    expect(stationNow({ stationMs: 5_000, heardAtMs: 100 }, 350)).toBe(5_250);
    expect(stationNow(null, 350)).toBeNull();
  });
});

it('lengths of time have two parts', () => {
  const check = (s: number, zh: string, en: string) => {
    expect([durationText(s * 1_000, 'zh'), durationText(s * 1_000, 'en')]).toEqual([zh, en]);
  };
  check(-3, '0 秒', '0 s');
  check(59.9, '59 秒', '59 s');
  check(185, '3 分 05 秒', '3 min 05 s');
  check(7_800, '2 小时 10 分', '2 h 10 min');
  check(100_800, '1 天 4 小时', '1 d 4 h');
});

describe('numbers', () => {
  it('have the digits of the device', () => {
    expect([1, 0.5, 0.1, 0.01, 0.05, 5, 0, 0.25].map(digitsOf)).toEqual([0, 1, 1, 2, 2, 0, 2, 2]);
    expect(numberText(0.3449, 0.01)).toBe('0.34');
    expect(numberText(-0.001, 0.01)).toBe('0.00');
    expect(limitText(0.34503)).toBe('0.345');
    expect(limitText(20)).toBe('20');
  });

  it('say that the true value is at least the end of the range', () => {
    expect(readingText(value('a', { value: 50, quality: 'over-range' }), 0.01)).toBe('≥ 50.00');
    expect(readingText(value('a', { value: null }), 0.01)).toBeNull();
    expect(readingText(value('a', { value: 0 }), 0.01)).toBe('0.00');
  });
});

describe('wind', () => {
  const of = (quantity: string) =>
    channel(quantity, 'ws', { quantity, is_gas: false, unit: 'm/s' });
  const at = (quality: 'good' | 'fault') => {
    const values = new Map([
      ['wind-direction', value('wind-direction', { value: 247, quality })],
      ['wind-speed', value('wind-speed', { value: 3 })],
    ]);
    const channels = [of('wind-speed'), of('wind-direction')];
    return windOf(channels, (id) => values.get(id), () => 1_000, NOW_MS);
  };

  it('has a name in both languages', () => {
    expect(compassPoint(247, 'zh')).toBe('西西南');
    expect([0, 11, 12, 359, -90, 720].map((deg) => compassPoint(deg, 'en'))).toEqual([
      'N', 'N', 'NNE', 'N', 'W', 'N',
    ]);
  });

  it('is unknown when its data cannot be trusted', () => {
    expect(at('good')).toMatchObject({ fromDeg: 247, speed: 3 });
    expect(at('fault')).toMatchObject({ fromDeg: null });
    expect(windOf([], () => undefined, () => 0, NOW_MS)).toBeNull();
  });
});

it('the address holds the view', () => {
  const view = {
    lang: 'en', theme: 'light', channel: 'at-1-cl2', range: '8h', sheet: 'rules', item: null,
  } as const;
  expect(viewOf(searchOf(view, ''), LOOK)).toEqual(view);
  const item = { ...view, sheet: 'incidents', item: 's-1' } as const;
  expect(viewOf(searchOf(item, ''), LOOK)).toEqual(item);
  expect(viewOf('?lang=fr&theme=pink&range=1y&sheet=x', LOOK)).toEqual({
    lang: 'zh', theme: 'dark', channel: null, range: '15m', sheet: null, item: null,
  });
  const none = { channel: null, sheet: null, item: null };
  const closed = searchOf({ ...view, ...none }, '?x=1&channel=b&sheet=rules&item=i');
  expect(closed).toBe('?x=1&lang=en&theme=light&range=8h');
});
