import { describe, expect, it } from 'vitest';

import type { Hold, Warning } from '../api/contract';
import { marksOf } from './marks';
import { moment, NOW_MS, park, warning } from './samples';

const hold = (kind: string, subject: string, extra: Partial<Hold> = {}): Hold => ({
  id: `${kind}.1`, kind, subject, by: 'wang', reason: 'r', begun_at: moment(NOW_MS),
  until: moment(NOW_MS), until_ms: NOW_MS, left_ms: 0, ...extra,
});

describe('a mark of the plan', () => {
  const check = (
    warnings: Warning[], holds: Hold[], held: string | null, isDrill = false,
  ) => {
    const [a, b] = marksOf(park({ warnings }), NOW_MS, holds);
    expect([a?.held, a?.isDrill]).toEqual([held, isDrill]);
    expect([b?.held, b?.isDrill]).toEqual([null, false]);
  };
  const on = (extra: Partial<Warning>) => warning('w', { channels: ['a-cl2'], ...extra });

  it('says what is kept from people, by whatever way', () => {
    check([], [], null);
    check([], [hold('out-of-service', 'a-cl2')], 'out-of-service');
    check([], [hold('out-of-service', 'a-cl2', { ended_at: moment(NOW_MS) })], null);
    check([on({ state: 'shelved' })], [], 'shelved');
    check([on({ state: 'shelved' })], [hold('out-of-service', 'a-cl2')], 'out-of-service');
    check([on({ state: 'active-acknowledged' })], [hold('proposal', 'w')], null);
  });

  it('says that a drill plays on it', () => {
    check([Object.assign(on({}), { exercise: 4 })], [], null, true);
    check([on({})], [], null);
  });
});
