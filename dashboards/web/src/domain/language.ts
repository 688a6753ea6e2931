// The two languages of the page.
import type { Text } from '../api/contract';

export type Lang = 'zh' | 'en';

/** The text in the language of the reader. */
export function textIn(text: Text, lang: Lang): string {
  return lang === 'zh' ? text.zh : text.en;
}
