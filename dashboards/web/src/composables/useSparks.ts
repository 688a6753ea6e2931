// The last 24 hours of the channels in view: asked for in one request for many, kept for a while,
// never for a channel that nobody looks at. A failure is given out and tried again.
import { onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';

import { problemText } from '../api/client';
import { devicesApi } from '../api/devices';
import type { Bucket, Text } from '../api/contract';
import { sparkSpan, STEP_MS } from '../domain/sparks';
import { station } from '../stores/station';

/** Channels of one request: the station takes 100. */
const CHANNELS_MAX = 40;
/** Asked for again after this long. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 5_000;
/** Scrolling has come to rest. */
const SETTLE_MS = 150;
const ROUND_MS = 2_000;
/** Kept for the way back up; the oldest go. */
const KEPT_MAX = 400;

export interface Kept {
  steps: readonly Bucket[];
  fromMs: number;
  askedAtMs: number;
}

export function useSparks(inView: Ref<readonly string[]>) {
  const sparks = shallowRef<ReadonlyMap<string, Kept>>(new Map());
  const problem = shallowRef<Text | null>(null);
  let isAsking = false;
  let failedAtMs = -RETRY_MS;

  function wanted(nowMs: number): string[] {
    const isOld = (id: string) => {
      const kept = sparks.value.get(id);
      return kept === undefined || nowMs - kept.askedAtMs > FRESH_MS;
    };
    return inView.value.filter(isOld).slice(0, CHANNELS_MAX);
  }

  async function ask(ids: readonly string[], nowMs: number): Promise<void> {
    const { fromMs, toMs } = sparkSpan(nowMs);
    const got = await devicesApi.buckets(ids, fromMs, toMs, STEP_MS);
    const next = new Map(sparks.value);
    got.channels.forEach(({ channel, buckets }) => {
      // Put anew at the end: the map's order is the age of what it keeps.
      next.delete(channel);
      next.set(channel, { steps: buckets, fromMs, askedAtMs: nowMs });
    });
    [...next.keys()].slice(0, Math.max(0, next.size - KEPT_MAX)).forEach((id) => next.delete(id));
    sparks.value = next;
  }

  async function load(): Promise<void> {
    const nowMs = station.nowMs.value;
    const ids = nowMs === 0 ? [] : wanted(nowMs);
    if (isAsking || ids.length === 0 || performance.now() - failedAtMs < RETRY_MS) {
      return;
    }
    isAsking = true;
    try {
      await ask(ids, nowMs);
      problem.value = null;
    } catch (error) {
      problem.value = problemText(error);
      failedAtMs = performance.now();
    } finally {
      isAsking = false;
    }
    if (problem.value === null) {
      void load();
    }
  }

  let settling = 0;
  watch(inView, () => {
    window.clearTimeout(settling);
    settling = window.setTimeout(() => void load(), SETTLE_MS);
  }, { immediate: true });
  const rounds = window.setInterval(() => void load(), ROUND_MS);
  onBeforeUnmount(() => {
    window.clearTimeout(settling);
    window.clearInterval(rounds);
  });
  return { sparks, problem };
}
