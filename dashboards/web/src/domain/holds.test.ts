import { expect, it } from 'vitest';

import type { Hold } from '../api/contract';
import { heldOf, isSamePerson, leftMs, proposalOf } from './holds';
import { moment, NOW_MS, warning } from './samples';

const hold = (id: string, kind: string, extra: Partial<Hold> = {}): Hold => ({
  id, kind, subject: `s-${id}`, by: 'wang', reason: 'r', begun_at: moment(NOW_MS),
  until: moment(NOW_MS + 60_000), until_ms: NOW_MS + 60_000, left_ms: 60_000, ...extra,
});

it('holds are parted by kind, the soonest over first; a proposal holds nothing yet', () => {
  const held = heldOf([
    hold('late', 'shelf', { until_ms: NOW_MS + 90_000 }), hold('soon', 'shelf'),
    hold('asked', 'proposal'), hold('out', 'out-of-service'),
    hold('over', 'shelf', { ended_at: moment(NOW_MS) }),
  ], [warning('w', { state: 'suppressed' }), warning('v')]);
  expect(held.shelves.map(({ id }) => id)).toEqual(['soon', 'late']);
  expect(held.proposals.map(({ id }) => id)).toEqual(['asked']);
  expect(held.suppressed.map(({ id }) => id)).toEqual(['w']);
  expect(held.count).toBe(4);
});

it('a proposal is found by what it is about, while it waits', () => {
  const all = [
    hold('a', 'shelf'), hold('b', 'proposal', { subject: 'w' }),
    hold('d', 'cancellation', { subject: 'x' }),
  ];
  expect(proposalOf(all, 'w')?.id).toBe('b');
  expect(proposalOf(all, 'x')?.id).toBe('d');
  expect(proposalOf(all, 's-a')).toBeNull();
  const over = hold('c', 'proposal', { subject: 'w', ended_at: moment(NOW_MS) });
  expect(proposalOf([over], 'w')).toBeNull();
});

it('two spellings of a name are one person', () => {
  expect(isSamePerson('Wang Wei', 'wangwei')).toBe(true);
  expect(isSamePerson('wang', 'li')).toBe(false);
});

it('time left ends at nothing', () => {
  expect(leftMs(hold('a', 'shelf'), NOW_MS + 1_000)).toBe(59_000);
  expect(leftMs(hold('a', 'shelf'), NOW_MS + 61_000)).toBe(0);
});
