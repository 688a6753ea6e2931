import { expect, it } from 'vitest';

import { rule } from '../domain/samples';
import { limitsOf } from '../domain/series';
import { chartOption, type ChartOption, type Picture } from './option';
import type { Palette } from './palette';

const colours: Palette = {
  font: 'f', remPx: 16, panel: 'p', raised: 'r', line: 'l', edge: 'e', text: 't', muted: 'm',
  trend: 'd', envelope: 'v', blindBand: 'b', heldBand: 'h',
  tiers: { blue: '1', yellow: '2', orange: '3', red: '4' },
};

const picture: Picture = {
  trend: {
    judged: [[0, 1], [1, null], [9_000, 2]],
    held: [],
    envelope: [],
    bands: [
      { fromMs: 1_000, toMs: 9_000, quality: 'gap' },
      { fromMs: 9_000, toMs: 9_100, quality: 'fault' },
    ],
  },
  limits: limitsOf([rule('yellow', 2), rule('red', 20)]),
  top: 3,
  bottom: 0,
  fromMs: 0,
  toMs: 10_000,
  offsetS: 28_800,
  unit: 'ppm',
  resolution: 0.01,
  words: { judged: 'j', held: 'h', band: (quality) => quality, limit: (limit) => limit.tier },
};

/** The part of the option that a path names, as plain data. */
function check(pick: (option: ChartOption) => unknown, expected: object): void {
  const option = chartOption(picture, colours, 240);
  expect(JSON.parse(JSON.stringify(pick(option)))).toMatchObject(expected);
}

/** What is drawn on the line of judged readings. */
function marked(option: ChartOption, kind: 'markLine' | 'markArea'): unknown {
  const line = Array.isArray(option.series) ? option.series[1] : undefined;
  return (line as Partial<Record<typeof kind, unknown>>)[kind];
}

it('moments are drawn in the time of the park, whatever the time zone here is', () => {
  check((option) => [option['useUTC'], option.xAxis], [true, { min: 28_800_000, max: 28_810_000 }]);
});

it('a gap stays a gap', () => {
  check((option) => Array.isArray(option.series) && option.series[1], {
    connectNulls: false,
    data: [[28_800_000, 1], [28_800_001, null], [28_809_000, 2]],
  });
});

it('limits inside the picture are drawn with their words', () => {
  check((option) => marked(option, 'markLine'), { data: [{ yAxis: 2, name: 'yellow' }] });
});

it('the words of limits that lie close together are shifted apart', () => {
  const limits = limitsOf([rule('yellow', 0.345), rule('orange', 2), rule('red', 20)]);
  const option = chartOption({ ...picture, limits, top: 50 }, colours, 240);
  const { data } = marked(option, 'markLine') as { data: { label: { distance: number[] } }[] };
  const starts = data.map(({ label }) => label.distance[0]);
  expect(starts).toEqual([5, expect.closeTo(5 + 6 * 0.6 * 13.6 + 6 + 5), 5]);
});

it('a band too narrow for its word has none', () => {
  check((option) => marked(option, 'markArea'), {
    data: [[{ name: 'gap' }, {}], [{ name: '' }, {}]],
  });
});
