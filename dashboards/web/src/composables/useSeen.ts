// Two people change one entry: whoever sends second is told first what it has become meanwhile, and
// only the next press writes over it. What was typed stays.
import { ApiError } from '../api/client';
import type { Lang } from '../domain/language';
import { i18n } from '../locales';

/**
 * `begun`: the entry as the form shows it, null where it makes one; `ask`: as it is now. `words`
 * says all that the form may change: what reads the same is the same.
 */
export function useSeen<T>(
  begun: T | null, ask: () => Promise<T | null>, words: (one: T, lang: Lang) => string,
) {
  const read = (one: T | null) => (one === null ? null : words(one, 'zh'));
  let seen = read(begun);

  function overtaken(now: T | null, lang: Lang): string {
    return now === null ? i18n.global.t('together.removed', {}, { locale: lang })
      : i18n.global.t('together.changed', { now: words(now, lang) }, { locale: lang });
  }

  /** Throws where the entry is no longer as it was last seen. */
  return async function look(): Promise<void> {
    const now = await ask();
    if (read(now) !== seen) {
      seen = read(now);
      const text = { zh: overtaken(now, 'zh'), en: overtaken(now, 'en') };
      throw new ApiError(409, text, 'overtaken');
    }
  };
}
