import { describe, expect, it } from 'vitest';

import { keptTop, rowBy, shownRows, topFor } from './rows';

describe('rows of a long table', () => {
  it('are drawn where they are seen, and some beside', () => {
    expect(shownRows(0, 300, 30, 10_000)).toEqual({ from: 0, to: 23 });
    expect(shownRows(30_000, 300, 30, 10_000)).toEqual({ from: 988, to: 1_023 });
    expect(shownRows(299_700, 300, 30, 10_000)).toEqual({ from: 9_978, to: 10_000 });
    expect(shownRows(5_000, 300, 30, 3)).toEqual({ from: 0, to: 3 });
    expect(shownRows(0, 300, 30, 0)).toEqual({ from: 0, to: 0 });
  });

  it('are scrolled to only where they are not seen', () => {
    expect(topFor(5, 0, 300, 30)).toBe(0);
    expect(topFor(10, 0, 300, 30)).toBe(30);
    expect(topFor(0, 90, 300, 30)).toBe(0);
  });

  const places = (keys: string[]) => new Map(keys.map((key, i) => [key, i]));
  it('stay where they are read when others come before them', () => {
    const before = ['a', 'b', 'c', 'd'];
    expect(keptTop(65, 30, before, places(['x', 'y', ...before]))).toBe(125);
    expect(keptTop(65, 30, before, places(['a', 'b', 'd']))).toBe(35);
    expect(keptTop(65, 30, before, places([]))).toBe(65);
    // At the top the newest is what somebody looks at.
    expect(keptTop(0, 30, before, places(['x', ...before]))).toBe(0);
  });

  it('are reached by keys', () => {
    expect(rowBy('ArrowDown', 3, 10, 5)).toBe(4);
    expect(rowBy('PageDown', 8, 10, 5)).toBe(9);
    expect(rowBy('Home', 8, 10, 5)).toBe(0);
    expect(rowBy('End', 0, 10, 5)).toBe(9);
    expect(rowBy('x', 0, 10, 5)).toBeNull();
    expect(rowBy('End', 0, 0, 5)).toBeNull();
  });
});
