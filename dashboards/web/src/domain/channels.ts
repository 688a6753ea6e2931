// The list of all channels: which of them are shown, and what stands in the address for it. Pure.
import type { Channel, DueState } from '../api/contract';
import { type Condition, conditionOf, type Loudness, loudnessOf } from './condition';
import type { Park } from './park';

/** What a list can be narrowed to: an alarm, how its data are, or work that is due. */
export type StateFilter = 'alarm' | Loudness | DueState;

/** For each channel how due the work on its device is. */
export type DueStates = ReadonlyMap<string, readonly DueState[]>;

export const STATE_FILTERS: readonly StateFilter[] = [
  'alarm', 'blind', 'high', 'held', 'doubt', 'calm', 'overdue', 'no-record', 'soon',
];
const DUE: readonly string[] = ['overdue', 'no-record', 'soon'] satisfies DueState[];

export interface ChannelFilter {
  text: string;
  area: string | null;
  quantity: string | null;
  state: StateFilter | null;
}

/** The names under which a query has the parts of a filter. */
const KEYS = { text: 'q', area: 'area', quantity: 'gas', state: 'state' } as const;

type Query = Record<string, unknown>;

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** The filter of an address; what is missing or unknown narrows nothing. */
export function filterOf(query: Query): ChannelFilter {
  const state = STATE_FILTERS.find((known) => known === query[KEYS.state]);
  return {
    text: textOf(query[KEYS.text]),
    area: textOf(query[KEYS.area]) || null,
    quantity: textOf(query[KEYS.quantity]) || null,
    state: state ?? null,
  };
}

/** The query with the filter in it; other parts stay, and what narrows nothing is left out. */
export function queryWith(filter: ChannelFilter, query: Query): Query {
  const parts = Object.entries(KEYS).map(([part, key]) => {
    const value = filter[part as keyof ChannelFilter];
    return [key, value === null || value === '' ? undefined : value];
  });
  return { ...query, ...(Object.fromEntries(parts) as Query) };
}

/** What somebody may call a channel, in both languages. */
function namesOf(park: Park, channel: Channel): string {
  const analyzer = park.analyzers.get(channel.analyzer);
  const gas = park.gases.get(channel.quantity);
  const area = park.areas.get(channel.area);
  const texts = [analyzer?.name, gas?.name, area?.name].flatMap((text) =>
    (text ? [text.zh, text.en] : []));
  return [channel.id, channel.analyzer, channel.quantity, gas?.formula ?? '', ...texts]
    .join('\n').toLowerCase();
}

function isIn(
  state: StateFilter, channel: Channel, park: Park, due: DueStates, nowMs: number,
): boolean {
  if (DUE.includes(state)) {
    return due.get(channel.id)?.some((one) => one === state) ?? false;
  }
  const value = park.values.get(channel.id);
  if (state === 'alarm') {
    return value?.tier != null || (value?.no_data ?? false);
  }
  return loudnessOf(conditionIn(park, channel, nowMs)) === state;
}

/** The condition of a channel as the list shows it. */
export function conditionIn(park: Park, channel: Channel, nowMs: number): Condition {
  const pollMs = park.analyzers.get(channel.analyzer)?.poll_ms ?? 0;
  return conditionOf(park.values.get(channel.id), pollMs, nowMs);
}

/** The channels that a filter leaves, in the order of the site. Every word must be found. */
export function channelsOf(
  park: Park, filter: ChannelFilter, due: DueStates, nowMs: number,
): Channel[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return park.site.channels.filter((channel) => {
    const { area, quantity, state } = filter;
    if ((area !== null && channel.area !== area)
      || (quantity !== null && channel.quantity !== quantity)
      || (state !== null && !isIn(state, channel, park, due, nowMs))) {
      return false;
    }
    const names = words.length > 0 ? namesOf(park, channel) : '';
    return words.every((word) => names.includes(word));
  });
}
