// Whether what the page shows is live. A pure state machine: the stream, the timer and the
// fetches feed it; the page is covered whenever it says so. It may only uncover after a greeting
// of the stream and a complete refetch that began after it.

/** Longest silence of the stream (it beats every second) before the page is covered. */
export const SILENCE_MAX_MS = 2_500;

export interface Link {
  /** What is still missing before the page is live. */
  need: 'hello' | 'data' | 'nothing';
  /** Whether the page must be covered. */
  covered: boolean;
  /** Counts the refetches that were asked for; an answer to an older one does not count. */
  generation: number;
  /** Monotonic moment of the last sign of life of the stream. */
  aliveAtMs: number;
  /** Monotonic moment since when something is missing. */
  missingSinceMs: number;
  /** Station time up to which the shown data are complete; null before the first time. */
  asOfMs: number | null;
}

export type LinkEvent =
  | { kind: 'hello' | 'reset'; atMs: number }
  | { kind: 'beat'; atMs: number; stationMs: number }
  | { kind: 'error'; atMs: number }
  | { kind: 'tick'; atMs: number }
  | { kind: 'fetched'; atMs: number; generation: number; stationMs: number }
  | { kind: 'fetch-failed'; atMs: number; generation: number };

export function startLink(atMs: number): Link {
  return {
    need: 'hello',
    covered: false,
    generation: 0,
    aliveAtMs: atMs,
    missingSinceMs: atMs,
    asOfMs: null,
  };
}

function missing(link: Link, need: 'hello' | 'data', atMs: number): Link {
  const missingSinceMs = link.need === 'nothing' ? atMs : link.missingSinceMs;
  return { ...link, need, missingSinceMs };
}

function onTick(link: Link, atMs: number): Link {
  if (atMs - link.aliveAtMs > SILENCE_MAX_MS) {
    return { ...missing(link, 'hello', atMs), covered: true };
  }
  const slow = link.need !== 'nothing' && atMs - link.missingSinceMs > SILENCE_MAX_MS;
  return slow && !link.covered ? { ...link, covered: true } : link;
}

export function stepLink(link: Link, event: LinkEvent): Link {
  switch (event.kind) {
    case 'hello':
    case 'reset': {
      const wanted = missing(link, 'data', event.atMs);
      return { ...wanted, generation: link.generation + 1, aliveAtMs: event.atMs };
    }
    case 'beat': {
      const asOfMs = link.need === 'nothing' ? event.stationMs : link.asOfMs;
      return { ...link, aliveAtMs: event.atMs, asOfMs };
    }
    case 'error':
      return { ...missing(link, 'hello', event.atMs), covered: true };
    case 'tick':
      return onTick(link, event.atMs);
    case 'fetched':
      return link.need === 'data' && event.generation === link.generation
        ? { ...link, need: 'nothing', covered: false, asOfMs: event.stationMs }
        : link;
    case 'fetch-failed':
      return event.generation === link.generation ? { ...link, covered: true } : link;
  }
}
