// Who is signed in on this page, what they may do, and whether the page may be seen at all. A
// password is passed on and kept nowhere.
import { defineStore, storeToRefs } from 'pinia';
import { computed, shallowRef } from 'vue';

import { api, ApiError, listenForRefusals, setCsrf } from '../api/client';
import type { Who } from '../api/contract';
import { pinia } from './pinia';

/** What somebody has to do before they see anything. */
export type Need = 'nothing' | 'sign-in' | 'set-up';

/** Between two questions who is signed in, when the stream is broken. */
const ASK_EVERY_MS = 2_000;

const me = shallowRef<Who | null>(null);
const need = shallowRef<Need>('nothing');
/** Somebody was signed in here and is not any more, without having signed out. */
const isLost = shallowRef(false);
let askedAtMs = -ASK_EVERY_MS;
let asking = false;

function enter(who: Who): void {
  if (me.value?.signed_in && !who.signed_in) {
    isLost.value = true;
  }
  me.value = who;
  setCsrf(who.csrf ?? null);
  need.value = 'nothing';
}

function leave(kind: string): void {
  isLost.value ||= me.value?.signed_in ?? false;
  me.value = null;
  setCsrf(null);
  need.value = kind === 'setup-needed' ? 'set-up' : 'sign-in';
}

/** Asks the station who is signed in. Its failure to answer is no answer. */
export async function askWho(isSecond = false): Promise<void> {
  if (asking) {
    return;
  }
  asking = true;
  askedAtMs = performance.now();
  try {
    enter(await api.me());
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      // The cookie of a session that is over is gone now: perhaps everybody may look.
      if (error.kind === 'session-over' && !isSecond) {
        window.setTimeout(() => void askWho(true), 0);
      } else {
        leave(error.kind);
      }
    }
  } finally {
    asking = false;
  }
}

/** The stream does not open: it cannot say why, so the station is asked. */
export function wonder(): void {
  if (performance.now() - askedAtMs > ASK_EVERY_MS) {
    void askWho();
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await api.signIn({ name, password }));
  isLost.value = false;
}

export async function setUp(
  code: string, name: string, display: string, password: string,
): Promise<void> {
  enter(await api.setUp({ code, name, display, password }));
  isLost.value = false;
}

export async function signOut(): Promise<void> {
  await api.signOut();
  me.value = null;
  setCsrf(null);
  await askWho();
}

listenForRefusals(() => {
  wonder();
});

const useSession = defineStore('session', () => ({
  me: computed(() => me.value),
  need: computed(() => need.value),
  isLost: computed(() => isLost.value),
  mayAct: computed(() => me.value?.may.includes('act') ?? false),
  /** Whether they see the whole park, and not some areas only. */
  seesPark: computed(() => me.value?.may.includes('park') ?? false),
}));

export const session = storeToRefs(useSession(pinia));
