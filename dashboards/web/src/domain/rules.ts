// The rules as the page lists them, and where a refused set has its problems. Pure. Says what the
// station says: works out no limit of its own.
import type { Rule, RulesRefused, RunningRule, Text, Tier } from '../api/contract';
import type { Park } from './park';
import { tierRank } from './tiers';

export type RuleKind = Rule['kind'];

/** Every kind of rule, as the rule reference has them. */
export const RULE_KINDS: readonly RuleKind[] = [
  'threshold', 'window-mean', 'rate-of-rise', 'trend', 'baseline', 'cusum', 'dose', 'vote',
  'boolean', 'contrast', 'no-data', 'stuck', 'jump', 'out-of-range',
];

export interface RuleLine {
  id: string;
  name: Text;
  kind: RuleKind | null;
  tier: Tier | null;
  source: string;
  /** How many channels it judges. */
  channels: number;
  /** In words of a rule file; none while the station's list does not have it. */
  text: string | null;
  /** The limits in the unit of the channel that is asked about. */
  raiseAt: number | null;
  clearBelow: number | null;
}

/** A kind that this page knows; one of a newer station is none. */
function kindOf(kind: string): RuleKind | null {
  return RULE_KINDS.find((known) => known === kind) ?? null;
}

function lineOf(rule: RunningRule): RuleLine {
  const { id, name, source, channels, text } = rule;
  const limits = { raiseAt: null, clearBelow: null };
  return {
    id, name, kind: kindOf(rule.kind), tier: rule.tier ?? null, source, channels, text, ...limits,
  };
}

/** All rules that run, in the order of their files. */
export function ruleLines(park: Park): RuleLine[] {
  return park.rules.rules.map(lineOf);
}

/** The rules of a channel with their limits in its unit; highest tier first, then the others. */
export function ruleLinesOf(park: Park, channel: string): RuleLine[] {
  const running = new Map(park.rules.rules.map((rule) => [rule.id, rule]));
  const lines = (park.channels.get(channel)?.rules ?? []).map((rule): RuleLine => ({
    id: rule.rule,
    name: rule.name,
    kind: kindOf(rule.kind),
    tier: rule.tier ?? null,
    source: rule.source,
    channels: running.get(rule.rule)?.channels ?? 1,
    text: running.get(rule.rule)?.text ?? null,
    raiseAt: rule.raise_at ?? null,
    clearBelow: rule.clear_below ?? null,
  }));
  return lines.sort((a, b) => tierRank(b.tier) - tierRank(a.tier));
}

const PLACE = /\[([^\s[\]]+\.toml):(\d+):\d+\]/g;
/** More files than this are not named in one line. */
const FILES_MAX = 3;

/**
 * The files of a refused set that have problems, each with the line of its first one; empty where
 * the report names none.
 */
export function refusedPlaces(refused: RulesRefused): string[] {
  const lines = new Map<string, number>();
  for (const [, file, line] of refused.report.matchAll(PLACE)) {
    if (file !== undefined) {
      lines.set(file, Math.min(lines.get(file) ?? Infinity, Number(line)));
    }
  }
  const places = [...lines].map(([file, line]) => `${file}:${line}`);
  return places.length > FILES_MAX ? [...places.slice(0, FILES_MAX), '…'] : places;
}
