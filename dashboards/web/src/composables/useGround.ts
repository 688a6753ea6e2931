// What the plan is drawn on: the map where the machine draws maps well or somebody asked for it,
// else the plan of its own. The marks lie where the ground says.
import { computed, ref, shallowRef } from 'vue';

import { drawsMaps } from '../components/map/webgl';
import type { BaseState } from '../domain/basemap';
import { shiftOf } from '../domain/geo';
import type { Projection } from '../domain/plan';
import { device } from '../stores/device';

export function useGround() {
  const hasFailed = ref(false);
  const camera = shallowRef<Projection | null>(null);
  const shift = ref<string | null>(null);
  const isWhole = ref(true);
  const wholes = ref(0);
  const base = ref<BaseState>('none');

  const canMap = computed(() => drawsMaps() !== 'not' && !hasFailed.value);
  const isMap = computed(() => canMap.value
    && (device.ground === 'map' || (device.ground === 'auto' && drawsMaps() === 'well')));

  function toggle(): void {
    device.ground = isMap.value ? 'plan' : 'map';
    camera.value = null;
    shift.value = null;
    isWhole.value = true;
    base.value = 'none';
  }
  function moving(now: Projection): void {
    shift.value = camera.value === null ? null : shiftOf(camera.value, now);
  }
  function moved(now: Projection, whole: boolean): void {
    camera.value = now;
    shift.value = null;
    isWhole.value = whole;
  }
  function failed(): void {
    hasFailed.value = true;
    camera.value = null;
    shift.value = null;
    base.value = 'none';
  }
  function showWhole(): void {
    wholes.value += 1;
  }
  return {
    canMap, isMap, hasFailed, camera, shift, isWhole, wholes, base,
    toggle, moving, moved, failed, showWhole,
  };
}
