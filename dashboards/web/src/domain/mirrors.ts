// Mirrors in words: what state one is in, how far its target is behind, and what of it needs a
// person. Pure.
import type { MirrorHealth } from '../api/contract';

/** What a mirror does now, most urgent first. */
export type MirrorState = 'blocked' | 'away' | 'behind' | 'starting' | 'current';

const URGENCY: readonly MirrorState[] = ['blocked', 'away', 'behind', 'starting', 'current'];

/** Readings on their way are no backlog: the lag is looked at every 5 s, a request takes 20 s. */
export const BEHIND_MS_MIN = 60_000;

export function mirrorState(mirror: MirrorHealth): MirrorState {
  switch (mirror.state) {
    case 'blocked':
      return 'blocked';
    case 'ok':
      return mirror.oldest_waiting_ms >= BEHIND_MS_MIN ? 'behind' : 'current';
    case 'starting':
      return 'starting';
    default:
      // A state that this page does not know is none that is well.
      return 'away';
  }
}

/** Mirrors, most urgent first, in the site's order among equals. */
export function sortedMirrors(mirrors: readonly MirrorHealth[]): MirrorHealth[] {
  const place = (mirror: MirrorHealth) => URGENCY.indexOf(mirrorState(mirror));
  return [...mirrors].sort((a, b) => place(a) - place(b));
}

/** How many are not written to, and how many can do with a look: refused lines, missed days. */
export function mirrorsInNeed(
  mirrors: readonly MirrorHealth[],
): { away: number; incomplete: number } {
  const isAway = (mirror: MirrorHealth) => ['blocked', 'away'].includes(mirrorState(mirror));
  return {
    away: mirrors.filter(isAway).length,
    incomplete: mirrors.filter((one) => one.refused > 0 || one.missed_days > 0).length,
  };
}
