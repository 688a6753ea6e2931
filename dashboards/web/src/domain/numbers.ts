// Values as people read them: digits from the resolution of the device, no invented precision.
import type { ChannelValue } from '../api/contract';

const DIGITS_MAX = 6;

/** Digits after the point that a resolution asks for: 0.01 → 2, 0.5 → 1, 1 → 0. */
export function digitsOf(resolution: number): number {
  if (!Number.isFinite(resolution) || resolution <= 0) {
    return 2;
  }
  for (let digits = 0; digits < DIGITS_MAX; digits += 1) {
    const steps = resolution * 10 ** digits;
    if (Math.abs(steps - Math.round(steps)) < 1e-6) {
      return digits;
    }
  }
  return DIGITS_MAX;
}

/** A value with the digits of its device; never `-0`. */
export function numberText(value: number, resolution: number): string {
  const text = value.toFixed(digitsOf(resolution));
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A limit: as many digits as it needs, at most four significant ones. */
export function limitText(limit: number): string {
  return String(Number(limit.toPrecision(4)));
}

/** The number of a reading, `≥` where the device is at the end of its range; null without one. */
export function readingText(value: ChannelValue, resolution: number): string | null {
  if (value.value == null) {
    return null;
  }
  const text = numberText(value.value, resolution);
  return value.quality === 'over-range' ? `≥ ${text}` : text;
}

const UNITS: Record<string, string> = {
  'mg/m3': 'mg/m³',
  'ug/m3': 'µg/m³',
  deg: '°',
  degC: '°C',
};

/** A unit as printed. */
export function unitText(unit: string): string {
  return UNITS[unit] ?? unit;
}
