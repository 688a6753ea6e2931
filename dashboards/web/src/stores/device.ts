// What this browser keeps of itself. A browser that keeps nothing has the defaults.
import { defineStore } from 'pinia';
import { reactive, toRefs, watch } from 'vue';

import { type Device, deviceOf } from '../domain/device';
import { pinia } from './pinia';

const NAME = 'siskin.device';

function kept(): string | null {
  try {
    return window.localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

const useDevice = defineStore('device', () => toRefs(reactive(deviceOf(kept()))));

export const device: Device = useDevice(pinia);

watch(
  () => ({ sounds: device.sounds, volume: device.volume, ground: device.ground }),
  (now) => {
    try {
      window.localStorage.setItem(NAME, JSON.stringify(now));
    } catch {
      // It holds until the page is closed.
    }
  },
);
