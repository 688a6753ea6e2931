// Finds what belongs together without looking through everything each time. A list of the park is
// never changed, only replaced: what was sorted once stays right as long as the list is there.
import type { Alarm, AnalyzerHealth, Channel, Site } from '../api/contract';

type Grouped<T> = (items: readonly T[], key: string) => readonly T[];

const NONE: readonly never[] = [];

function groupedBy<T extends object>(keyOf: (item: T) => string): Grouped<T> {
  const known = new WeakMap<readonly T[], Map<string, T[]>>();
  const sorted = (items: readonly T[]) => {
    const groups = new Map<string, T[]>();
    for (const item of items) {
      const group = groups.get(keyOf(item));
      if (group === undefined) {
        groups.set(keyOf(item), [item]);
      } else {
        group.push(item);
      }
    }
    known.set(items, groups);
    return groups;
  };
  return (items, key) => (known.get(items) ?? sorted(items)).get(key) ?? NONE;
}

const channelsBy = groupedBy<Channel>((channel) => channel.analyzer);
const healthBy = groupedBy<AnalyzerHealth>((item) => item.analyzer);

/** The channels of an analyzer, in the order of the site. */
export function channelsOf(site: Pick<Site, 'channels'>, analyzer: string): readonly Channel[] {
  return channelsBy(site.channels, analyzer);
}

/** The active alarms of a channel. */
export const alarmsOf = groupedBy<Alarm>((alarm) => alarm.channel);

/** What the station says of the line to an analyzer. */
export function healthOf(
  all: readonly AnalyzerHealth[], analyzer: string,
): AnalyzerHealth | undefined {
  return healthBy(all, analyzer)[0];
}
