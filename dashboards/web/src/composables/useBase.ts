// The base map of a site while a map is open: read from its file, and again after a while where
// that failed. The park is drawn without it.
import { onBeforeUnmount, ref, shallowRef } from 'vue';

import type { Site } from '../api/contract';
import type { Base } from '../components/map/archive';
import { type BaseState, settledState } from '../domain/basemap';

/** A station that restarts, or a file that is replaced, is tried again for as long as it takes. */
const AGAIN_AFTER_MS = 60_000;

export function useBase(site: () => Site, isWanted: () => boolean) {
  const base = shallowRef<Base | null>(null);
  const state = ref<BaseState>('none');
  let faults = 0;
  let again: number | null = null;
  let isGone = false;

  function failed(): void {
    state.value = base.value === null ? 'failed' : 'partly';
    again ??= window.setTimeout(() => {
      again = null;
      void open();
    }, AGAIN_AFTER_MS);
  }

  async function open(): Promise<void> {
    if (!isWanted() || !site().map || !site().origin) {
      return;
    }
    if (state.value === 'none') {
      state.value = 'reading';
    }
    try {
      const { openBase } = await import('../components/map/archive');
      const found = await openBase();
      if (isGone) {
        found.close();
        return;
      }
      base.value?.close();
      faults = 0;
      base.value = found;
      state.value = state.value === 'failed' ? 'reading' : state.value;
    } catch {
      if (!isGone) {
        failed();
      }
    }
  }

  /** A tile of it could not be read. */
  function faulted(): void {
    faults += 1;
    failed();
  }

  /** All tiles that were asked for have come or failed. */
  function settled(): void {
    if (base.value !== null) {
      state.value = settledState(state.value, faults);
    }
  }

  onBeforeUnmount(() => {
    isGone = true;
    window.clearTimeout(again ?? undefined);
    base.value?.close();
  });
  return { base, state, open, faulted, settled };
}
