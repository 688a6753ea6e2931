// Bars of alarm over a range, a line for each gas and set. Pure but for the palette; knows the
// chart library and nothing about the station.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';

import type { Palette } from './palette';

/** A moment has no length and is seen all the same. */
const WIDTH_MIN_PX = 3;

export interface Lane {
  name: string;
  set: string;
  isRunning: boolean;
  spans: [number, number][];
}

/** A moment at the park: hours and minutes, with the day where the range is longer than one. */
export function tickText(ms: number, offsetS: number, isLong: boolean): string {
  const iso = new Date(ms + offsetS * 1000).toISOString();
  return isLong ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, 16);
}

function bar(_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) {
  const [left, y] = api.coord([api.value(0), api.value(2)]);
  const [right] = api.coord([api.value(1), api.value(2)]);
  const size = api.size?.([0, 1]);
  const height = (Array.isArray(size) ? size[1] ?? 10 : 10) * 0.6;
  return {
    type: 'rect' as const,
    shape: {
      x: left ?? 0, y: (y ?? 0) - height / 2,
      width: Math.max(WIDTH_MIN_PX, (right ?? 0) - (left ?? 0)), height,
    },
    style: { fill: api.visual('color') },
  };
}

export function lanesOption(
  lanes: readonly Lane[], [fromMs, toMs]: [number, number], offsetS: number, palette: Palette,
): EChartsCoreOption {
  const { font: fontFamily, remPx, text, muted, line, edge } = palette;
  const isLong = toMs - fromMs > 86_400_000;
  const data = lanes.flatMap((lane, place) => lane.spans.map(([begin, end]) => ({
    value: [begin, end, place], itemStyle: { color: lane.isRunning ? muted : text },
  })));
  const label = { color: text, fontFamily, fontSize: remPx * 0.8 };
  return {
    animation: false,
    grid: { left: remPx * 9, right: remPx, top: remPx * 0.4, bottom: remPx * 1.6 },
    xAxis: {
      type: 'value', min: fromMs, max: toMs, splitLine: { lineStyle: { color: line } },
      axisLabel: {
        ...label, color: muted, hideOverlap: true,
        formatter: (ms: number) => tickText(ms, offsetS, isLong),
      },
    },
    yAxis: {
      type: 'category', inverse: true, data: lanes.map(({ name, set }) => `${name} · ${set}`),
      axisLabel: { ...label, interval: 0 }, axisTick: { show: false },
      axisLine: { lineStyle: { color: edge } },
    },
    series: [{ type: 'custom', renderItem: bar, encode: { x: [0, 1], y: 2 }, data }],
  };
}
