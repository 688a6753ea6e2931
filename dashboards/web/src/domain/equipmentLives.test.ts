import { expect, it } from 'vitest';

import type { EquipmentAlarm } from '../api/contract';
import { isWaiting, keyOf, lastAnswer, livesOf } from './equipmentLives';
import { moment, NOW_MS } from './samples';

type State = EquipmentAlarm['state'];

function life(rule: string, channel: string, state: State, byAtMs?: [string, number]) {
  const one: EquipmentAlarm = {
    alarm: { rule, kind: 'no-data', channel, since: moment(NOW_MS), unit: '' },
    state, is_active: state.startsWith('active'), changed_at: moment(NOW_MS),
  };
  if (byAtMs !== undefined) {
    const [by, ms] = byAtMs;
    Object.assign(one, { acknowledged_by: by, acknowledged_at: moment(ms) });
  }
  return one;
}

it('what is active or over waits until somebody says that they know', () => {
  const waiting: [State, boolean][] = [
    ['active-unacknowledged', true], ['returned-unacknowledged', true],
    ['active-acknowledged', false], ['shelved', false], ['out-of-service', false],
  ];
  for (const [state, expected] of waiting) {
    expect(isWaiting(life('r', 'c', state)), state).toBe(expected);
  }
});

it('an alarm is found by rule and channel together', () => {
  const all = [
    life('silent', 'a', 'active-unacknowledged'), life('silent', 'b', 'active-unacknowledged'),
    life('stuck', 'a', 'active-unacknowledged'),
  ];
  expect(livesOf(all, [{ rule: 'silent', channel: 'a' }]).map(keyOf))
    .toEqual([{ rule: 'silent', channel: 'a' }]);
  expect(livesOf(all, [{ rule: 'stuck', channel: 'b' }])).toEqual([]);
});

it('the last answer is told, and none of an alarm that came back since', () => {
  const early = life('silent', 'a', 'active-acknowledged', ['li', NOW_MS - 9_000]);
  const late = life('stuck', 'a', 'active-acknowledged', ['wang', NOW_MS - 1_000]);
  const again = life('jump', 'a', 'active-unacknowledged', ['zhao', NOW_MS]);
  expect(lastAnswer([early, late, again])).toEqual(
    { by: 'wang', at: moment(NOW_MS - 1_000), note: '' },
  );
  expect(lastAnswer([again])).toBeNull();
});
