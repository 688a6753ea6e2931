// The readings of a channel over a span that was or still goes on: asked for once, and again at a
// slow pace while it goes on. A failure is given out, never hidden.
import { onBeforeUnmount, type Ref, shallowRef, watch } from 'vue';

import { api, problemText } from '../api/client';
import type { Series, Text } from '../api/contract';

export interface Span {
  channel: string | null;
  fromMs: number;
  toMs: number;
  isLive: boolean;
}

const POINTS_MAX = 600;
/** How far the end of a span that goes on has moved before it is asked for again. */
const STEP_MS = 5_000;

export function useSpan(span: Ref<Span>) {
  const series = shallowRef<Series | null>(null);
  const problem = shallowRef<Text | null>(null);
  let asked = 0;

  async function load(): Promise<void> {
    const { channel, fromMs, toMs } = span.value;
    if (channel === null || toMs <= fromMs) {
      return;
    }
    asked += 1;
    const mine = asked;
    try {
      const got = await api.readings(channel, fromMs, toMs + 1, POINTS_MAX);
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

  const turn = () => (span.value.isLive ? Math.floor(span.value.toMs / STEP_MS) : span.value.toMs);
  const stop = watch([() => span.value.channel, turn], ([channel], [before]) => {
    if (channel !== before) {
      series.value = null;
    }
    void load();
  }, { immediate: true });
  onBeforeUnmount(() => {
    stop();
    asked += 1;
  });
  return { series, problem, load };
}
