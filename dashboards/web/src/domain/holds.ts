// What is kept from calling people: shelves, channels out of service, proposals, and warnings that
// are suppressed by design.
import type { Hold, Warning } from '../api/contract';

export interface Held {
  /** Shelves and cancellations that wait for a second person, the soonest over first. */
  proposals: Hold[];
  shelves: Hold[];
  outOfService: Hold[];
  /** Warnings whose alarms are suppressed by design. */
  suppressed: Warning[];
  /** How many keep something from people now; a proposal does not yet. */
  count: number;
}

export function heldOf(holds: readonly Hold[], warnings: readonly Warning[]): Held {
  const open = holds.filter((hold) => hold.ended_at == null);
  const of = (kind: string) =>
    open.filter((hold) => hold.kind === kind).sort((a, b) => a.until_ms - b.until_ms);
  const proposals = open.filter(isProposal).sort((a, b) => a.until_ms - b.until_ms);
  const [shelves, outOfService] = [of('shelf'), of('out-of-service')];
  const suppressed = warnings.filter((warning) => warning.state === 'suppressed');
  const count = shelves.length + outOfService.length + suppressed.length;
  return { proposals, shelves, outOfService, suppressed, count };
}

/** Whether a hold only waits for a second person: a shelf, or a cancellation. */
export function isProposal(hold: Hold): boolean {
  return hold.kind === 'proposal' || hold.kind === 'cancellation';
}

/** The proposal that waits for a second person about this subject. */
export function proposalOf(holds: readonly Hold[], subject: string): Hold | null {
  const found = holds.find((hold) =>
    isProposal(hold) && hold.subject === subject && hold.ended_at == null);
  return found ?? null;
}

/** Whether two names are one person, as the station judges it: letters' size and blanks aside. */
export function isSamePerson(one: string, other: string): boolean {
  const plain = (name: string) => name.replace(/\s+/gu, '').toLowerCase();
  return plain(one) === plain(other);
}

/** Time left by the station's clock; never negative. */
export function leftMs(hold: Hold, nowMs: number): number {
  return Math.max(0, hold.until_ms - nowMs);
}
