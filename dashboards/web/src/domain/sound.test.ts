import { describe, expect, it } from 'vitest';

import type { Warning } from '../api/contract';
import { warning } from './samples';
import {
  criesOf, type Cry, type Silence, SILENCE_MS, silenced, silenceLeftMs, withStationBack,
} from './sound';

const red = warning('r', { tier: 'red' });
const yellow = warning('y', { tier: 'yellow' });
const drill = Object.assign(warning('d', { tier: 'red' }), { exercise: 3 });
const acknowledged = { ...red, state: 'active-acknowledged' as const };

function check(
  warnings: readonly Warning[], expected: Cry[],
  { isLost = false, silence = null as Silence | null, nowMs = 0 } = {},
): void {
  expect(criesOf({ warnings, isLost }, silence, nowMs)).toEqual(expected);
}

describe('what is heard', () => {
  it('is the highest tier that nobody has acknowledged', () => {
    check([], []);
    check([yellow, red], ['red']);
    check([yellow, acknowledged], ['yellow']);
    check([acknowledged], []);
  });

  it('goes on when the gas is gone, and not for what is kept from people', () => {
    check([{ ...red, state: 'returned-unacknowledged' }], ['red']);
    check([{ ...red, state: 'latched-unacknowledged' }], ['red']);
    for (const state of ['shelved', 'suppressed', 'out-of-service'] as const) {
      check([{ ...red, state }], []);
    }
  });

  it('is a drill only where nothing real is', () => {
    check([drill], ['drill']);
    check([drill, yellow], ['yellow']);
    check([drill], ['lost'], { isLost: true });
  });

  it('is the loss of the station, and the warning that was open with it', () => {
    check([], ['lost'], { isLost: true });
    check([red], ['red', 'lost'], { isLost: true });
  });
});

describe('a silence', () => {
  const silence = silenced({ warnings: [yellow], isLost: false }, null, 0);

  it('covers what sounded, for a time', () => {
    check([yellow], [], { silence });
    check([yellow], [], { silence, nowMs: SILENCE_MS - 1 });
    check([yellow], ['yellow'], { silence, nowMs: SILENCE_MS });
    expect(silenceLeftMs(silence, 30_000)).toBe(SILENCE_MS - 30_000);
    expect(silenceLeftMs(silence, SILENCE_MS)).toBe(0);
    expect(silenceLeftMs(null, 0)).toBe(0);
  });

  it('is broken by what is new, has risen or came back', () => {
    check([yellow, red], ['red'], { silence });
    check([{ ...yellow, tier: 'orange' }], ['orange'], { silence });
    const gone = { ...yellow, state: 'returned-unacknowledged' as const };
    const ofGone = silenced({ warnings: [gone], isLost: false }, null, 0);
    check([gone], [], { silence: ofGone });
    check([yellow], ['yellow'], { silence: ofGone });
    check([gone], [], { silence });
  });

  it('once more covers what broke it, and what it covered before', () => {
    const heard = { warnings: [yellow, red], isLost: false };
    const again = silenced(heard, silence, 60_000);
    check([yellow, red], [], { silence: again, nowMs: 60_000 });
    check([yellow, red], ['red'], { silence: again, nowMs: 60_000 + SILENCE_MS });
  });

  it('covers one loss of the station and not the next', () => {
    const lost = silenced({ warnings: [], isLost: true }, null, 0);
    check([], [], { isLost: true, silence: lost });
    check([], ['lost'], { isLost: true, silence: withStationBack(lost) });
    check([], ['lost'], { isLost: true, silence });
  });
});
