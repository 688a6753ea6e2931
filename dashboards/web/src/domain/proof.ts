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
  const sinceMs = (moment: string | null | undefined) => {
    const ms = momentMs(moment);
    return ms === null ? null : Math.max(0, nowMs - ms);
  };
  const ageMs = sinceMs(proof.last_at);
  if (proof.state === 'broken') {
    const stage = proof.broken_at ?? null;
    const isOwed = stage === 'outbox' || stage === 'receipts';
    return { state: 'broken', ageMs: isOwed ? sinceMs(proof.receipted_at) : ageMs, stage };
  }
  if (ageMs !== null && ageMs > STALE_MS) {
    return { state: 'broken', ageMs, stage: 'page' };
  }
  return { state: ageMs === null ? 'waiting' : 'ok', ageMs, stage: null };
}
