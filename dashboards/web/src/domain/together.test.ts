import { expect, it } from 'vitest';

import type { Hold, ReportField } from '../api/contract';
import { moment, NOW_MS, warning } from './samples';
import { lastSaid, saidFirst, shelvedFirst } from './together';

const hold = (kind: string, subject: string, by: string): Hold => ({
  id: `${kind}.1`, kind, subject, by, reason: 'r', begun_at: moment(NOW_MS),
  until: moment(NOW_MS + 1_000), until_ms: NOW_MS + 1_000, left_ms: 1_000,
});

const field = (sources: ReportField['sources']): ReportField => ({
  id: 'deaths', clause: '', name: { zh: '死亡', en: 'deaths' },
  question: { zh: '?', en: '?' }, state: 'given', lines: [], sources,
});

it('who shelved first is named, or who asked for it', () => {
  const mine = warning('w', {});
  expect(shelvedFirst(null, [])).toBeNull();
  expect(shelvedFirst(mine, [hold('proposal', 'other', 'li')])).toBeNull();
  expect(shelvedFirst(mine, [hold('proposal', 'w', 'li')]))
    .toEqual({ by: 'li', at: moment(NOW_MS), isProposal: true });
  expect(shelvedFirst(warning('w', { shelf: hold('shelf', 'w', 'wang') }), []))
    .toEqual({ by: 'wang', at: moment(NOW_MS), isProposal: false });
});

it('what was said while somebody wrote is told apart from what they saw', () => {
  const by = (what: string, at: string) => ({ from: 'person', what, at });
  const before = field([{ from: 'data', what: 'site', at: '0' }, by('li', '1')]);
  const seen = lastSaid(before);
  expect(seen).toEqual({ by: 'li', at: '1' });
  expect(saidFirst(before, seen)).toBeNull();
  expect(saidFirst(field([by('li', '2')]), seen)).toEqual({ by: 'li', at: '2' });
  expect(saidFirst(field([by('wang', '1')]), null)).toEqual({ by: 'wang', at: '1' });
  expect(saidFirst(field([]), seen)).toBeNull();
});
