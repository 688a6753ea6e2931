import { describe, expect, it } from 'vitest';

import { dayFault, fieldText, stepped, tidied, typedMs } from './localtime';

const CHINA_S = 28_800;
const EIGHT = Date.parse('2026-12-01T08:00:00+08:00');

it('what is typed is the time at the park, and goes back as it was', () => {
  expect(typedMs('2026-12-01 08:00', CHINA_S)).toBe(EIGHT);
  expect(typedMs('2026-12-01 00:00', 0)).toBe(EIGHT);
  expect(fieldText(EIGHT, CHINA_S)).toBe('2026-12-01 08:00');
  expect(fieldText(EIGHT + 59_999, CHINA_S)).toBe('2026-12-01 08:00');
  expect(fieldText(EIGHT, 0)).toBe('2026-12-01 00:00');
  expect(fieldText(EIGHT - 9 * 3_600_000, CHINA_S, 'date')).toBe('2026-11-30');
});

describe('what people type', () => {
  it('is read as a moment however it is written', () => {
    const texts = [
      '2026-12-01T08:00', ' 2026-12-01  08:00 ', '2026/12/01 08:00', '2026.12.1 8:00',
      '２０２６－１２－０１　０８：００', '２０２６／１２／１ ８：００', '2026年12月1日 8:00',
      '2026年12月1日8:00', '2026年12月1日 8：00',
    ];
    for (const text of texts) {
      expect(typedMs(text, CHINA_S), text).toBe(EIGHT);
      expect(tidied(text, 'moment'), text).toBe('2026-12-01 08:00');
    }
  });

  it('is read as a date however it is written', () => {
    const texts = [
      '2026-12-01', '2026/12/1', '2026.12.01', '２０２６．１２．１', '2026年12月1日', ' 2026-12-1 ',
    ];
    for (const text of texts) {
      expect(tidied(text, 'date'), text).toBe('2026-12-01');
    }
  });

  it('is refused where it is not a moment', () => {
    const texts = [
      '', ' ', '8:00', '2026-12-01', '2026-12-01 8', '2026-12-01 08:0', '2026-12-01 08:00:30',
      '2026-02-31 08:00', '2026-13-01 08:00', '2026-12-01 24:00', '2026-12-01 25:00',
      '2026-12-01 08:60', '2026-12-0108:00', '01-12-2026 08:00', '26-12-01 08:00',
      '2026-12-01 08:00 x', '12/01/2026 08:00', '+2026-12-01 08:00', 'yesterday',
    ];
    for (const text of texts) {
      expect(typedMs(text, CHINA_S), text).toBeNull();
      expect(tidied(text, 'moment'), text).toBeNull();
    }
  });

  it('is refused where it is not a date', () => {
    const texts = ['', '2026-02-29', '2026-00-01', '2026-12-32', '12/01/2026', '2026-12-01 08:00'];
    for (const text of texts) {
      expect(tidied(text, 'date'), text).toBeNull();
    }
  });
});

describe('a press of a button', () => {
  const check = (text: string, kind: 'date' | 'moment', steps: number, expected: string) => {
    expect(stepped(text, kind, steps, EIGHT, CHINA_S), text).toBe(expected);
  };

  it('goes an hour or a day from what was typed, over midnight and the end of a month', () => {
    check('2026-12-01 00:30', 'moment', -1, '2026-11-30 23:30');
    check('2026/11/30 23:30', 'moment', 1, '2026-12-01 00:30');
    check('2026.12.1', 'date', -1, '2026-11-30');
    check('2026-02-28', 'date', 1, '2026-03-01');
  });

  it('goes from now where nothing can be read', () => {
    check('', 'moment', -1, '2026-12-01 07:00');
    check('yesterday', 'date', -1, '2026-11-30');
    check('soon', 'moment', 0, '2026-12-01 08:00');
  });
});

it('a day is one that has begun', () => {
  expect(['2000-01-01', '2026-11-30'].map((day) => dayFault(day, '2026-11-30')))
    .toEqual([null, null]);
  for (const day of ['', '2026-11', '1999-12-31', '2026-12-01', '2026-02-31', '20261-01-01']) {
    expect(dayFault(day, '2026-11-30')).toBe('day');
  }
});
