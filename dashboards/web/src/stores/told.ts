// Who is told by name, and which of them did not take what they were told: an alarm of the station
// about itself. The stream tells that something changed; what it is now is asked for.
import { defineStore, storeToRefs } from 'pinia';
import { computed } from 'vue';

import { messagesApi } from '../api/messages';
import { owedOf } from '../domain/messages';
import { pinia } from './pinia';
import { polled } from './polled';

const recipients = polled(messagesApi.recipients);
const equipment = polled(messagesApi.equipment);

export async function refreshTold(): Promise<void> {
  await Promise.all([recipients.refresh(), equipment.refresh()]);
}

const useTold = defineStore('told', () => ({
  recipients: computed(() => recipients.value.value ?? []),
  /** Whether the station has told which messages failed: before that nothing is not none. */
  isKnown: computed(() => equipment.value.value !== null),
  /** Every alarm about equipment that is not over. */
  lives: computed(() => equipment.value.value ?? []),
  owed: computed(() => owedOf(equipment.value.value ?? [])),
}));

export const told = storeToRefs(useTold(pinia));
