// A trend in the words of the chart library. Pure: the same input gives the same picture. Moments
// are shifted by the park's offset and drawn "as UTC", so the computer's time zone plays no part.
import type { CustomSeriesOption, LineSeriesOption } from 'echarts/charts';
import type {
  GridComponentOption,
  MarkAreaComponentOption,
  MarkLineComponentOption,
  TooltipComponentOption,
} from 'echarts/components';
import type { ComposeOption } from 'echarts/core';

import { loudnessOf } from '../domain/condition';
import { shiftsOf, widthEm } from '../domain/labels';
import { limitText, numberText } from '../domain/numbers';
import type { Band, Limit, Trend, Vertex } from '../domain/series';
import { timeOfDay } from '../domain/time';
import type { Palette } from './palette';

export type ChartOption = ComposeOption<
  | LineSeriesOption
  | CustomSeriesOption
  | GridComponentOption
  | TooltipComponentOption
  | MarkAreaComponentOption
  | MarkLineComponentOption
>;

export interface Picture {
  trend: Trend;
  limits: readonly Limit[];
  top: number;
  bottom: number;
  fromMs: number;
  toMs: number;
  offsetS: number;
  unit: string;
  resolution: number;
  /** Names of the lines, of a band and of a limit in the reader's language. */
  words: {
    judged: string;
    held: string;
    band: (quality: Band['quality']) => string;
    limit: (limit: Limit) => string;
  };
}

/** A band narrower than this part of the picture has no room for its word. */
const BAND_WORD_MIN = 0.05;

/** Room around the words of a limit, and how high they are. */
const LIMIT_PADDING_PX = 3;
const LIMIT_GAP_PX = 5;
const LIMIT_HEIGHT_EM = 1.4;
/** What the frame and the words of the time axis take of the height. */
const FRAME_PX = 14;
const AXIS_REM = 1.6;

type Shift = (ms: number) => number;

function envelopeSeries(picture: Picture, colours: Palette, at: Shift): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    z: 2,
    data: picture.trend.envelope.map((e) => [at(e.fromMs), at(e.toMs), e.min, e.max]),
    encode: { x: [0, 1], y: [2, 3] },
    renderItem: (_params, item) => {
      const [x0 = 0, y0 = 0] = item.coord([Number(item.value(0)), Number(item.value(3))]);
      const [x1 = 0, y1 = 0] = item.coord([Number(item.value(1)), Number(item.value(2))]);
      const shape = { x: x0, y: y0, width: Math.max(x1 - x0, 1), height: Math.max(y1 - y0, 1) };
      return { type: 'rect', shape, style: { fill: colours.envelope } };
    },
  };
}

function bandMarks(picture: Picture, colours: Palette, at: Shift): MarkAreaComponentOption {
  const widthMin = (picture.toMs - picture.fromMs) * BAND_WORD_MIN;
  return {
    silent: true,
    data: picture.trend.bands.map((band) => {
      const blind = band.quality === 'gap' || loudnessOf(band.quality) === 'blind';
      const wide = band.toMs - band.fromMs >= widthMin;
      return [
        {
          name: wide ? picture.words.band(band.quality) : '',
          xAxis: at(band.fromMs),
          // A gap shows by itself: nothing is drawn there.
          itemStyle: {
            color: blind ? colours.blindBand : colours.heldBand,
            opacity: band.quality === 'gap' ? 0.4 : 0.8,
          },
          // In a gap the middle is free; elsewhere values are.
          label: {
            color: colours.text,
            position: band.quality === 'gap' ? 'inside' : 'insideTop',
            fontSize: colours.remPx * 0.85,
          },
        },
        { xAxis: at(band.toMs) },
      ];
    }),
  };
}

/** The limits inside the picture, and how far the words of each are shifted along its line. */
function placedLimits(picture: Picture, fontPx: number, heightPx: number) {
  const { top, bottom, words } = picture;
  const shown = picture.limits
    .filter((limit) => limit.value <= top)
    .map((limit) => ({ limit, name: words.limit(limit) }));
  const labels = shown.map(({ limit, name }) => ({
    atPx: ((limit.value - bottom) / (top - bottom)) * heightPx,
    widthPx: widthEm(name) * fontPx + 2 * LIMIT_PADDING_PX,
  }));
  const shifts = shiftsOf(labels, fontPx * LIMIT_HEIGHT_EM, LIMIT_GAP_PX);
  return shown.map((item, i) => ({ ...item, shiftPx: shifts[i] ?? 0 }));
}

function limitMarks(
  picture: Picture, colours: Palette, heightPx: number,
): MarkLineComponentOption {
  const fontSize = colours.remPx * 0.85;
  return {
    silent: true,
    symbol: 'none',
    data: placedLimits(picture, fontSize, heightPx - FRAME_PX - colours.remPx * AXIS_REM)
      .map(({ limit, name, shiftPx }) => ({
        yAxis: limit.value,
        name,
        lineStyle: {
          color: colours.tiers[limit.tier],
          width: colours.remPx / 8,
          type: limit.rule.kind === 'threshold' ? 'solid' : 'dashed',
        },
        label: {
          formatter: '{b}',
          // Two limits may lie close together: their words stand side by side.
          position: 'insideStartTop',
          distance: [LIMIT_GAP_PX + shiftPx, 1],
          color: colours.text,
          backgroundColor: colours.panel,
          padding: [0, LIMIT_PADDING_PX],
          fontSize,
        },
      })),
  };
}

function lineSeries(
  name: string, vertices: readonly Vertex[], color: string, width: number, at: Shift,
): LineSeriesOption {
  return {
    type: 'line',
    name,
    data: vertices.map(([ms, value]) => [at(ms), value]),
    connectNulls: false,
    // Few points may stand alone between gaps: a line without marks would hide them.
    showSymbol: vertices.length < 90,
    symbol: 'circle',
    symbolSize: 3,
    itemStyle: { color },
    lineStyle: { color, width },
    z: 3,
  };
}

function axes(picture: Picture, colours: Palette, at: Shift): ChartOption {
  const label = { color: colours.muted, fontSize: colours.remPx * 0.85 };
  return {
    xAxis: {
      type: 'time',
      min: at(picture.fromMs),
      max: at(picture.toMs),
      axisLabel: {
        ...label, hideOverlap: true, formatter: (ms: number) => timeOfDay(ms, 0).slice(0, 5),
      },
      axisLine: { lineStyle: { color: colours.edge } },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: picture.bottom,
      max: picture.top,
      axisLabel: {
        ...label, showMaxLabel: false, formatter: (value: number) => limitText(value),
      },
      splitLine: { lineStyle: { color: colours.line } },
    },
  };
}

function tooltip(picture: Picture, colours: Palette): TooltipComponentOption {
  return {
    trigger: 'axis',
    transitionDuration: 0,
    backgroundColor: colours.raised,
    borderColor: colours.edge,
    textStyle: { color: colours.text, fontSize: colours.remPx },
    formatter: (params) => {
      const items = Array.isArray(params) ? params : [params];
      const lines = items.flatMap(({ value, seriesName }) => {
        const [ms, number] = value as [number, number | null];
        return number === null
          ? []
          : [`${timeOfDay(ms, 0)} ${seriesName ?? ''}`,
             `<b>${numberText(number, picture.resolution)} ${picture.unit}</b>`];
      });
      return lines.join('<br>');
    },
  };
}

/** `heightPx` is the height of the whole drawing. */
export function chartOption(picture: Picture, colours: Palette, heightPx: number): ChartOption {
  const at: Shift = (ms) => ms + picture.offsetS * 1_000;
  const { judged, held } = picture.trend;
  const width = colours.remPx / 8;
  const main = lineSeries(picture.words.judged, judged, colours.trend, width, at);
  const quiet = lineSeries(picture.words.held, held, colours.muted, width, at);
  return {
    useUTC: true,
    animation: false,
    textStyle: { fontFamily: colours.font },
    grid: { left: 8, right: 14, top: 10, bottom: 4, containLabel: true },
    tooltip: tooltip(picture, colours),
    ...axes(picture, colours, at),
    series: [
      envelopeSeries(picture, colours, at),
      {
        ...main,
        markArea: bandMarks(picture, colours, at),
        markLine: limitMarks(picture, colours, heightPx),
      },
      { ...quiet, lineStyle: { color: colours.muted, width, type: 'dashed' } },
    ],
  };
}
