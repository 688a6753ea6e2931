// The act that somebody is about to do: which dialog is open, and what waits for a sign-in.
import { defineStore, storeToRefs } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

import type { Desk, Hold, Person } from '../api/contract';
import { pinia } from './pinia';
import { session } from './session';

export type Opened =
  | { act: 'acknowledge' | 'comment' | 'shelve' | 'unshelve' | 'reset'; warning: string }
  | { act: 'confirm' | 'lift'; hold: Hold }
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

export function signedIn(): void {
  if (session.mayAct.value) {
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
