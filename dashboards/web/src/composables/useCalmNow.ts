// The time as the overview takes it: of a large park once a second, for each turn of it looks at
// every channel, and in between only when a value becomes stale.
import { computed } from 'vue';

import { calmMs } from '../domain/lateness';
import { station } from '../stores/station';

/** Up to so many channels every turn of the clock is taken. */
const CHANNELS_MAX = 200;

export function useCalmNow() {
  return computed<number>((before) => {
    const nowMs = station.nowMs.value;
    const park = station.park.value;
    const isLarge = park !== null && park.site.channels.length > CHANNELS_MAX;
    return isLarge ? calmMs(before ?? 0, nowMs, park) : nowMs;
  });
}
