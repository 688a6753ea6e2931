// Where words beside lines go when the lines lie close together. Pure.

export interface Label {
  /** Height of its line, in pixels from any fixed level. */
  atPx: number;
  widthPx: number;
}

/**
 * How far each label is shifted along its line, in pixels: none where there is room, else past
 * the labels it would cover. The order of the labels is the order of their claims.
 */
export function shiftsOf(labels: readonly Label[], heightPx: number, gapPx: number): number[] {
  const shifts: number[] = [];
  for (const label of labels) {
    const near = labels
      .slice(0, shifts.length)
      .map((other, i) => ({ ...other, fromPx: shifts[i] ?? 0 }))
      .filter((other) => Math.abs(other.atPx - label.atPx) < heightPx)
      .sort((a, b) => a.fromPx - b.fromPx);
    let shift = 0;
    for (const other of near) {
      const clear = shift + label.widthPx + gapPx <= other.fromPx;
      if (!clear) {
        shift = Math.max(shift, other.fromPx + other.widthPx + gapPx);
      }
    }
    shifts.push(shift);
  }
  return shifts;
}

/** Roughly how wide a text is, in parts of its size: never too little for our words. */
export function widthEm(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (letter < '\u2e80' ? 0.6 : 1), 0);
}
