// Who is on duty, and hand-overs. Asked for only while somebody is signed in who may see contacts.
import { computed } from 'vue';

import { dutyApi } from '../api/duty';
import { polled } from './polled';

const duty = polled(dutyApi.duty);
const handOvers = polled(dutyApi.handOvers);

export async function refreshDuty(): Promise<void> {
  await Promise.all([duty.refresh(), handOvers.refresh()]);
}

export function forgetDuty(): void {
  duty.forget();
  handOvers.forget();
}

export const dutyNow = {
  duty: computed(() => duty.value.value),
  handOvers: computed(() => handOvers.value.value ?? []),
  problem: computed(() => duty.problem.value ?? handOvers.problem.value),
};
