// Which channel the trend shows. Until the operator chooses one it follows the highest warning,
// and it stays on a channel for as long as that channel feeds that warning.
import { computed, ref, watchEffect } from 'vue';

import { evidenceOf, sortWarnings } from '../domain/warnings';
import { station } from '../stores/station';
import { view } from '../stores/view';

const followed = ref<string | null>(null);

function follow(): string | null {
  const park = station.park.value;
  if (park === null) {
    return null;
  }
  const [top] = sortWarnings(park.warnings);
  const feeding = top?.alarms.filter((alarm) => alarm.tier === top.tier) ?? [];
  if (feeding.some((alarm) => alarm.channel === followed.value)) {
    return followed.value;
  }
  const evidence = top === undefined ? null : evidenceOf(top, park);
  const first = park.site.channels.find((channel) => channel.is_gas);
  return evidence?.channel.id ?? followed.value ?? first?.id ?? null;
}

export function useSelection() {
  watchEffect(() => {
    followed.value = follow();
  });
  const selected = computed(() => {
    const chosen = view.channel;
    const known = chosen !== null && station.park.value?.channels.has(chosen);
    return known ? chosen : followed.value;
  });
  const isChosen = computed(() => view.channel !== null);
  const select = (channel: string | null) => {
    view.channel = channel;
  };
  return { selected, isChosen, select };
}
