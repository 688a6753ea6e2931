// Size of an element and of one rem in pixels, kept up to date.
import { onBeforeUnmount, onMounted, reactive, type Ref } from 'vue';

export interface ScreenSize {
  width: number;
  height: number;
  rem: number;
}

export function useScreenSize(element: Ref<Element | null>): ScreenSize {
  const size = reactive<ScreenSize>({ width: 0, height: 0, rem: 16 });
  const observer = new ResizeObserver(([entry]) => {
    if (entry !== undefined) {
      size.width = entry.contentRect.width;
      size.height = entry.contentRect.height;
      size.rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    }
  });
  onMounted(() => {
    if (element.value !== null) {
      observer.observe(element.value);
    }
  });
  onBeforeUnmount(() => {
    observer.disconnect();
  });
  return size;
}
