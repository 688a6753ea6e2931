import { describe, expect, it } from 'vitest';

import type { AlarmRecord } from '../api/contract';
import {
  type AlarmColumn, type AlarmFilter, asked, filterOf, keyOf, NO_FILTER, queryOf, sorted,
  withFirstPage,
} from './alarms';
import { moment, NOW_MS } from './samples';

function record(number: number, extra: Partial<AlarmRecord> = {}): AlarmRecord {
  const raisedMs = NOW_MS + number * 1_000;
  return {
    rule: 'high', channel: `c-${number}`, kind: 'gas', unit: 'ppm', state: 'normal',
    raised_at: moment(raisedMs), raised_at_ms: raisedMs, tier: 'yellow', gas: 'chlorine',
    area: 'tank-farm', ...extra,
  };
}

describe('the filter', () => {
  const filter: AlarmFilter = {
    tab: 'returned', tier: 'equipment', gas: 'chlorine', area: 'tank-farm', channel: 'at-1',
    rule: 'high', fromMs: 5, toMs: 9, text: '罐区', sort: 'tier', down: false,
  };

  it('comes back from its address', () => {
    expect(filterOf(queryOf(filter))).toEqual(filter);
    expect(filterOf(queryOf(NO_FILTER))).toEqual(NO_FILTER);
    expect(queryOf(NO_FILTER)).toEqual({});
  });

  it('does not use the words of the overview', () => {
    const words = Object.keys(queryOf(filter));
    expect(words.filter((one) => ['channel', 'sheet', 'item', 'range'].includes(one))).toEqual([]);
  });

  it('passes over what it does not know', () => {
    const odd = { tab: 'x', tier: 'green', sort: 'x', from: '1e999', to: 'x', gas: '' };
    expect(filterOf(odd)).toEqual(NO_FILTER);
  });

  it('asks the station by its words', () => {
    expect(asked(filter).get('state')).toBe(
      'returned-unacknowledged,latched-unacknowledged,latched-acknowledged');
    expect(asked(filter).get('channel')).toBe('at-1');
    expect(asked(NO_FILTER).toString()).toBe('');
  });
});

describe('the order', () => {
  function check(records: AlarmRecord[], sort: AlarmColumn, down: boolean, channels: string[]) {
    expect(sorted(records, sort, down).map(({ channel }) => channel)).toEqual(channels);
  }

  it('is of the column, and newest first among equals', () => {
    const rows = [record(1), record(2, { tier: 'red' }), record(3), record(4, { tier: null })];
    check(rows, 'tier', true, ['c-2', 'c-3', 'c-1', 'c-4']);
    check(rows, 'raised', false, ['c-1', 'c-2', 'c-3', 'c-4']);
    check(rows, 'what', true, ['c-4', 'c-3', 'c-2', 'c-1']);
  });

  it('puts who waits first, and what has no value last', () => {
    const rows = [
      record(1, { state: 'shelved' }), record(2, { state: 'active-unacknowledged' }),
      record(3, { value: 2 }), record(4, { value: 10 }),
    ];
    check(rows, 'state', true, ['c-2', 'c-1', 'c-4', 'c-3']);
    check(rows, 'value', true, ['c-4', 'c-3', 'c-2', 'c-1']);
    check(rows, 'value', false, ['c-3', 'c-4', 'c-2', 'c-1']);
  });
});

describe('a new first page', () => {
  const held = [record(4), record(3), record(2), record(1)];
  const keys = (records: AlarmRecord[]) => records.map(keyOf);

  it('takes the place of what it covers and leaves what is older', () => {
    const page = [record(5), record(4, { state: 'shelved' }), record(3)];
    const merged = withFirstPage(held, page, false);
    expect(keys(merged)).toEqual(keys([record(5), record(4), record(3), record(2), record(1)]));
    expect(merged[1]?.state).toBe('shelved');
  });

  it('drops what is not there any more', () => {
    expect(keys(withFirstPage(held, [record(4), record(2)], false)))
      .toEqual(keys([record(4), record(2), record(1)]));
    expect(withFirstPage(held, [record(9)], true)).toHaveLength(1);
    expect(withFirstPage(held, [], true)).toEqual([]);
  });
});
