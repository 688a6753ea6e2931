// The time as the overview takes it: of a large park once a second, for each turn of it looks at
// every channel. What is late is marked in whole periods, a second is fine enough for that.
import { computed } from 'vue';

import { station } from '../stores/station';

/** Up to so many channels every turn of the clock is taken. */
const CHANNELS_MAX = 200;
const TURN_MS = 1_000;

export function useCalmNow() {
  return computed(() => {
    const nowMs = station.nowMs.value;
    const isLarge = (station.park.value?.site.channels.length ?? 0) > CHANNELS_MAX;
    return isLarge ? Math.floor(nowMs / TURN_MS) * TURN_MS : nowMs;
  });
}
