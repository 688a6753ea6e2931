// The wind of the last minutes: asked for when the link is there, kept up by what is read. A
// failure leaves it shorter: the wind of now does not hang on it.
import { computed, shallowRef, watch } from 'vue';

import { api } from '../api/client';
import { TRAIL_MIN, trailAt, trailOf, withWind } from '../domain/trail';
import { windOf } from '../domain/wind';
import { station } from '../stores/station';

const TRAIL_MS = TRAIL_MIN * 60_000;
/** Single readings of these minutes, up to two a second. */
const POINTS_MAX = 1_200;

export function useWindTrail() {
  const trail = shallowRef(trailOf([], null));
  const minute = computed(() => Math.floor(station.nowMs.value / 60_000));

  const channel = () => station.park.value?.site.channels.find(
    ({ quantity }) => quantity === 'wind-direction');

  async function load(): Promise<void> {
    const [of, toMs] = [channel(), station.nowMs.value];
    if (of === undefined || toMs === 0) {
      return;
    }
    try {
      const { points, slice_ms } = await api.readings(of.id, toMs - TRAIL_MS, toMs, POINTS_MAX);
      trail.value = trailOf(points, slice_ms ?? null);
    } catch {
      // The next link, or the next minutes, bring it.
    }
  }

  watch(() => station.link.value.need, (need) => {
    if (need === 'nothing') {
      void load();
    }
  }, { immediate: true });
  watch(station.latest, (event) => {
    const park = station.park.value;
    if (park === null || !event?.values.some((value) => value.channel === channel()?.id)) {
      return;
    }
    const nowMs = station.nowMs.value;
    const pollMsOf = (id: string) => park.analyzers.get(id)?.poll_ms ?? 0;
    const wind = windOf(park.site.channels, (id) => park.values.get(id), pollMsOf, nowMs);
    if (wind?.fromDeg != null) {
      trail.value = trailAt(withWind(trail.value, wind.fromDeg, nowMs), nowMs + 60_000);
    }
  });
  return computed(() => trailAt(trail.value, minute.value * 60_000));
}
