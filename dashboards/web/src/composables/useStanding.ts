// The strip of coverage and reports in the reader's words, for the overview and the big screen.
import { computed } from 'vue';

import { textIn } from '../domain/language';
import type { Park } from '../domain/park';
import { proofShown } from '../domain/proof';
import { coverageOf, nearestClock, percentOf, receiptsOf } from '../domain/standing';
import { incidents } from '../stores/incidents';
import { life } from '../stores/life';
import { useWords } from './useWords';

export function useStanding(park: () => Park, nowMs: () => number) {
  const { t, lang, lasting } = useWords();
  /** Once a second: thousands of channels are looked through. */
  const secondMs = computed(() => Math.floor(nowMs() / 1_000) * 1_000);
  const coverage = computed(() => coverageOf(park(), secondMs.value));
  const percent = computed(() => percentOf(coverage.value.online, coverage.value.all));

  const held = computed(() => {
    const { outOfService, shelves } = life.held.value;
    const text = (count: number) => (life.isKnown.value ? String(count) : '…');
    return [
      { kind: 'out-of-service', count: outOfService.length, text: text(outOfService.length) },
      { kind: 'shelved', count: shelves.length, text: text(shelves.length) },
    ];
  });

  const proof = computed(() => {
    const shown = proofShown(park().health.self_proof, nowMs());
    const time = shown.ageMs === null ? '—' : lasting(shown.ageMs);
    const isBad = shown.state === 'broken';
    const word = isBad ? 'proofBroken' : shown.state === 'waiting' ? 'proofNever' : 'proof';
    return { isBad, text: t(`standing.${word}`, { time }) };
  });

  const receipts = computed(() => {
    const shown = receiptsOf(park().health.messages);
    const isBad = shown.state === 'bad' || shown.state === 'unknown';
    switch (shown.state) {
      case 'bad': {
        const parts: [number, string][] = [
          [shown.failed, 'receiptsFailed'], [shown.unreceipted, 'receiptsLate'],
        ];
        const text = parts.filter(([count]) => count > 0)
          .map(([count, word]) => t(`standing.${word}`, { count })).join(' · ');
        return { ...shown, isBad, text };
      }
      case 'open':
        return { ...shown, isBad, text: t('standing.receiptsOpen', { ...shown }) };
      case 'none':
        return { ...shown, isBad, text: t('standing.receiptsNone') };
      case 'all':
        return { ...shown, isBad, text: t('standing.receiptsAll') };
      case 'unknown':
        return { ...shown, isBad, text: t('standing.receiptsUnknown') };
    }
  });

  const clock = computed(() => {
    if (!incidents.isKnown.value || incidents.failure.value !== null) {
      const isBad = incidents.failure.value !== null;
      return { isBad, text: isBad ? t('standing.clockUnknown') : '…' };
    }
    const nearest = nearestClock(incidents.notices.value.map((one) => one.clock), nowMs());
    if (nearest === null) {
      return { isBad: false, text: t('standing.clockNone') };
    }
    const { leftMs, more } = nearest;
    const text = t(leftMs < 0 ? 'standing.clockOver' : 'standing.clockLeft', {
      name: textIn(nearest.clock.name, lang.value), time: lasting(Math.abs(leftMs)),
    });
    const rest = more > 0 ? ` · ${t('standing.more', { count: more })}` : '';
    return { isBad: true, text: text + rest };
  });

  return { coverage, percent, held, proof, receipts, clock };
}
