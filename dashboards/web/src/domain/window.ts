// Which lines of a long list are drawn: those one sees, and some before and after.

export interface Drawn {
  /** The first line that is drawn, and the first that is not any more. */
  from: number;
  to: number;
  /** Height of what is left out above and below, in pixels. */
  abovePx: number;
  belowPx: number;
}

/** The first place whose value is greater than `than`; `ends` rises. */
function firstBeyond(ends: readonly number[], than: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) > than) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** `ends`: where each line ends, in pixels from the top of the list. */
export function drawnOf(
  ends: readonly number[], topPx: number, heightPx: number, more: number,
): Drawn {
  const from = Math.max(0, firstBeyond(ends, topPx) - more);
  const to = Math.min(ends.length, firstBeyond(ends, topPx + heightPx) + 1 + more);
  const endOf = (line: number) => ends[line] ?? 0;
  const all = endOf(ends.length - 1);
  return { from, to, abovePx: from > 0 ? endOf(from - 1) : 0, belowPx: all - endOf(to - 1) };
}
