// Asks for something again and again while a component is shown, and at once when what is asked for
// is another thing.
import { onBeforeUnmount, type Ref, watch } from 'vue';

import { type Polled, polled } from '../stores/polled';

/** `about`: what the answer belongs to; null asks nothing. */
export function usePolling<K, T>(
  about: Ref<K | null>, ask: (about: K) => Promise<T>, everyMs: number,
): Polled<T> {
  const answer = polled(async () => {
    const now = about.value;
    if (now === null) {
      throw new Error('nothing to ask about');
    }
    return ask(now);
  });
  const round = () => {
    if (about.value !== null) {
      void answer.refresh();
    }
  };
  watch(about, () => {
    // What belongs to another thing must not stand there while the new one comes.
    answer.forget();
    round();
  }, { immediate: true });
  const timer = window.setInterval(round, everyMs);
  onBeforeUnmount(() => {
    window.clearInterval(timer);
    answer.forget();
  });
  return answer;
}
