// The marks of the plan: for each analyzer its highest tier and the worst state of its data, and
// whether something of it is kept from people or is not real.
import type { Analyzer, Channel, Hold, Tier, Warning } from '../api/contract';
import type { Condition } from './condition';
import { isDrill } from './drills';
import { analyzerCondition } from './equipment';
import { channelsOf } from './lookup';
import type { Park } from './park';
import { highestTier } from './tiers';
import { isUnacknowledged } from './warnings';

export interface Mark {
  analyzer: Analyzer;
  channels: readonly Channel[];
  tier: Tier | null;
  condition: Condition;
  /** Whether it feeds a warning that nobody has acknowledged. */
  unacknowledged: boolean;
  /** What is kept from calling people; it is watched all the same. */
  held: 'out-of-service' | 'shelved' | null;
  /** Whether a drill plays on it. */
  isDrill: boolean;
}

const channelsIn = (warnings: readonly Warning[]) =>
  new Set(warnings.flatMap(({ alarms, channels }) => [
    ...channels, ...alarms.map((alarm) => alarm.channel),
  ]));

/** Channels out of service by an act, and those of warnings that are held back. */
function heldChannels(park: Park, holds: readonly Hold[]) {
  const byAct = holds.filter(({ kind, ended_at }) => kind === 'out-of-service' && ended_at == null);
  const inState = (state: Warning['state']) => park.warnings.filter((one) => one.state === state);
  return {
    outOfService: new Set([
      ...byAct.map(({ subject }) => subject), ...channelsIn(inState('out-of-service')),
    ]),
    shelved: channelsIn(inState('shelved')),
  };
}

/** One mark for each analyzer, in the order of the site. */
export function marksOf(park: Park, nowMs: number, holds: readonly Hold[] = []): Mark[] {
  const held = heldChannels(park, holds);
  const drilled = channelsIn(park.warnings.filter(isDrill));
  const open = new Set(
    park.warnings
      .filter(isUnacknowledged)
      .flatMap((warning) => warning.alarms.map((alarm) => alarm.channel)),
  );
  return park.site.analyzers.map((analyzer) => {
    const channels = channelsOf(park.site, analyzer.id);
    const isIn = (ids: ReadonlySet<string>) => channels.some(({ id }) => ids.has(id));
    return {
      analyzer,
      channels,
      tier: highestTier(channels.map((channel) => park.values.get(channel.id)?.tier)),
      condition: analyzerCondition(park, analyzer, nowMs),
      unacknowledged: isIn(open),
      held: isIn(held.outOfService) ? 'out-of-service' : isIn(held.shelved) ? 'shelved' : null,
      isDrill: isIn(drilled),
    };
  });
}

function isSame(a: Mark | undefined, b: Mark): a is Mark {
  return a?.analyzer === b.analyzer && a.channels === b.channels && a.tier === b.tier
    && a.condition === b.condition && a.unacknowledged === b.unacknowledged
    && a.held === b.held && a.isDrill === b.isDrill;
}

/**
 * The marks, with those of `before` that say the same, or `before` itself where all do: what is the
 * same is not drawn again.
 */
export function steadyMarks(before: readonly Mark[], marks: readonly Mark[]): readonly Mark[] {
  const steady = marks.map((mark, i) => {
    const old = before[i];
    return isSame(old, mark) ? old : mark;
  });
  const isAll = before.length === steady.length && steady.every((mark, i) => mark === before[i]);
  return isAll ? before : steady;
}
