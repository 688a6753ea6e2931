// Two people who do the same at once: who was first, for the one who still writes. Pure.
import type { Hold, ReportField, Warning } from '../api/contract';
import { proposalOf } from './holds';

/** Who put a warning aside, or asked for it, and when; null: nobody yet. */
export function shelvedFirst(
  warning: Warning | null, holds: readonly Hold[],
): { by: string; at: string; isProposal: boolean } | null {
  if (warning === null) {
    return null;
  }
  if (warning.shelf != null) {
    return { by: warning.shelf.by, at: warning.shelf.begun_at, isProposal: false };
  }
  const proposal = proposalOf(holds, warning.id);
  return proposal === null ? null
    : { by: proposal.by, at: proposal.begun_at, isProposal: true };
}

/** What a person said last for a field of a report; null: nobody did. */
export function lastSaid(field: ReportField): { by: string; at: string } | null {
  const said = field.sources.findLast((source) => source.from === 'person');
  return said === undefined ? null : { by: said.what, at: said.at };
}

/** Who said something for a field since `seen`; null: nobody, or it was taken back. */
export function saidFirst(
  field: ReportField, seen: { by: string; at: string } | null,
): { by: string; at: string } | null {
  const now = lastSaid(field);
  return now === null || (now.by === seen?.by && now.at === seen.at) ? null : now;
}
