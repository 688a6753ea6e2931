// The table of alarms: what is asked for, how it stands in the address, and in which order rows
// are shown. Pure; an unknown word of an address is as if it were not there.
import type { AlarmRecord, Tier, WarningState } from '../api/contract';
import { tierRank, TIERS } from './tiers';

/** What a tab shows. */
export type AlarmTab = 'all' | 'active' | 'returned' | 'aside' | 'history';

export const TABS: readonly AlarmTab[] = ['all', 'active', 'returned', 'aside', 'history'];

/** The states of a tab; none: all of them. */
export const STATES_OF: Record<AlarmTab, readonly WarningState[] | null> = {
  all: null,
  active: ['active-unacknowledged', 'active-acknowledged'],
  returned: ['returned-unacknowledged', 'latched-unacknowledged', 'latched-acknowledged'],
  aside: ['shelved', 'suppressed', 'out-of-service'],
  history: ['normal'],
};

/** The word of the station for alarms without a tier. */
export const EQUIPMENT = 'equipment';

export const COLUMNS = [
  'tier', 'state', 'what', 'area', 'channel', 'rule', 'value', 'raised', 'cleared', 'acknowledged',
] as const;
export type AlarmColumn = (typeof COLUMNS)[number];

export interface AlarmFilter {
  tab: AlarmTab;
  tier: Tier | typeof EQUIPMENT | null;
  gas: string | null;
  area: string | null;
  channel: string | null;
  rule: string | null;
  /** Active at this moment or later, ms since 1970. */
  fromMs: number | null;
  /** Begun before. */
  toMs: number | null;
  text: string;
  sort: AlarmColumn;
  /** Largest first. */
  down: boolean;
}

export const NO_FILTER: AlarmFilter = {
  tab: 'all', tier: null, gas: null, area: null, channel: null, rule: null,
  fromMs: null, toMs: null, text: '', sort: 'raised', down: true,
};

export type Query = Record<string, string | undefined>;

function whole(text: string | undefined): number | null {
  const number = Number(text);
  return text !== undefined && text !== '' && Number.isSafeInteger(number) ? number : null;
}

const word = (text: string | undefined) => (text === undefined || text === '' ? null : text);

/** The filter of an address. */
export function filterOf(query: Query): AlarmFilter {
  const tiers = [...TIERS, EQUIPMENT] as const;
  return {
    tab: TABS.find((known) => known === query['tab']) ?? NO_FILTER.tab,
    tier: tiers.find((known) => known === query['tier']) ?? null,
    gas: word(query['gas']),
    area: word(query['area']),
    channel: word(query['of']),
    rule: word(query['rule']),
    fromMs: whole(query['from']),
    toMs: whole(query['to']),
    text: query['text'] ?? '',
    sort: COLUMNS.find((known) => known === query['sort']) ?? NO_FILTER.sort,
    down: query['order'] === undefined ? NO_FILTER.down : query['order'] !== 'up',
  };
}

/** The address of a filter; what is as always is left out. `channel` belongs to the overview. */
export function queryOf(filter: AlarmFilter): Query {
  const { tab, tier, gas, area, channel, rule, fromMs, toMs, text, sort, down } = filter;
  const all: Record<string, string | null> = {
    tab: tab === NO_FILTER.tab ? null : tab,
    tier,
    gas,
    area,
    of: channel,
    rule,
    from: fromMs?.toString() ?? null,
    to: toMs?.toString() ?? null,
    text: text.trim() === '' ? null : text,
    sort: sort === NO_FILTER.sort ? null : sort,
    order: down === NO_FILTER.down ? null : 'up',
  };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) =>
    (value === null ? [] : [[key, value]])));
}

/** What the station is asked with, without the question mark. */
export function asked(filter: AlarmFilter): URLSearchParams {
  const params = new URLSearchParams();
  const states = STATES_OF[filter.tab];
  const all: [string, string | null][] = [
    ['state', states?.join(',') ?? null],
    ['tier', filter.tier],
    ['gas', filter.gas],
    ['area', filter.area],
    ['channel', filter.channel],
    ['rule', filter.rule],
    ['from_ms', filter.fromMs?.toString() ?? null],
    ['to_ms', filter.toMs?.toString() ?? null],
    ['text', filter.text.trim() === '' ? null : filter.text.trim()],
  ];
  all.forEach(([name, value]) => {
    if (value !== null) {
      params.set(name, value);
    }
  });
  return params;
}

/** What makes a record itself. */
export const keyOf = ({ raised_at_ms: ms, rule, channel }: AlarmRecord) =>
  `${ms}.${rule}.${channel}`;

/** Those that wait for somebody first, then those that go on, then what is kept aside. */
const STATE_ORDER: readonly WarningState[] = [
  'active-unacknowledged', 'latched-unacknowledged', 'returned-unacknowledged',
  'active-acknowledged', 'latched-acknowledged', 'shelved', 'suppressed', 'out-of-service',
  'normal',
];

type Key = number | string | null | undefined;

const KEYS: Record<AlarmColumn, (record: AlarmRecord) => Key> = {
  tier: (record) => tierRank(record.tier),
  state: (record) => -STATE_ORDER.indexOf(record.state),
  what: (record) => record.gas ?? record.kind,
  area: (record) => record.area,
  channel: (record) => record.channel,
  rule: (record) => record.rule,
  value: (record) => record.value,
  raised: (record) => record.raised_at_ms,
  cleared: (record) => record.cleared_at_ms,
  acknowledged: (record) => record.acknowledged_by,
};

function compare(a: Key, b: Key): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a - b;
  }
  return String(a).localeCompare(String(b));
}

/** The rows in the order of a column, newest first among equals; what has no value stands last. */
export function sorted(
  records: readonly AlarmRecord[], sort: AlarmColumn, down: boolean,
): AlarmRecord[] {
  const keys = new Map(records.map((record) => [record, KEYS[sort](record)]));
  return [...records].sort((one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    if ((a == null) !== (b == null)) {
      return a == null ? 1 : -1;
    }
    const order = a == null ? 0 : compare(a, b);
    return (down ? -order : order) || other.raised_at_ms - one.raised_at_ms
      || keyOf(one).localeCompare(keyOf(other));
  });
}

/**
 * A new first page over what is held: the page says everything about the time that it covers, what
 * is older stays. A page without an end covers all.
 */
export function withFirstPage(
  held: readonly AlarmRecord[], page: readonly AlarmRecord[], isAll: boolean,
): AlarmRecord[] {
  const last = page.at(-1);
  if (isAll || last === undefined) {
    return isAll ? [...page] : [...held];
  }
  const known = new Set(page.map(keyOf));
  const older = held.filter(
    (record) => record.raised_at_ms <= last.raised_at_ms && !known.has(keyOf(record)));
  return [...page, ...older];
}
