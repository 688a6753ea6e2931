// Draws of a long list only what one sees, by how far its box is scrolled. A short list is drawn
// whole. The keys Home and End reach the ends of the list, not of what is drawn.
import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, ref, shallowRef } from 'vue';

import { type Drawn, drawnOf } from '../domain/window';

/** Up to so many lines a list is drawn whole. */
export const WHOLE_MAX = 200;
/** Lines that are drawn before and after those one sees: the arrow keys move onto them. */
const MORE = 12;
/** Heights before the first lines are measured, in pixels. */
const LINE_PX = 24;

/** `kinds`: of each line which of two heights it has. */
export function useWindow(
  box: Ref<HTMLElement | null>, kinds: () => readonly ('head' | 'row')[],
) {
  const seen = shallowRef({ topPx: 0, heightPx: 0 });
  const heights = ref({ head: LINE_PX, row: LINE_PX });

  function heightOf(kind: 'head' | 'row'): number {
    const line = box.value?.querySelector(`[data-line="${kind}"]`);
    return line?.getBoundingClientRect().height ?? heights.value[kind];
  }

  function measure(): void {
    const { scrollTop: topPx = 0, clientHeight: heightPx = 0 } = box.value ?? {};
    if (topPx !== seen.value.topPx || heightPx !== seen.value.heightPx) {
      seen.value = { topPx, heightPx };
    }
    const [head, row] = [heightOf('head'), heightOf('row')];
    if (head !== heights.value.head || row !== heights.value.row) {
      heights.value = { head, row };
    }
  }

  const observer = new ResizeObserver(measure);
  onMounted(() => {
    if (box.value !== null) {
      box.value.addEventListener('scroll', measure, { passive: true });
      observer.observe(box.value);
    }
  });
  onBeforeUnmount(() => {
    box.value?.removeEventListener('scroll', measure);
    observer.disconnect();
  });

  const isWhole = computed(() => kinds().length <= WHOLE_MAX);
  const ends = computed(() => {
    let endPx = 0;
    return kinds().map((kind) => {
      endPx += heights.value[kind];
      return endPx;
    });
  });
  const drawn = computed<Drawn>(() => {
    if (isWhole.value) {
      return { from: 0, to: kinds().length, abovePx: 0, belowPx: 0 };
    }
    return drawnOf(ends.value, seen.value.topPx, seen.value.heightPx, MORE);
  });

  /** Before Home and End move the focus: their end of the list must be drawn. */
  async function reach(key: string): Promise<void> {
    if (!isWhole.value && box.value !== null && (key === 'Home' || key === 'End')) {
      box.value.scrollTop = key === 'Home' ? 0 : box.value.scrollHeight;
      measure();
      await nextTick();
    }
  }

  return { drawn, reach };
}
