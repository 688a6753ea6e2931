// The open incidents and their clocks that somebody must look at.
import { defineStore, storeToRefs } from 'pinia';
import { computed } from 'vue';

import { incidentsApi } from '../api/incidents';
import { pinia } from './pinia';
import { polled } from './polled';

const open = polled(() => incidentsApi.list(false));

export const refreshIncidents = open.refresh;

const useIncidents = defineStore('incidents', () => ({
  open: computed(() => open.value.value?.incidents ?? []),
  /** Whether the station has answered yet. */
  isKnown: computed(() => open.value.value !== null),
  notices: computed(() => open.value.value?.notices ?? []),
  failure: computed(() => open.value.value?.failure ?? null),
  problem: computed(() => open.problem.value),
}));

export const incidents = storeToRefs(useIncidents(pinia));
