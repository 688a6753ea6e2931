// The wind of a warning: now, while it goes on; as it was when it was raised, once it is over.
import { computed, onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';

import { api } from '../api/client';
import type { Series } from '../api/contract';
import type { Park } from '../domain/park';
import { type Wind, windOf } from '../domain/wind';

interface Asked {
  park: Park | null;
  nowMs: number;
  isLive: boolean;
  atMs: number | null;
}

/** The newest value of so long before a moment counts as the wind of that moment. */
const BACK_MS = 5 * 60_000;
const POINTS_MAX = 400;

function lastOf(series: Series): number | null {
  return series.points.findLast((point) => point.mean != null)?.mean ?? null;
}

export function useWindAt(asked: Ref<Asked>) {
  const past = shallowRef<Wind | null>(null);
  const now = computed<Wind | null>(() => {
    const { park, nowMs } = asked.value;
    return park === null ? null : windOf(
      park.site.channels, (id) => park.values.get(id),
      (analyzer) => park.analyzers.get(analyzer)?.poll_ms ?? 0, nowMs,
    );
  });

  async function load(atMs: number): Promise<void> {
    const channels = asked.value.park?.site.channels ?? [];
    const direction = channels.find(({ quantity }) => quantity === 'wind-direction');
    const speed = channels.find(({ quantity, analyzer }) =>
      quantity === 'wind-speed' && analyzer === direction?.analyzer);
    if (direction === undefined) {
      return;
    }
    const value = async (id: string | undefined) => (id === undefined
      ? null : lastOf(await api.readings(id, atMs - BACK_MS, atMs + 1, POINTS_MAX)));
    // What cannot be read is not known: the page says that of a wind without a direction.
    const [fromDeg, metres] = await Promise.all([value(direction.id), value(speed?.id)])
      .catch(() => [null, null] as const);
    past.value = {
      analyzer: direction.analyzer, fromDeg, speed: metres, speedUnit: speed?.unit ?? 'm/s',
    };
  }

  onBeforeUnmount(watch(() => [asked.value.isLive, asked.value.atMs] as const, ([live, atMs]) => {
    past.value = null;
    if (!live && atMs !== null) {
      void load(atMs);
    }
  }, { immediate: true }));
  return computed(() => (asked.value.isLive ? now.value : past.value));
}
