// The act that somebody is about to do: which dialog is open, and what waits for a sign-in.
import { defineStore, storeToRefs } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

import { ApiError } from '../api/client';
import type { Desk, Hold, Person } from '../api/contract';
import type { EquipmentKey } from '../domain/equipmentLives';
import { pinia } from './pinia';
import { session } from './session';

export type Opened =
  | {
    act: 'acknowledge' | 'comment' | 'shelve' | 'unshelve' | 'reset' | 'cancel' | 'escalate';
    warning: string;
  }
  | { act: 'confirm' | 'lift'; hold: Hold }
  | { act: 'acknowledge-equipment'; alarms: readonly EquipmentKey[]; what: string }
  | { act: 'take-out'; channel: string | null }
  | { act: 'hand-over'; desk: Desk }
  | { act: 'open-incident'; warning: string | null }
  | { act: 'add-person' }
  | { act: 'change-person' | 'password'; person: Person };

const opened = shallowRef<Opened | null>(null);
const wanted = shallowRef<Opened | null>(null);
const signingIn = ref(false);

/** Opens the dialog of an act; who may not act is asked to sign in first, and then gets there. */
export function want(act: Opened): void {
  if (session.mayAct.value) {
    opened.value = act;
  } else {
    wanted.value = act;
    signingIn.value = true;
  }
}

export function askToSignIn(): void {
  signingIn.value = true;
}

/** A refused act of somebody who is not signed in any more asks them over what they wrote. */
export function askAgain(error: unknown): void {
  if (!(error instanceof ApiError)) {
    return;
  }
  const isOver = error.kind === 'session-over' || error.kind === 'not-signed-in';
  const isNobody = error.status === 403 && session.me.value?.signed_in !== true
    && error.kind !== 'setup-refused';
  signingIn.value ||= isOver || isNobody;
}

export function signedIn(): void {
  // Whose session ended while they wrote goes on where they were.
  if (session.mayAct.value && wanted.value !== null) {
    opened.value = wanted.value;
  }
  wanted.value = null;
}

export function closeSignIn(): void {
  signingIn.value = false;
  wanted.value = null;
}

export function closeAct(): void {
  opened.value = null;
}

const useActs = defineStore('acts', () => ({
  opened: computed(() => opened.value),
  signingIn: computed(() => signingIn.value),
}));

export const acts = storeToRefs(useActs(pinia));
