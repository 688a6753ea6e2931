// How each cry sounds. They differ in rhythm first (how many tones, how close together) and in
// pitch second, so that somebody who hears high tones badly can tell them apart. Made for that, and
// taken from no standard: no text of one was at hand. A higher tier is faster and leaves less
// quiet.
import type { Cry } from '../domain/sound';

export interface Tone {
  /** Begin within the cycle. */
  atS: number;
  lastsS: number;
  hz: number;
}

export interface Pattern {
  wave: OscillatorType;
  tones: readonly Tone[];
  /** The cycle begins anew after this. */
  cycleS: number;
}

function row(hz: readonly number[], lastsS: number, everyS: number): Tone[] {
  return hz.map((one, i) => ({ atS: i * everyS, lastsS, hz: one }));
}

export const PATTERNS: Record<Cry, Pattern> = {
  red: { wave: 'square', tones: row([960, 720, 960, 720, 960, 720], 0.16, 0.17), cycleS: 1.02 },
  orange: { wave: 'square', tones: row([800, 800, 800], 0.2, 0.32), cycleS: 1.7 },
  yellow: { wave: 'square', tones: row([640, 640], 0.25, 0.45), cycleS: 2.8 },
  blue: { wave: 'square', tones: row([500], 0.35, 0.35), cycleS: 5 },
  // Falls, unlike any tier: what is heard is not gas, it is the page that knows nothing.
  lost: { wave: 'sawtooth', tones: row([520, 390, 260], 0.28, 0.3), cycleS: 3 },
  // Soft, high and rising, with much quiet: nobody takes it for a tier.
  drill: { wave: 'sine', tones: row([1_050, 1_300, 1_600], 0.12, 0.2), cycleS: 4 },
};
