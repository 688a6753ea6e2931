import { describe, expect, it } from 'vitest';

import { Batch, WAITING_MAX } from './batch';

/** A window whose clocks are moved by hand. */
function bench() {
  const taken: (readonly number[])[] = [];
  const due: { frame: (() => void)[]; later: (() => void)[] } = { frame: [], later: [] };
  const state = { hidden: false };
  const batch = new Batch<number>((items) => taken.push(items), {
    isHidden: () => state.hidden,
    frame: (then) => due.frame.push(then),
    later: (then) => due.later.push(then),
  });
  const pass = (which: 'frame' | 'later') => {
    due[which].splice(0).forEach((then) => {
      then();
    });
  };
  return { taken, batch, state, pass, due };
}

describe('a batch', () => {
  it('hands out readings together, after a moment, in order', () => {
    const { batch, taken, pass } = bench();
    [1, 2, 3].forEach((item) => {
      batch.add(item, false);
    });
    pass('frame');
    expect(taken).toEqual([]);
    pass('later');
    expect(taken).toEqual([[1, 2, 3]]);
    pass('later');
    expect(taken).toHaveLength(1);
  });

  it('hands out what is urgent with the next picture, after what came before it', () => {
    const { batch, taken, pass } = bench();
    batch.add(1, false);
    batch.add(2, true);
    pass('frame');
    batch.add(3, false);
    expect(taken).toEqual([[1, 2]]);
    pass('later');
    expect(taken).toEqual([[1, 2], [3]]);
  });

  it('does not wait for a picture that a hidden window never draws', () => {
    const { batch, taken, state, pass } = bench();
    batch.add(1, true);
    state.hidden = true;
    batch.add(2, true);
    expect(taken).toEqual([[1, 2]]);
    state.hidden = false;
    batch.add(3, true);
    pass('later');
    expect(taken).toEqual([[1, 2], [3]]);
  });

  it('holds no more than it may', () => {
    const { batch, taken, due } = bench();
    for (let item = 0; item < WAITING_MAX; item += 1) {
      batch.add(item, false);
    }
    expect(taken.map((items) => items.length)).toEqual([WAITING_MAX]);
    expect(due.later).toHaveLength(1);
  });
});
