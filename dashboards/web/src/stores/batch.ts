// Gathers events of the stream, so that the page is drawn once for many of them. Keeps their order
// and loses none. A warning never waits longer than for the next picture of the screen; readings
// wait a moment for others. A page that is not shown draws no pictures: there nothing waits.

/** Readings wait so long for others. */
export const GATHER_MS = 200;
/** With so many, nothing waits any longer. */
export const WAITING_MAX = 10_000;

/** The clocks of the window. */
export interface Clocks {
  isHidden: () => boolean;
  /** Before the next picture of the screen. */
  frame: (then: () => void) => void;
  later: (then: () => void, ms: number) => void;
}

export const CLOCKS: Clocks = {
  isHidden: () => document.hidden,
  frame: (then) => {
    requestAnimationFrame(then);
  },
  later: (then, ms) => {
    window.setTimeout(then, ms);
  },
};

export class Batch<T> {
  private waiting: T[] = [];

  constructor(
    private readonly take: (items: readonly T[]) => void,
    private readonly clocks: Clocks,
  ) {}

  /** `isUrgent`: it must be seen in the next picture, and with it what came before. */
  add(item: T, isUrgent: boolean): void {
    const isFirst = this.waiting.length === 0;
    this.waiting.push(item);
    if (this.clocks.isHidden() || this.waiting.length >= WAITING_MAX) {
      this.flush();
      return;
    }
    if (isUrgent) {
      this.clocks.frame(this.flush);
    }
    if (isFirst) {
      // Also for what is urgent: a window that is hidden now gets no frame any more.
      this.clocks.later(this.flush, GATHER_MS);
    }
  }

  /** Hands out what waits, now; nothing where nothing does. */
  readonly flush = (): void => {
    if (this.waiting.length > 0) {
      const items = this.waiting;
      this.waiting = [];
      this.take(items);
    }
  };
}
