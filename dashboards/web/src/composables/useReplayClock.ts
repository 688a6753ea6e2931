// The moment that a replay shows: plays, waits for what is not here yet, stops at the end.
import { type Ref, onScopeDispose, ref, watch } from 'vue';

import type { Speed } from '../domain/replay';
import type { Span } from './useReplayData';

const TICK_MS = 250;
/** A tab in the background sleeps: what it slept through is not played at once. */
const TICK_MS_MAX = 1_000;

export function useReplayClock(span: Ref<Span | null>) {
  const atMs = ref(span.value?.fromMs ?? 0);
  const isPlaying = ref(false);
  const speed = ref<Speed>(10);
  /** Whether values for the moment are here; set by who loads them. */
  const isReady = ref(false);
  let lastMs = performance.now();

  function go(ms: number): void {
    const of = span.value;
    if (of !== null) {
      atMs.value = Math.round(Math.max(of.fromMs, Math.min(ms, of.toMs)));
    }
  }

  const timer = window.setInterval(() => {
    const nowMs = performance.now();
    const elapsedMs = Math.min(nowMs - lastMs, TICK_MS_MAX);
    lastMs = nowMs;
    if (isPlaying.value && isReady.value) {
      go(atMs.value + elapsedMs * speed.value);
      if (atMs.value >= (span.value?.toMs ?? 0)) {
        isPlaying.value = false;
      }
    }
  }, TICK_MS);
  watch(span, (of) => {
    isPlaying.value = false;
    atMs.value = of?.fromMs ?? 0;
  });
  onScopeDispose(() => {
    window.clearInterval(timer);
  });

  return { atMs, isPlaying, speed, isReady, go };
}
