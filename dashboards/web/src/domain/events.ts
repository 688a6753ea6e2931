// Events of the live stream that are applied together. Their order stays, none is left out.
import type { ChannelValue } from '../api/contract';
import type { ShownValue } from './condition';
import { applyEvent, type LiveEvent, type Park } from './park';

type Readings = Extract<LiveEvent, { kind: 'readings' }>;

/** Readings as the stream brought them; `cameMs` is station time, null before it is known. */
export function broughtBy(values: readonly ChannelValue[], cameMs: number | null): Readings {
  return {
    kind: 'readings',
    values: cameMs === null ? values : values.map((value) => ({ ...value, cameMs })),
  };
}

/** Readings that follow each other as one event: each costs a copy of all values. */
export function joined(events: readonly LiveEvent[]): LiveEvent[] {
  const done: LiveEvent[] = [];
  let open: ShownValue[] = [];
  const close = () => {
    if (open.length > 0) {
      done.push({ kind: 'readings', values: open });
      open = [];
    }
  };
  for (const event of events) {
    if (event.kind === 'readings') {
      for (const value of event.values) {
        open.push(value);
      }
    } else {
      close();
      done.push(event);
    }
  }
  close();
  return done;
}

export function applyAll(park: Park, events: readonly LiveEvent[]): Park {
  return joined(events).reduce(applyEvent, park);
}

/** All readings among the events, in their order; null where there are none. */
export function readingsOf(events: readonly LiveEvent[]): Readings | null {
  const values = events.flatMap((event) => (event.kind === 'readings' ? event.values : []));
  return values.length > 0 ? { kind: 'readings', values } : null;
}
