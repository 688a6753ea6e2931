// Follows how far a long table is scrolled and how large it is, and says which rows to draw.
import { computed, onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

import { rowsInView } from '../domain/rowsInView';

/** `rowRem`: the height of a row, as the style sheet says it. */
export function useRowsInView(box: Ref<HTMLElement | null>, count: Ref<number>, rowRem: number) {
  const topPx = ref(0);
  const heightPx = ref(0);
  const rowPx = ref(rowRem * 16);

  function measure(): void {
    const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    rowPx.value = rowRem * root;
    heightPx.value = box.value?.clientHeight ?? 0;
  }

  function scrolled(): void {
    topPx.value = box.value?.scrollTop ?? 0;
  }

  const watcher = new ResizeObserver(measure);
  onMounted(() => {
    measure();
    if (box.value !== null) {
      watcher.observe(box.value);
    }
    box.value?.addEventListener('scroll', scrolled, { passive: true });
  });
  onBeforeUnmount(() => {
    watcher.disconnect();
    box.value?.removeEventListener('scroll', scrolled);
  });
  return computed(() => rowsInView(topPx.value, heightPx.value, rowPx.value, count.value));
}
