// Who is on duty, and hand-overs. Asked for only while somebody is signed in who may see contacts.
import { defineStore, storeToRefs } from 'pinia';
import { computed } from 'vue';

import { dutyApi } from '../api/duty';
import { pinia } from './pinia';
import { polled } from './polled';
import { session } from './session';
import { station } from './station';

/** How far ahead the next shift is looked for. */
const AHEAD_MS = 36 * 3_600_000;

const duty = polled(dutyApi.duty);
const contacts = polled(dutyApi.contacts);
const shifts = polled(() =>
  dutyApi.shifts(station.nowMs.value, station.nowMs.value + AHEAD_MS));
const handOvers = polled(async () => (session.seesPark.value ? dutyApi.handOvers() : []));

export async function refreshDuty(): Promise<void> {
  await Promise.all([
    duty.refresh(), handOvers.refresh(), contacts.refresh(), shifts.refresh(),
  ]);
}

export function forgetDuty(): void {
  duty.forget();
  handOvers.forget();
  contacts.forget();
  shifts.forget();
}

const useDuty = defineStore('duty', () => ({
  duty: computed(() => duty.value.value),
  /** Whether the station has told the hand-overs, and whom one can call: before that nothing is
   * not none. */
  knowsHandOvers: computed(() => handOvers.value.value !== null),
  knowsContacts: computed(() => contacts.value.value !== null),
  handOvers: computed(() => handOvers.value.value ?? []),
  shifts: computed(() => shifts.value.value ?? []),
  contacts: computed(() => contacts.value.value ?? []),
  problem: computed(() => duty.problem.value ?? handOvers.problem.value),
}));

export const dutyNow = {
  ...storeToRefs(useDuty(pinia)),
  /** What people call somebody of the contact book. */
  personName: (id: string) =>
    contacts.value.value?.find((contact) => contact.id === id)?.name ?? id,
};
