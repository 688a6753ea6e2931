// How many lines a box has room for. What would be cut off is left out before anybody sees it, so
// that it can be counted instead.
import { nextTick, onBeforeUnmount, onUpdated, ref, type Ref, watch } from 'vue';

/**
 * Lines that fit into `box`: `most` of them, or fewer, but one at least. It begins anew whenever
 * `what` is in the box changes, or the size of the box.
 */
export function useRoom(
  box: Readonly<Ref<HTMLElement | null>>, most: number, what: () => string,
): Readonly<Ref<number>> {
  const lines = ref(most);

  function fit(): void {
    const { value } = box;
    if (value !== null && value.scrollHeight > value.clientHeight && lines.value > 1) {
      lines.value -= 1;
    }
  }
  /** Each line less is drawn before it is looked at again. */
  function again(): void {
    lines.value = most;
    void nextTick(fit);
  }

  const sizes = new ResizeObserver(again);
  watch(box, (now) => {
    sizes.disconnect();
    if (now !== null) {
      sizes.observe(now);
    }
  }, { flush: 'post' });
  watch(what, again);
  onUpdated(fit);
  onBeforeUnmount(() => {
    sizes.disconnect();
  });
  return lines;
}
