// Which rows of a long table are drawn, and where it must be scrolled to. Rows are equally high.

export interface Shown {
  /** The first row that is drawn … */
  from: number;
  /** … and the one after the last. */
  to: number;
}

/** Rows beside those that are seen, so that scrolling finds them there. */
const AHEAD = 12;

/** The rows to draw at a place of the scroll bar. */
export function shownRows(top: number, height: number, rowPx: number, count: number): Shown {
  const first = Math.floor(Math.max(top, 0) / rowPx);
  const seen = Math.ceil(Math.max(height, 0) / rowPx) + 1;
  const from = Math.max(Math.min(first, count) - AHEAD, 0);
  return { from, to: Math.min(first + seen + AHEAD, count) };
}

/** Where to scroll so that a row is seen whole; the same place where it is seen already. */
export function topFor(row: number, top: number, height: number, rowPx: number): number {
  const begin = row * rowPx;
  if (begin < top) {
    return begin;
  }
  return begin + rowPx > top + height ? begin + rowPx - height : top;
}

/**
 * Where to scroll after rows have come or gone, so that what somebody reads stays where it is. At
 * the very top the newest is looked at, and stays so; a row that is gone leaves the place as it is.
 */
export function keptTop(
  top: number, rowPx: number, before: readonly string[], after: ReadonlyMap<string, number>,
): number {
  if (top < rowPx) {
    return top;
  }
  const first = Math.floor(top / rowPx);
  for (const key of before.slice(first, first + AHEAD)) {
    const now = after.get(key);
    if (now !== undefined) {
      return top + (now - before.indexOf(key, first)) * rowPx;
    }
  }
  return top;
}

/** The row that a key leads to; null where it leads nowhere. */
export function rowBy(key: string, at: number, count: number, page: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page,
    Home: 0, End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined || count === 0 ? null : Math.max(0, Math.min(wanted, count - 1));
}
