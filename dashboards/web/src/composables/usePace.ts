// Asks again and again while a component is there: when something happened at the station, and at
// a fixed pace for what the stream does not tell.
import { onBeforeUnmount, watch } from 'vue';

import { station } from '../stores/station';

const EVERY_MS = 5_000;

/** Calls `ask` now, when `of` changes, with each change at the station, and every few seconds. */
export function usePace(ask: () => unknown, of: () => unknown = () => null): void {
  const turn = () => Math.floor(station.nowMs.value / EVERY_MS);
  onBeforeUnmount(watch([of, station.changes, turn], () => {
    ask();
  }, { immediate: true }));
}
