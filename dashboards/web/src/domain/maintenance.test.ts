import { describe, expect, it } from 'vitest';

import type { Maintenance, MaintenanceDue } from '../api/contract';
import {
  type Draft, dueByChannel, dueCounts, faultsIn, isNeeded, KINDS, overdueOf, requestOf,
} from './maintenance';
import { fieldText } from './localtime';
import { moment, NOW_MS } from './samples';

const OFFSET_S = 28_800;
const HOUR_MS = 3_600_000;

const text = (ms: number) => fieldText(ms, OFFSET_S);

const draft = (extra: Partial<Draft> = {}): Draft => ({
  kind: 'calibration', at: text(NOW_MS - HOUR_MS), standard: '5', before: '4.6', after: '5,0',
  nextDue: text(NOW_MS + HOUR_MS), note: '', ...extra,
});

function check(extra: Partial<Draft>, expected: Record<string, string>): void {
  const found = Object.entries(faultsIn(draft(extra), NOW_MS, OFFSET_S));
  const keys = found.map(([field, fault]) => [field, 'key' in fault ? fault.key : '']);
  expect(Object.fromEntries(keys)).toEqual(expected);
}

describe('the form of the log', () => {
  it('asks each kind of work for what the station asks', () => {
    check({}, {});
    check({ before: '' }, {});
    check({ standard: ' ' }, { standard: 'maintenance.fault.missing' });
    check({ kind: 'bump-test', before: '' }, { before: 'maintenance.fault.missing' });
    check({ kind: 'bump-test', after: '' }, {});
    check({ kind: 'repair', note: ' \n' }, { note: 'maintenance.fault.words' });
    check({ kind: 'repair', note: '换滤芯', standard: '', before: '', after: '' }, {});
    expect(KINDS.filter((kind) => isNeeded(kind, 'standard'))).toEqual(
      ['calibration', 'bump-test']);
  });

  it('takes numbers as people write them and nothing else', () => {
    for (const good of ['0', '-0.2', '4,95', '4，95', ' 12.5 ']) {
      check({ before: good }, {});
    }
    for (const bad of ['5 ppm', '1e3', '.', 'NaN', '1.2.3']) {
      check({ before: bad }, { before: 'maintenance.fault.number' });
    }
    check({ standard: '-1' }, { standard: 'maintenance.fault.number' });
  });

  it('wants work that was done, and the next one ahead', () => {
    check({ at: 'yesterday' }, { at_ms: 'form.moment' });
    check({ at: text(NOW_MS + HOUR_MS), nextDue: '' }, { at_ms: 'maintenance.fault.at' });
    check({ at: '2010-01-01 00:00' }, { at_ms: 'maintenance.fault.at' });
    check({ nextDue: '' }, {});
    check({ nextDue: text(NOW_MS) }, { next_due_ms: 'maintenance.fault.due' });
    check({ nextDue: '2099-01-01 00:00' }, { next_due_ms: 'maintenance.fault.due' });
    check({ nextDue: '2026-02-31 00:00' }, { next_due_ms: 'form.moment' });
    check({ note: 'x'.repeat(1_001) }, { note: 'form.long' });
  });

  it('sends what was typed in the words of the station', () => {
    expect(requestOf(draft({ note: ' 好 ', before: '' }), OFFSET_S)).toEqual({
      kind: 'calibration', at_ms: NOW_MS - HOUR_MS, standard: 5, before: null, after: 5,
      next_due_ms: NOW_MS + HOUR_MS, note: '好',
    });
  });
});

it('work is overdue from its moment on', () => {
  const entry = (channel: string, due: number | null): Maintenance => ({
    number: 1, channel, kind: 'calibration', at: moment(0), by: 'li', made_at: moment(0),
    next_due: due === null ? null : moment(due), is_overdue: false, note: '',
  });
  const newest = [entry('a', NOW_MS), entry('b', NOW_MS + 1), entry('c', null)];
  expect([...overdueOf(newest, NOW_MS)]).toEqual(['a']);
});

it('a channel has each state of what is due on it, the most pressing first', () => {
  const due = (
    channel: string, state: MaintenanceDue['state'], dueMs: number | null,
  ): MaintenanceDue => ({
    channel, kind: 'calibration', state, due_at: dueMs === null ? null : moment(dueMs),
  });
  const found = dueByChannel([
    due('a', 'soon', NOW_MS + 1), due('a', 'no-record', null), due('b', 'soon', NOW_MS),
    due('b', 'overdue', NOW_MS - 1),
  ], NOW_MS);
  expect([...found]).toEqual([['a', ['no-record', 'soon']], ['b', ['overdue']]]);
});

it('the strip never counts what is not known as nought', () => {
  const health = { overdue: 0, no_record: 0, soon: 0 };
  expect(dueCounts(health)).toEqual([{ state: 'overdue', count: 0 }]);
  expect(dueCounts({ ...health, failure: 'the disk' }))
    .toEqual([{ state: 'overdue', count: null }]);
  expect(dueCounts({ overdue: 2, no_record: 3, soon: 0 })).toEqual([
    { state: 'overdue', count: 2 }, { state: 'no-record', count: 3 },
  ]);
});
