// The readings of the shown channel: fetched, extended by the live stream, fetched again from time
// to time (late readings) and after every loss of the link. A failure is given out, never hidden.
import { type Ref, shallowRef, watch } from 'vue';

import { api, problemText } from '../api/client';
import type { Series, Text } from '../api/contract';
import { type Range, RANGE_MS } from '../domain/query';
import { since, withReading } from '../domain/series';
import { station } from '../stores/station';

/** More points than a screen has columns would only slow the chart. */
const POINTS_MAX = 1_200;
/** Fetched again after this long … */
const REFRESH_MS = 60_000;
/** … and sooner after a failure. */
const RETRY_MS = 5_000;

export function useSeries(channel: Ref<string | null>, range: Ref<Range>) {
  const series = shallowRef<Series | null>(null);
  const problem = shallowRef<Text | null>(null);
  let asked = 0;
  let fetchedAtMs = 0;

  async function load(): Promise<void> {
    const id = channel.value;
    const toMs = station.nowMs.value;
    if (id === null || toMs === 0) {
      return;
    }
    asked += 1;
    const mine = asked;
    fetchedAtMs = toMs;
    try {
      const got = await api.readings(id, toMs - RANGE_MS[range.value], toMs + 1, POINTS_MAX);
      if (mine === asked) {
        series.value = got;
        problem.value = null;
      }
    } catch (error) {
      if (mine === asked) {
        problem.value = problemText(error);
      }
    }
  }

  watch(
    [channel, range, () => station.link.value.generation],
    ([id], before) => {
      // What belongs to another channel or range must not stand there while the new one comes.
      if (before[0] !== id || series.value?.channel !== id || before[1] !== range.value) {
        series.value = null;
      }
      void load();
    },
    { immediate: true },
  );
  watch(station.latest, (event) => {
    const values = event?.values.filter((item) => item.channel === channel.value) ?? [];
    if (values.length > 0 && series.value?.channel === channel.value) {
      const fromMs = station.nowMs.value - RANGE_MS[range.value];
      series.value = since(values.reduce(withReading, series.value), fromMs);
    }
  });
  watch(station.nowMs, (nowMs) => {
    if (nowMs - fetchedAtMs > (problem.value === null ? REFRESH_MS : RETRY_MS)) {
      void load();
    }
  });

  return { series, problem, load };
}
