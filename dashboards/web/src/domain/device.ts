// What belongs to the machine somebody sits at and not to the page: how loud it is, and how it
// draws the park. Read from text that anybody may have changed; what is not understood is the
// default.

export type Ground = 'auto' | 'map' | 'plan';

export interface Device {
  /** Whether this browser sounds at all. */
  sounds: boolean;
  /** 10 to 100 per cent: quieter than that is to be switched off, and says so. */
  volume: number;
  ground: Ground;
}

export const VOLUME_MIN = 10;
export const VOLUME_MAX = 100;

const GROUNDS: readonly Ground[] = ['auto', 'map', 'plan'];

export const DEVICE: Device = { sounds: true, volume: 70, ground: 'auto' };

export function volumeOf(volume: unknown): number {
  return typeof volume === 'number' && Number.isFinite(volume)
    ? Math.min(VOLUME_MAX, Math.max(VOLUME_MIN, Math.round(volume)))
    : DEVICE.volume;
}

export function deviceOf(text: string | null): Device {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // Somebody else's text: the default.
  }
  const { sounds, volume, ground }: Partial<Record<keyof Device, unknown>> =
    typeof kept === 'object' && kept !== null ? kept : {};
  return {
    sounds: sounds !== false,
    volume: volumeOf(volume),
    ground: GROUNDS.find((known) => known === ground) ?? DEVICE.ground,
  };
}
