import { describe, expect, it } from 'vitest';

import type { Correction } from '../api/contract';
import {
  correctionsOf, CORRECTIONS_MAX, newCount, newestCorrections, PAGE_MAX, withCorrection,
} from './corrections';
import { alarm, correction, moment, NOW_MS, warning } from './samples';

/** A station with corrections at these places; counts what it is asked. */
function stationWith(seqs: readonly number[]) {
  const asked: number[] = [];
  const ask = (after: number): Promise<Correction[]> => {
    asked.push(after);
    const found = seqs.filter((seq) => seq > after).slice(0, PAGE_MAX);
    return Promise.resolve(found.map((seq) => correction(seq)));
  };
  return { asked, ask };
}

/** Places `from`, `from + step` … up to `to`. */
function places(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}

async function check(seqs: readonly number[], ledgerSeq: number, requestsMax: number) {
  const { asked, ask } = stationWith(seqs);
  const found = await newestCorrections(ask, ledgerSeq);
  expect(found.map(({ seq }) => seq)).toEqual([...seqs].reverse().slice(0, CORRECTIONS_MAX));
  expect(asked.length).toBeLessThanOrEqual(requestsMax);
}

describe('the newest corrections', () => {
  it('of a young ledger take one request', async () => {
    await check([], 0, 1);
    await check([3, 7, 9], 12, 1);
  });

  it('are found behind thousands of older ones', async () => {
    await check(places(1, 3_500), 3_500, 4);
    await check(places(1, 300_000), 300_000, 21);
  });

  it('are found where there are few of them in a long ledger', async () => {
    await check([5, 17, 1_000_001], 1_000_002, 2);
    await check(places(10, 900), 1_000_000, 2);
  });

  it('of the stream come first and once', () => {
    const one = withCorrection([correction(4)], correction(6));
    expect(one.map(({ seq }) => seq)).toEqual([6, 4]);
    expect(withCorrection(one, correction(6))).toBe(one);
    const full = places(1, CORRECTIONS_MAX + 1).reduce<readonly Correction[]>(
      (list, seq) => withCorrection(list, correction(seq)), [],
    );
    expect([full.length, full[0]?.seq, full.at(-1)?.seq]).toEqual([200, 201, 2]);
  });
});

describe('a warning', () => {
  const open = warning('w', { channels: ['a-cl2'], raised_at: moment(NOW_MS) });
  const at = (ms: number, extra: Partial<Correction> = {}) =>
    correctionsOf(open, [correction(11, { at: moment(NOW_MS + ms), ...extra })]).length;

  it('is marked by corrections of its own alarms in its own time only', () => {
    expect([at(0), at(60_000), at(-1)]).toEqual([1, 1, 0]);
    expect(at(0, { alarm: alarm('b-cl2', 'red') })).toBe(0);
    expect(at(0, { alarm: alarm('a-cl2', null) })).toBe(0);
  });

  it('that has returned is not marked by what came after', () => {
    const over = { ...open, returned_at: moment(NOW_MS + 30_000) };
    const later = correction(11, { at: moment(NOW_MS + 30_001) });
    expect(correctionsOf(over, [later])).toEqual([]);
  });
});

it('what was found within the hour is new', () => {
  const found = [0, 3_600_000, 3_600_001].map((ms, i) =>
    correction(i, { found_at: moment(NOW_MS - ms) }));
  expect(newCount(found, NOW_MS)).toBe(2);
});
