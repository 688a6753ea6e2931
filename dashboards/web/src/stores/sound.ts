// Sound: what calls, whether the browser lets it, and the silence somebody asked for. Begins from
// the event itself, not from a timer: a page in the background is woken too seldom.
import { defineStore, storeToRefs } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';

import {
  criesOf, type Cry, type Heard, type Silence, silenced, silenceLeftMs, withStationBack,
} from '../domain/sound';
import { Player } from '../sound/player';
import { device } from './device';
import { pinia } from './pinia';
import { session } from './session';
import { station } from './station';

const TICK_MS = 250;
/** How long a try of a sound lasts. */
const TRY_MS = 3_000;

const isAble = ref(false);
const isOpen = ref(false);
const silence = shallowRef<Silence | null>(null);
const atMs = ref(performance.now());
const tried = shallowRef<{ cry: Cry; untilMs: number } | null>(null);

const player = new Player(() => {
  isAble.value = player.isAble;
});

const heard = computed<Heard>(() => ({
  warnings: station.park.value?.warnings ?? [],
  // Before somebody has signed in the page knows of no warning, and is not covered.
  isLost: station.link.value.covered && session.need.value === 'nothing',
}));
const cries = computed(() => criesOf(heard.value, silence.value, atMs.value));
const played = computed<Cry[]>(() => {
  if (tried.value !== null && atMs.value < tried.value.untilMs && cries.value.length === 0) {
    return [tried.value.cry];
  }
  return device.sounds ? cries.value : [];
});

/** Opens the sound; gives back how to end it. */
export function startSound(): () => void {
  player.open();
  isOpen.value = true;
  const timer = window.setInterval(() => {
    atMs.value = performance.now();
    player.fill();
  }, TICK_MS);
  const allow = () => {
    if (!player.isAble) {
      void player.allow();
    }
  };
  window.addEventListener('pointerdown', allow);
  window.addEventListener('keydown', allow);
  const stops = [
    watch(() => device.volume, (volume) => {
      player.setVolume(volume / 100);
    }, { immediate: true }),
    watch(() => played.value.join(), () => {
      player.play(played.value);
    }, { immediate: true, flush: 'sync' }),
    watch(() => heard.value.isLost, (isLost) => {
      if (!isLost) {
        silence.value = withStationBack(silence.value);
      }
    }),
  ];
  return () => {
    window.clearInterval(timer);
    window.removeEventListener('pointerdown', allow);
    window.removeEventListener('keydown', allow);
    stops.forEach((stop) => {
      stop();
    });
    player.close();
    isOpen.value = false;
  };
}

/** Lets the browser play, from a press of somebody. */
export const allowSound = () => player.allow();

/** Keeps quiet what sounds now, for a time. Acknowledges nothing. */
export function silenceNow(): void {
  atMs.value = performance.now();
  silence.value = silenced(heard.value, silence.value, atMs.value);
  tried.value = null;
}

/** Lets a cry be heard for a moment, where nothing real is to be heard. */
export function tryCry(cry: Cry): void {
  atMs.value = performance.now();
  tried.value = { cry, untilMs: atMs.value + TRY_MS };
  void player.allow();
}

const useSound = defineStore('sound', () => ({
  /** What calls now; heard only where this browser sounds and is let. */
  cries: computed(() => cries.value),
  silenceLeftMs: computed(() => silenceLeftMs(silence.value, atMs.value)),
  /** The browser lets no sound through: somebody must press something first. */
  isBlocked: computed(() => isOpen.value && device.sounds && !isAble.value),
}));

export const sound = storeToRefs(useSound(pinia));
