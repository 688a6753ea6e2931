// The scenario of a drill as it is typed, and what the station is asked to play.
import type { DrillRequest } from '../api/contract';
import { type Fault, type Faults, faultsOf, fitText, needNumber, oneLine } from './form';
import type { Park } from './park';

export const DRILL_UNITS = ['ppm', 'ppb', 'mg/m3', 'ug/m3', '%vol', '%LEL'] as const;
const LENGTH_MAX_S = 14_400;
const LENGTH_MAX_MIN = LENGTH_MAX_S / 60;
const NOTE_LENGTH_MAX = 1_000;

export interface TypedScenario {
  area: string;
  gas: string;
  peak: string;
  unit: string;
  rise: string;
  hold: string;
  decay: string;
  waitMin: string;
  lengthMin: string;
  note: string;
}

/** Of each area the gases that are measured there, with the unit of the first channel. */
export function drillable(park: Park): Map<string, Map<string, string>> {
  const areas = new Map<string, Map<string, string>>();
  for (const channel of park.channels.values()) {
    const area = park.analyzers.get(channel.analyzer)?.area;
    if (channel.is_gas && area !== undefined) {
      const gases = areas.get(area) ?? new Map<string, string>();
      areas.set(area, gases);
      if (!gases.has(channel.quantity)) {
        gases.set(channel.quantity, channel.unit);
      }
    }
  }
  return areas;
}

function needPositive(text: string): Fault | null {
  const number = Number(text);
  const fits = text.trim() !== '' && Number.isFinite(number) && number > 0;
  return fits ? null : { key: 'drills.positive', holes: {} };
}

export function scenarioFaults(typed: TypedScenario): Faults {
  return faultsOf({
    peak: needPositive(typed.peak),
    rise_s: needNumber(typed.rise, 0, LENGTH_MAX_S),
    hold_s: needNumber(typed.hold, 0, LENGTH_MAX_S),
    decay_s: needNumber(typed.decay, 0, LENGTH_MAX_S),
    wait: needNumber(typed.waitMin, 0, LENGTH_MAX_MIN),
    length_s: typed.lengthMin.trim() === '' ? null : needNumber(typed.lengthMin, 1, LENGTH_MAX_MIN),
    note: fitText(typed.note, NOTE_LENGTH_MAX),
  });
}

/** What is left empty is left to the station. */
export function drillOf(typed: TypedScenario, nowMs: number): DrillRequest {
  const waitMin = Number(typed.waitMin);
  const length = typed.lengthMin.trim();
  return {
    area: typed.area,
    gas: typed.gas,
    peak: Number(typed.peak),
    unit: typed.unit,
    rise_s: Number(typed.rise),
    hold_s: Number(typed.hold),
    decay_s: Number(typed.decay),
    release_at_ms: waitMin === 0 ? null : Math.round(nowMs + waitMin * 60_000),
    length_s: length === '' ? null : Number(length) * 60,
    note: oneLine(typed.note),
  };
}
