// The lines of the table of values, in a fixed order: areas as the site names them, what lies in no
// area, the weather.
import type { Channel, Site } from '../api/contract';

/** Groups that are no area. */
const OUTSIDE = 'outside';
const WEATHER = 'weather';

export type TableLine =
  | { kind: 'head'; key: string; group: string }
  | { kind: 'row'; key: string; channel: Channel };

export function tableLines(site: Pick<Site, 'areas' | 'channels'>): TableLine[] {
  // Each group under a key of its own: an area may be called as they are.
  const groups = new Map<string, { group: string; channels: Channel[] }>(
    site.areas.map(({ id }) => [`area ${id}`, { group: id, channels: [] }]),
  );
  groups.set(OUTSIDE, { group: OUTSIDE, channels: [] });
  groups.set(WEATHER, { group: WEATHER, channels: [] });
  for (const channel of site.channels) {
    const place = channel.is_gas ? `area ${channel.area}` : WEATHER;
    (groups.get(place) ?? groups.get(OUTSIDE))?.channels.push(channel);
  }
  return [...groups].flatMap(([key, { group, channels }]): TableLine[] =>
    channels.length === 0 ? [] : [
      { kind: 'head', key: `head ${key}`, group },
      ...channels.map((channel) => ({ kind: 'row' as const, key: `row ${channel.id}`, channel })),
    ],
  );
}
