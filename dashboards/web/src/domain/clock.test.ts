import { expect, it } from 'vitest';

import { type Turn, turned } from './clock';

/** What is shown after each turn. */
function check(turnsMs: readonly number[], expected: readonly number[]): void {
  let turn: Turn = { shownMs: 0, atMs: 0, isPassed: false };
  const shown = turnsMs.map((atMs) => {
    turn = turned(turn, atMs);
    return turn.shownMs;
  });
  expect(shown).toEqual(expected);
}

it('each turn that is in time is shown', () => {
  check([250, 500, 760, 1_200, 1_700], [250, 500, 760, 1_200, 1_700]);
});

it('the first turn after the page stood still is passed over, and no other', () => {
  check([250, 1_500, 1_600, 1_850], [250, 250, 1_600, 1_850]);
});

it('a page that is always slow shows every second turn', () => {
  check([1_000, 2_000, 3_000, 4_000], [0, 2_000, 2_000, 4_000]);
});
