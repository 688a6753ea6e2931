// The self-proof as this page sees it: pulses come to it by the stream like warnings do, so a pulse
// that is missing here is a way that is broken here, whatever the station believes.
import type { Proof } from '../api/contract';
import { momentMs } from './time';

/** Two periods and a half of the station's pulses; the same as its own limit. */
export const STALE_MS = 150_000;

export interface ProofShown {
  state: 'waiting' | 'ok' | 'broken';
  /** How long ago the newest pulse was sent that came to this page. */
  ageMs: number | null;
  /** Where it is held back, if the station knows. */
  stage: NonNullable<Proof['broken_at']> | 'page' | null;
}

export function proofShown(proof: Proof, nowMs: number): ProofShown {
  const lastMs = momentMs(proof.last_at);
  const ageMs = lastMs === null ? null : Math.max(0, nowMs - lastMs);
  if (proof.state === 'broken') {
    return { state: 'broken', ageMs, stage: proof.broken_at ?? null };
  }
  if (ageMs !== null && ageMs > STALE_MS) {
    return { state: 'broken', ageMs, stage: 'page' };
  }
  return { state: ageMs === null ? 'waiting' : 'ok', ageMs, stage: null };
}
