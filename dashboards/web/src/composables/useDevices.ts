// Devices and what is due on them, while a page about them is open. Where devices are reached is
// not for everybody: who may not see it is not asked for.
import { computed } from 'vue';

import { devicesApi } from '../api/devices';
import type { Device } from '../api/contract';
import { dueByChannel } from '../domain/maintenance';
import { session } from '../stores/session';
import { station } from '../stores/station';
import { usePolling } from './usePolling';

const DEVICES_EVERY_MS = 5_000;
const DUE_EVERY_MS = 30_000;

export function useDevices() {
  const maySee = computed(() => (session.me.value?.may.includes('contacts') ? true : null));
  const devices = usePolling(maySee, () => devicesApi.devices(), DEVICES_EVERY_MS);
  const due = usePolling(computed(() => true), () => devicesApi.due(), DUE_EVERY_MS);
  const byId = computed<ReadonlyMap<string, Device>>(() =>
    new Map((devices.value.value ?? []).map((device) => [device.id, device])));
  const minuteMs = computed(() => Math.floor(station.nowMs.value / 60_000) * 60_000);
  const dueStates = computed(() => dueByChannel(due.value.value ?? [], minuteMs.value));
  return { devices, due, byId, dueStates, maySee };
}
