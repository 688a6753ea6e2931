import { describe, expect, it } from 'vitest';

import type { IncidentClock, MessagesHealth } from '../api/contract';
import { channel, lineHealth, moment, NOW_MS, park, site, value } from './samples';
import { coverageOf, nearestClock, percentOf, receiptsOf, type Receipts } from './standing';

const clock = (duty: string, dueMs: number | null, state = 'running'): IncidentClock => ({
  duty, name: { zh: duty, en: duty }, who: { zh: '', en: '' }, to: { zh: '', en: '' }, state,
  due: dueMs === null ? null : moment(dueMs), rings: [], provisional: false, source: '',
  verified: true,
});

describe('coverage', () => {
  const channels = ['a', 'b', 'c', 'd', 'e'].map((id) => channel(`${id}-cl2`, id));
  const now = park({
    site: site(channels),
    values: [
      value('a-cl2'),
      value('b-cl2', { measured_at: moment(NOW_MS - 60_000) }),
      value('c-cl2', { no_data: true }),
      value('d-cl2', { quality: 'fault' }),
    ],
  });

  it('counts each reason by itself', () => {
    const { online, all, unseen } = coverageOf(now, NOW_MS);
    expect([online, all]).toEqual([2, 5]);
    expect(unseen).toEqual({
      offline: ['c', 'd', 'e'], stale: ['b-cl2'], 'no-data': ['c-cl2', 'e-cl2'],
      fault: ['d-cl2'],
    });
  });

  it('takes a line that is not in order as not online', () => {
    const analyzers = ['a', 'b'].map((id) => lineHealth(id, { link: 'degraded' }));
    const shown = coverageOf({ ...now, health: { ...now.health, analyzers } }, NOW_MS);
    expect(shown.online).toBe(0);
  });

  it('is 100 per cent only when all are there', () => {
    expect(percentOf(1_999, 2_000)).toBe(99);
    expect(percentOf(5, 5)).toBe(100);
    expect(percentOf(0, 0)).toBe(100);
  });
});

describe('receipts', () => {
  const recipient = {
    recipient: 'bureau', failures_in_a_row: 0, restarts: 0, last_error: null, accepted_at: null,
  };
  const check = (extra: Partial<MessagesHealth>, expected: Receipts) => {
    const calm = { open: 0, failed: 0, unreceipted: 0, recipients: [recipient] };
    expect(receiptsOf({ ...calm, ...extra })).toEqual(expected);
  };

  it('say what is missing, and never that all is well where nobody knows', () => {
    check({}, { state: 'all' });
    check({ recipients: [] }, { state: 'none' });
    check({ open: 2 }, { state: 'open', count: 2 });
    check({ open: 2, unreceipted: 1 }, { state: 'bad', failed: 0, unreceipted: 1 });
    check({ failed: 3 }, { state: 'bad', failed: 3, unreceipted: 0 });
    check({ failure: 'the disk' }, { state: 'unknown' });
  });
});

describe('the nearest clock', () => {
  it('is the one that is over longest, else the soonest', () => {
    const soon = clock('soon', NOW_MS + 60_000, 'close');
    const over = clock('over', NOW_MS - 60_000, 'close');
    expect(nearestClock([], NOW_MS)).toBeNull();
    expect(nearestClock([clock('met', NOW_MS, 'met')], NOW_MS)).toBeNull();
    expect(nearestClock([soon], NOW_MS)).toMatchObject({ leftMs: 60_000, more: 0 });
    const shown = nearestClock([soon, over], NOW_MS);
    expect(shown?.clock.duty).toBe('over');
    expect([shown?.leftMs, shown?.more]).toEqual([-60_000, 1]);
  });
});
