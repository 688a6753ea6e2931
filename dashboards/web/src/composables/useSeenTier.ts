// The tier of a warning as the person saw it who writes about it. Where it changes meanwhile the
// first press only says so: nobody acknowledges a red warning believing that it is orange.
import { ref } from 'vue';

import type { Warning } from '../api/contract';
import { useWords } from './useWords';

export function useSeenTier(warning: () => Warning | null) {
  const { t, tierName } = useWords();
  const seenTier = ref(warning()?.tier ?? null);
  const risen = ref<string | null>(null);

  /** Whether it is another one than was seen; then it is said, and seen. */
  function tierChanged(): boolean {
    const tier = warning()?.tier ?? null;
    risen.value = null;
    if (tier === null || seenTier.value === null || tier === seenTier.value) {
      return false;
    }
    risen.value = t('ack.tierChanged', { from: tierName(seenTier.value), to: tierName(tier) });
    seenTier.value = tier;
    return true;
  }

  return { seenTier, risen, tierChanged };
}
