// Which rows of a long table are drawn: those in view and some around them. All rows are equally
// high; those that are not drawn leave their room. Pure.

/** Rows above and below the view: the wheel shows no hole, the arrow keys find the next row. */
const AROUND = 8;

export interface RowsInView {
  first: number;
  /** The one after the last. */
  end: number;
  abovePx: number;
  belowPx: number;
}

export function rowsInView(
  topPx: number, heightPx: number, rowPx: number, count: number,
): RowsInView {
  const row = Math.max(1, rowPx);
  const within = (place: number) => Math.min(count, Math.max(0, place));
  // After the list has become shorter the old place may lie behind its end.
  const end = within(Math.ceil((topPx + heightPx) / row) + AROUND);
  const first = Math.min(within(Math.floor(topPx / row) - AROUND), end);
  return { first, end, abovePx: first * row, belowPx: (count - end) * row };
}
