// The running picture of the station: snapshot plus live events, the link state and the clock.
// The one place where fetches and the stream meet; everything it decides is decided in `domain/`.
import { defineStore, storeToRefs } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

import { api, problemText } from '../api/client';
import type { AcknowledgeRequest, Heartbeat, Text, WarningEvent } from '../api/contract';
import { LiveStream } from '../api/stream';
import { type StationClock, stationNow, TICK_MS, turned } from '../domain/clock';
import { type LinkEvent, startLink, stepLink } from '../domain/link';
import { newestCorrections, PAGE_MAX } from '../domain/corrections';
import { applyAll, broughtBy, readingsOf } from '../domain/events';
import { type LiveEvent, type Park, parkOf } from '../domain/park';
import { momentMs } from '../domain/time';
import { Batch, CLOCKS } from './batch';
import { pinia } from './pinia';
import { askWho, session, wonder } from './session';

export type Named = Pick<Park, 'site' | 'areas' | 'gases' | 'channels'>;

const MINUTE_MS = 60_000;
/** Between two tries of a refetch that failed. */
const RETRY_MS = 1_000;
/** Beats in a row that may name a later ledger place than the page has seen. */
const LAG_BEATS_MAX = 3;
/** Events kept while a snapshot is on its way; beyond it the snapshot is fetched again. */
const HELD_EVENTS_MAX = 10_000;
/** How often health and gateways are asked for: the stream tells only that of the analyzers. */
const HEALTH_EVERY_MS = 5_000;

const monotonicMs = () => performance.now();

const park = shallowRef<Park | null>(null);
/** What has a name, as it was fetched: readings do not change it, so words are not made anew. */
const named = shallowRef<Named | null>(null);
/** The minute at the station: what shows a time of day need not look at every tick. */
const minuteMs = ref(0);
const link = shallowRef(startLink(monotonicMs()));
const clock = shallowRef<StationClock | null>(null);
const turn = shallowRef({ shownMs: monotonicMs(), atMs: monotonicMs(), isPassed: false });
const fetchProblem = shallowRef<Text | null>(null);
const healthProblem = shallowRef<Text | null>(null);
/** The newest event of a warning, for announcements. */
const newest = shallowRef<WarningEvent | null>(null);
/** Readings as they come, for the open trend. */
const latest = shallowRef<Extract<LiveEvent, { kind: 'readings' }> | null>(null);

/** Counts what was told beside readings: what is asked for may be old now. */
const changes = ref(0);

let held: LiveEvent[] = [];
let lagBeats = 0;
let retryAtMs = 0;
let healthAtMs = 0;
let fetching = false;

function step(event: LinkEvent): void {
  const before = link.value.generation;
  link.value = stepLink(link.value, event);
  if (link.value.generation !== before) {
    void refetch();
  }
}

function heard(beat: Heartbeat): number {
  const stationMs = momentMs(beat.now) ?? 0;
  clock.value = { stationMs, heardAtMs: monotonicMs() };
  return stationMs;
}

/** Health first: its ledger place is then surely contained in everything fetched after it. */
async function fetchPark(): Promise<Park> {
  const health = await api.health();
  const [site, values, warnings, alarms, rules, edges, corrections] = await Promise.all([
    api.site(),
    api.channels(),
    api.warnings(),
    api.alarms(),
    api.rules(),
    api.edges(),
    newestCorrections((after) => api.corrections(after, PAGE_MAX), health.seq),
  ]);
  return parkOf({ site, values, warnings, alarms, health, rules, edges, corrections });
}

async function refetch(): Promise<void> {
  if (fetching) {
    return;
  }
  fetching = true;
  const { generation } = link.value;
  // Only what comes after this moment can be newer than the snapshot.
  held = [];
  try {
    const snapshot = await fetchPark();
    if (generation === link.value.generation) {
      // What still waits is in `held`, or in the snapshot already.
      batch.flush();
      named.value = snapshot;
      park.value = applyAll(snapshot, held);
      fetchProblem.value = null;
      lagBeats = 0;
    }
    const stationMs = momentMs(snapshot.health.now) ?? 0;
    fetching = false;
    step({ kind: 'fetched', atMs: monotonicMs(), generation, stationMs });
  } catch (error) {
    fetching = false;
    fetchProblem.value = problemText(error);
    step({ kind: 'fetch-failed', atMs: monotonicMs(), generation });
  }
  retryAtMs = monotonicMs() + RETRY_MS;
  if (generation !== link.value.generation) {
    // A newer greeting has overtaken the answer.
    void refetch();
  }
}

function take(event: LiveEvent): void {
  if (fetching) {
    held.push(event);
    if (held.length > HELD_EVENTS_MAX) {
      held = [];
      step({ kind: 'reset', atMs: monotonicMs() });
    }
  }
  batch.add(event, event.kind !== 'readings');
}

/** What came since the last picture of the screen changes the page once. */
const batch = new Batch<LiveEvent>((events) => {
  if (park.value !== null) {
    park.value = applyAll(park.value, events);
  }
  latest.value = readingsOf(events) ?? latest.value;
  if (events.some(({ kind }) => kind === 'warning' || kind === 'noted')) {
    changes.value += 1;
  }
}, CLOCKS);

/** The station is further than the page for several beats: something was missed on the way. */
function watchLag(beat: Heartbeat): void {
  const behind = park.value !== null && beat.seq > park.value.seq;
  lagBeats = behind ? lagBeats + 1 : 0;
  if (lagBeats > LAG_BEATS_MAX && link.value.need === 'nothing') {
    lagBeats = 0;
    step({ kind: 'reset', atMs: monotonicMs() });
  }
}

async function refreshHealth(): Promise<void> {
  healthAtMs = monotonicMs() + HEALTH_EVERY_MS;
  try {
    const [health, edges] = await Promise.all([api.health(), api.edges()]);
    if (park.value !== null) {
      // The analyzers stay as the stream told them: this answer may be older.
      const { analyzers } = park.value.health;
      park.value = { ...park.value, edges, health: { ...health, analyzers } };
    }
    healthProblem.value = null;
  } catch (error) {
    healthProblem.value = problemText(error);
  }
}

const stream = new LiveStream(
  {
    hello: (beat) => {
      heard(beat);
      step({ kind: 'hello', atMs: monotonicMs() });
    },
    beat: (beat) => {
      const stationMs = heard(beat);
      step({ kind: 'beat', atMs: monotonicMs(), stationMs });
      watchLag(beat);
    },
    reset: () => {
      step({ kind: 'reset', atMs: monotonicMs() });
    },
    broken: () => {
      wonder();
      step({ kind: 'error', atMs: monotonicMs() });
    },
    warning: (event) => {
      take({ kind: 'warning', event });
      newest.value = event;
    },
    alarm: (event) => {
      take({ kind: 'alarm', event });
    },
    readings: (values) => {
      take(broughtBy(values, stationNow(clock.value, monotonicMs())));
    },
    health: (analyzers) => {
      take({ kind: 'health', analyzers });
    },
    pulse: (pulse) => {
      take({ kind: 'pulse', pulse });
    },
    noted: ({ seq }) => {
      take({ kind: 'noted', seq: seq ?? null });
    },
    correction: (event) => {
      take({ kind: 'correction', event });
    },
    rules: (event) => {
      take({ kind: 'rules', event });
      step({ kind: 'reset', atMs: monotonicMs() });
    },
  },
  monotonicMs,
);

function tick(): void {
  const atMs = monotonicMs();
  turn.value = turned(turn.value, atMs);
  minuteMs.value = Math.floor(nowMs.value / MINUTE_MS) * MINUTE_MS;
  step({ kind: 'tick', atMs });
  if (session.need.value !== 'nothing') {
    // Nothing is to be had until somebody signs in.
    return;
  }
  if (link.value.need === 'hello') {
    stream.reopenIfDead(link.value.missingSinceMs);
  } else if (link.value.need === 'data' && !fetching && atMs > retryAtMs) {
    void refetch();
  } else if (link.value.need === 'nothing' && atMs > healthAtMs) {
    void refreshHealth();
  }
}

/** Opens the stream and starts the timer; gives back how to stop both. */
export function startStation(): () => void {
  void askWho();
  stream.open();
  const timer = window.setInterval(tick, TICK_MS);
  return () => {
    window.clearInterval(timer);
    stream.close();
  };
}

/**
 * Acknowledges. The page changes by the event on the stream, never by the answer: an answer that
 * is overtaken by an escalation would show a red warning as acknowledged.
 */
export async function acknowledge(id: string, act: AcknowledgeRequest): Promise<void> {
  await api.acknowledge(id, act);
}

/** Station time now; 0 before the station has been heard. */
const nowMs = computed(() => stationNow(clock.value, turn.value.shownMs) ?? 0);

const useStation = defineStore('station', () => ({
  park: computed(() => park.value),
  named: computed(() => named.value),
  minuteMs: computed(() => minuteMs.value),
  link: computed(() => link.value),
  nowMs,
  fetchProblem: computed(() => fetchProblem.value),
  healthProblem: computed(() => healthProblem.value),
  newest: computed(() => newest.value),
  latest: computed(() => latest.value),
  changes: computed(() => changes.value),
}));

export const station = storeToRefs(useStation(pinia));
