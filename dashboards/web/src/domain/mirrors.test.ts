import { describe, expect, it } from 'vitest';

import { BEHIND_MS_MIN, mirrorsInNeed, mirrorState, sortedMirrors } from './mirrors';
import { mirror } from './samples';

describe('the state of a mirror', () => {
  it('is what its target does, and how old what waits is', () => {
    const state = (extra: Parameters<typeof mirror>[1]) => mirrorState(mirror('hall', extra));
    expect(state({})).toBe('current');
    expect(state({ oldest_waiting_ms: BEHIND_MS_MIN - 1 })).toBe('current');
    expect(state({ oldest_waiting_ms: BEHIND_MS_MIN })).toBe('behind');
    expect(state({ state: 'starting', oldest_waiting_ms: BEHIND_MS_MIN })).toBe('starting');
    expect(state({ state: 'retrying' })).toBe('away');
    expect(state({ state: 'blocked', oldest_waiting_ms: BEHIND_MS_MIN })).toBe('blocked');
  });

  it('that is not known is not well', () => {
    expect(mirrorState(mirror('hall', { state: 'asleep' }))).toBe('away');
  });
});

describe('several mirrors', () => {
  const all = [
    mirror('a'),
    mirror('b', { oldest_waiting_ms: 3_600_000, refused: 2 }),
    mirror('c', { state: 'retrying', missed_days: 1 }),
    mirror('d', { state: 'blocked' }),
    mirror('e', { state: 'retrying' }),
  ];

  it('are listed by urgency, in their order among equals', () => {
    expect(sortedMirrors(all).map((item) => item.mirror)).toEqual(['d', 'c', 'e', 'b', 'a']);
  });

  it('are counted for the foot', () => {
    expect(mirrorsInNeed(all)).toEqual({ away: 3, incomplete: 2 });
    expect(mirrorsInNeed(all.slice(0, 1))).toEqual({ away: 0, incomplete: 0 });
    expect(mirrorsInNeed([])).toEqual({ away: 0, incomplete: 0 });
  });
});
