// How many lines a box has room for. What would be cut off is left out before anybody sees it, so
// that it can be counted instead.
import { onBeforeUnmount, onMounted, onUpdated, ref, type Ref, watch } from 'vue';

/**
 * Lines that fit into `box`: `most` of them, or fewer, but one at least. It begins anew whenever
 * `what` is in the box changes, or the size of the window.
 */
export function useRoom(
  box: Readonly<Ref<HTMLElement | null>>, most: number, what: () => string,
): Readonly<Ref<number>> {
  const lines = ref(most);

  function again(): void {
    lines.value = most;
  }
  function fit(): void {
    const { value } = box;
    if (value !== null && value.scrollHeight > value.clientHeight && lines.value > 1) {
      lines.value -= 1;
    }
  }

  watch(what, again);
  onMounted(() => {
    fit();
    window.addEventListener('resize', again);
  });
  onUpdated(fit);
  onBeforeUnmount(() => {
    window.removeEventListener('resize', again);
  });
  return lines;
}
