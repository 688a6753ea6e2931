// What the chart draws of one channel's readings, in the reader's words.
import { computed, type Ref } from 'vue';

import type { Channel, Series } from '../api/contract';
import type { Picture } from '../chart/option';
import { numberText, unitText } from '../domain/numbers';
import type { Park } from '../domain/park';
import { axisBottom, axisTop, type Limit, limitsOf, trendOf } from '../domain/series';
import { useWords } from './useWords';

export interface Shown {
  park: Park;
  channel: Channel | null;
  series: Series | null;
  fromMs: number;
  toMs: number;
}

export function usePicture(shown: Ref<Shown>) {
  const { t, offsetS, quantityText, tierName } = useWords();
  const limits = computed<Limit[]>(() => limitsOf(shown.value.channel?.rules ?? []));
  const top = computed(() => axisTop(shown.value.series?.points ?? [], limits.value));
  const picture = computed<Picture | null>(() => {
    const { park, channel, series, fromMs, toMs } = shown.value;
    if (series === null || channel === null) {
      return null;
    }
    const pollMs = park.analyzers.get(channel.analyzer)?.poll_ms ?? 1_000;
    return {
      trend: trendOf(series, pollMs, toMs),
      limits: limits.value,
      top: top.value,
      bottom: axisBottom(series.points),
      fromMs,
      toMs,
      offsetS: offsetS.value,
      unit: unitText(channel.unit),
      resolution: channel.resolution,
      words: {
        judged: series.slice_ms == null ? t('trend.value') : t('trend.mean'),
        held: t('trend.held'),
        band: (quality) => t(`condition.${quality}`),
        limit: ({ tier, value }) => `${tierName(tier)} ${quantityText(value, channel.unit)}`,
      },
    };
  });
  /** What the picture says, for those who do not see it; null: it says nothing. */
  const figures = computed(() => {
    const { channel, series } = shown.value;
    const points = series?.points.filter((point) => point.mean != null) ?? [];
    const last = points.at(-1)?.mean;
    if (channel === null || last == null) {
      return null;
    }
    const number = (value: number) =>
      `${numberText(value, channel.resolution)} ${unitText(channel.unit)}`;
    return {
      min: number(Math.min(...points.map((point) => point.min ?? Infinity))),
      max: number(Math.max(...points.map((point) => point.max ?? -Infinity))),
      last: number(last),
    };
  });
  return { limits, top, picture, figures };
}
