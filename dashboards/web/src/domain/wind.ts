// Wind as read and drawn. The direction is where the wind comes from, clockwise from north.
import type { Channel, ChannelValue } from '../api/contract';
import { conditionOf, isUsable } from './condition';
import type { Lang } from './language';

const POINTS: Record<Lang, readonly string[]> = {
  zh: [
    '北', '北东北', '东北', '东东北', '东', '东东南', '东南', '南东南',
    '南', '南西南', '西南', '西西南', '西', '西西北', '西北', '北西北',
  ],
  en: [
    'N', 'NNE', 'NE', 'ENE', 'E', 'ESE', 'SE', 'SSE',
    'S', 'SSW', 'SW', 'WSW', 'W', 'WNW', 'NW', 'NNW',
  ],
};

/** Name of the compass point a direction is nearest to. */
export function compassPoint(fromDeg: number, lang: Lang): string {
  const points = POINTS[lang];
  const turn = ((fromDeg % 360) + 360) % 360;
  return points[Math.round(turn / 22.5) % points.length] ?? '';
}

export interface Wind {
  analyzer: string;
  /** Where it comes from, degrees; null where that is not known now. */
  fromDeg: number | null;
  speed: number | null;
  speedUnit: string;
}

/** The wind of the first weather station that measures its direction; null where none does. */
export function windOf(
  channels: readonly Channel[],
  valueOf: (channel: string) => ChannelValue | undefined,
  pollMsOf: (analyzer: string) => number,
  nowMs: number,
): Wind | null {
  const direction = channels.find((channel) => channel.quantity === 'wind-direction');
  if (direction === undefined) {
    return null;
  }
  const speed = channels.find(
    (channel) => channel.quantity === 'wind-speed' && channel.analyzer === direction.analyzer,
  );
  const usable = (channel: Channel | undefined): number | null => {
    const value = channel && valueOf(channel.id);
    if (channel === undefined || value === undefined) {
      return null;
    }
    const condition = conditionOf(value, pollMsOf(channel.analyzer), nowMs);
    return isUsable(condition) ? (value.value ?? null) : null;
  };
  return {
    analyzer: direction.analyzer,
    fromDeg: usable(direction),
    speed: usable(speed),
    speedUnit: speed?.unit ?? 'm/s',
  };
}
