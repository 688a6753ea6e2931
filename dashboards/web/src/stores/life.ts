// What keeps warnings from people, floods and drills. The stream tells that something changed; what
// it is now is asked for.
import { defineStore, storeToRefs } from 'pinia';
import { computed } from 'vue';

import { lifeApi } from '../api/life';
import type { Drills } from '../api/contract';
import { heldOf } from '../domain/holds';
import { pinia } from './pinia';
import { polled } from './polled';
import { station } from './station';

/** Whether this station has drills; null: not asked yet. */
let hasDrills: boolean | null = null;

async function askDrills(): Promise<Drills | null> {
  hasDrills ??= (await lifeApi.paths()).includes('/api/v1/drills');
  return hasDrills ? lifeApi.drills() : null;
}

const holds = polled(lifeApi.holds);
const floods = polled(lifeApi.floods);
const drills = polled(askDrills);

export async function refreshLife(): Promise<void> {
  await Promise.all([holds.refresh(), floods.refresh(), drills.refresh()]);
}

const useLife = defineStore('life', () => ({
  holds: computed(() => holds.value.value ?? []),
  floods: computed(() => floods.value.value ?? []),
  drills: computed(() => drills.value.value),
  held: computed(() => heldOf(holds.value.value ?? [], station.park.value?.warnings ?? [])),
  /** Whether the station has said yet what is held: before that nothing is not none. */
  isKnown: computed(() => holds.value.value !== null),
  /** Why the holds shown may be old; null while they are not. */
  problem: computed(() => holds.problem.value),
}));

export const life = storeToRefs(useLife(pinia));
