// What the chart draws of one channel's readings, in the reader's words.
import { computed, type Ref } from 'vue';

import type { Channel, Series } from '../api/contract';
import type { Picture } from '../chart/option';
import { numberText, unitText } from '../domain/numbers';
import type { Park } from '../domain/park';
import { axisBottom, axisTop, type Limit, limitsOf, trendOf } from '../domain/series';
import { useWords } from './useWords';

/** Of an analyzer that the site does not name. */
const POLL_MS = 1_000;

export interface Shown {
  park: Park;
  channel: Channel | null;
  series: Series | null;
  fromMs: number;
  toMs: number;
}

export function usePicture(shown: Ref<Shown>) {
  const { t, offsetS, quantityText, tierName } = useWords();
  // Each by itself: what changes in the park beside them does not draw the chart anew.
  const channel = computed(() => shown.value.channel);
  const series = computed(() => shown.value.series);
  const fromMs = computed(() => shown.value.fromMs);
  const toMs = computed(() => shown.value.toMs);
  const pollMs = computed(() => {
    const { park, channel: of } = shown.value;
    return park.analyzers.get(of?.analyzer ?? '')?.poll_ms ?? POLL_MS;
  });
  const limits = computed<Limit[]>(() => limitsOf(channel.value?.rules ?? []));
  const top = computed(() => axisTop(series.value?.points ?? [], limits.value));
  const picture = computed<Picture | null>(() => {
    const [of, drawn] = [channel.value, series.value];
    if (drawn === null || of === null) {
      return null;
    }
    return {
      trend: trendOf(drawn, pollMs.value, toMs.value),
      limits: limits.value,
      top: top.value,
      bottom: axisBottom(drawn.points),
      fromMs: fromMs.value,
      toMs: toMs.value,
      offsetS: offsetS.value,
      unit: unitText(of.unit),
      resolution: of.resolution,
      words: {
        judged: drawn.slice_ms == null ? t('trend.value') : t('trend.mean'),
        held: t('trend.held'),
        band: (quality) => t(`condition.${quality}`),
        limit: ({ tier, value }) => `${tierName(tier)} ${quantityText(value, of.unit)}`,
      },
    };
  });
  /** What the picture says, for those who do not see it; null: it says nothing. */
  const figures = computed(() => {
    const of = channel.value;
    const points = series.value?.points.filter((point) => point.mean != null) ?? [];
    const last = points.at(-1)?.mean;
    if (of === null || last == null) {
      return null;
    }
    const number = (value: number) =>
      `${numberText(value, of.resolution)} ${unitText(of.unit)}`;
    return {
      min: number(Math.min(...points.map((point) => point.min ?? Infinity))),
      max: number(Math.max(...points.map((point) => point.max ?? -Infinity))),
      last: number(last),
    };
  });
  return { limits, top, picture, figures };
}
