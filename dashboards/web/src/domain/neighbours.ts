// What else measures the same near a channel: the nearest first, with the way the wind goes. Pure.
import type { Channel, Position } from '../api/contract';
import type { Park } from './park';

export interface Neighbour {
  channel: Channel;
  distanceM: number;
  /** Where it lies seen from the channel, degrees clockwise from north. */
  bearingDeg: number;
  /** Whether the gas is carried to it or comes from it; null where the wind is not known. */
  lies: 'downwind' | 'upwind' | 'beside' | null;
}

/** Half the width of the sector that counts as in the wind's way. */
const SECTOR_DEG = 45;
const METRES_MIN = 1;

function bearing(from: Position, to: Position): number {
  const deg = (Math.atan2(to.x_m - from.x_m, to.y_m - from.y_m) * 180) / Math.PI;
  return (deg + 360) % 360;
}

function apart(a: number, b: number): number {
  const turn = Math.abs(a - b) % 360;
  return Math.min(turn, 360 - turn);
}

function liesOf(bearingDeg: number, windFromDeg: number | null): Neighbour['lies'] {
  if (windFromDeg === null) {
    return null;
  }
  const off = apart(bearingDeg, (windFromDeg + 180) % 360);
  return off <= SECTOR_DEG ? 'downwind' : off >= 180 - SECTOR_DEG ? 'upwind' : 'beside';
}

/** The `max` nearest channels of other analyzers that measure the same quantity. */
export function neighboursOf(
  channel: Channel, park: Park, windFromDeg: number | null, max: number,
): Neighbour[] {
  const here = park.analyzers.get(channel.analyzer)?.position;
  if (here === undefined) {
    return [];
  }
  return [...park.channels.values()]
    .filter(({ quantity, analyzer }) =>
      quantity === channel.quantity && analyzer !== channel.analyzer)
    .flatMap((other) => {
      const there = park.analyzers.get(other.analyzer)?.position;
      if (there === undefined) {
        return [];
      }
      const distanceM = Math.hypot(there.x_m - here.x_m, there.y_m - here.y_m);
      const bearingDeg = bearing(here, there);
      // Two heads on one mast lie neither up nor down the wind of each other.
      const lies = distanceM < METRES_MIN ? null : liesOf(bearingDeg, windFromDeg);
      return [{ channel: other, distanceM, bearingDeg, lies }];
    })
    .sort((a, b) => a.distanceM - b.distanceM || a.channel.id.localeCompare(b.channel.id))
    .slice(0, max);
}
