// Edge gateways in words: what state one is in and what of it needs a person. Pure.
import type { Edge } from '../api/contract';
import { momentMs } from './time';

/** What a gateway does now, most urgent first. */
export type EdgeState = 'failing' | 'cut' | 'never' | 'behind' | 'live';

const URGENCY: readonly EdgeState[] = ['failing', 'cut', 'never', 'behind', 'live'];

/** Batches on their way are no backlog: two seconds of them at the shortest time between two. */
export const BEHIND_BATCHES_MIN = 20;
/** A clock this far off is shown: the station sets readings aside that are 5 s ahead of it. */
export const SKEW_MAX_MS = 2_000;
/** From this share on a spool is nearly full. */
export const SPOOL_FULL_PERCENT = 90;

const KIB = 1_024;

export function edgeState(edge: Edge): EdgeState {
  if (edge.connected && edge.spool?.failing != null) {
    return 'failing';
  }
  if (!edge.connected) {
    return momentMs(edge.last_frame_at) === null ? 'never' : 'cut';
  }
  return edge.batches_behind >= BEHIND_BATCHES_MIN ? 'behind' : 'live';
}

/** Gateways, most urgent first: a siren that is lost, then the state, then those in alarm. */
export function sortedEdges(edges: readonly Edge[]): Edge[] {
  const place = (edge: Edge) => URGENCY.indexOf(edgeState(edge));
  return [...edges].sort(
    (a, b) =>
      Number(isSirenLost(b)) - Number(isSirenLost(a)) ||
      place(a) - place(b) ||
      b.alarms.length - a.alarms.length ||
      a.edge.localeCompare(b.edge),
  );
}

/** What a siren does, the worst first; `mute` is silent though it should sound. */
export type SirenState = 'unreached' | 'mute' | 'sounding' | 'quiet';

export function sirenState(edge: Edge): SirenState | null {
  const { siren } = edge;
  if (siren == null) {
    return null;
  }
  if (siren.failing != null || siren.sounds == null) {
    return 'unreached';
  }
  return siren.sounds ? 'sounding' : siren.wanted ? 'mute' : 'quiet';
}

/** A siren of which nobody can say that it would sound. Of a cut gateway nothing is known. */
function isSirenLost(edge: Edge): boolean {
  const state = sirenState(edge);
  return edge.connected && (state === 'unreached' || state === 'mute');
}

/** What the header says of them: how many are cut, cannot store, or cannot sound their siren. */
export function edgesInNeed(
  edges: readonly Edge[],
): { cut: number; failing: number; siren: number } {
  const states = edges.map(edgeState);
  return {
    cut: states.filter((state) => state === 'cut' || state === 'never').length,
    failing: states.filter((state) => state === 'failing').length,
    siren: edges.filter(isSirenLost).length,
  };
}

/** How full the disk of a gateway is, per cent of its limit; never 100 before it is. */
export function spoolPercent(edge: Edge): number | null {
  const { bytes, bytes_max: max } = edge.spool ?? { bytes: 0, bytes_max: 0 };
  return max > 0 ? Math.floor((bytes / max) * 100) : null;
}

/** `12.3 MiB`, `2 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let at = 0;
  while (size >= KIB && at < units.length - 1) {
    size /= KIB;
    at += 1;
  }
  return `${Number(size.toFixed(1))} ${units[at] ?? ''}`;
}

/** `12 ms`, `8.2 s`: what is far off needs no milliseconds. */
export function skewText(ms: number): string {
  const size = Math.abs(ms);
  return size < 1_000 ? `${size} ms` : `${Number((size / 1_000).toFixed(1))} s`;
}
