// What this page calls out, until a person has acknowledged it, and what a silence covers. A
// silence is never an acknowledgement: it ends by itself, and what is new or has risen breaks it at
// once.
import type { Tier, Warning } from '../api/contract';
import { isDrill, realOf } from './drills';
import { highestTier, tierRank } from './tiers';
import { isUnacknowledged } from './warnings';

/** What is to be heard: the highest tier, a drill, or that the page has lost the station. */
export type Cry = Tier | 'drill' | 'lost';

/** How long the silence button keeps quiet what sounds at that moment. */
export const SILENCE_MS = 120_000;

export interface Silence {
  /** Monotonic moment of its end. */
  untilMs: number;
  /** The warnings it covers, as loud as they were; what is louder now is not covered. */
  covers: ReadonlyMap<string, number>;
  /** Whether it covers that the station is lost. */
  coversLost: boolean;
}

export interface Heard {
  warnings: readonly Warning[];
  /** Whether the page is covered because it is not live. */
  isLost: boolean;
}

/** The tier first; a warning whose gas came back is louder than one that is gone. */
function loudness(warning: Warning): number {
  return tierRank(warning.tier) * 2 + (warning.state.startsWith('active') ? 1 : 0);
}

function holds(silence: Silence | null, nowMs: number): silence is Silence {
  return silence !== null && nowMs < silence.untilMs;
}

function isCovered(silence: Silence | null, warning: Warning, nowMs: number): boolean {
  return holds(silence, nowMs) && (silence.covers.get(warning.id) ?? -1) >= loudness(warning);
}

/** The warnings that call now, silenced ones left out. */
function calling({ warnings }: Heard, silence: Silence | null, nowMs: number): Warning[] {
  return warnings.filter((one) => isUnacknowledged(one) && !isCovered(silence, one, nowMs));
}

/**
 * What is to be heard, one after the other. A warning goes on sounding while the station is lost:
 * nobody can acknowledge it, and quiet would say that somebody has. A drill is heard only where
 * nothing real is.
 */
export function criesOf(heard: Heard, silence: Silence | null, nowMs: number): Cry[] {
  const open = calling(heard, silence, nowMs);
  const tier = highestTier(realOf(open).map((one) => one.tier));
  const isLost = heard.isLost && !(holds(silence, nowMs) && silence.coversLost);
  const real: Cry[] = [...(tier === null ? [] : [tier]), ...(isLost ? ['lost' as const] : [])];
  return real.length === 0 && open.some(isDrill) ? ['drill'] : real;
}

/** Keeps quiet what calls now, and what an earlier silence covers still. */
export function silenced(heard: Heard, before: Silence | null, nowMs: number): Silence {
  const kept = holds(before, nowMs) ? before.covers : new Map<string, number>();
  const covers = new Map(kept);
  calling(heard, before, nowMs).forEach((one) => covers.set(one.id, loudness(one)));
  return { untilMs: nowMs + SILENCE_MS, covers, coversLost: heard.isLost };
}

/** How long a silence goes on; 0 where there is none. */
export function silenceLeftMs(silence: Silence | null, nowMs: number): number {
  return holds(silence, nowMs) ? silence.untilMs - nowMs : 0;
}

/** The station is back: its next loss is a new one. */
export function withStationBack(silence: Silence | null): Silence | null {
  return silence === null ? null : { ...silence, coversLost: false };
}
