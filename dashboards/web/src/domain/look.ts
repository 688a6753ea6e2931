// In which language and theme the page is shown, as the person at this browser last chose them.
// Read from text that anybody may have changed: what is not understood is the default.
import type { Lang } from './language';

export type Theme = 'dark' | 'light';

export interface Look {
  lang: Lang;
  theme: Theme;
}

/** The park's people read Chinese, in a control room that is dim at night. */
export const LOOK: Look = { lang: 'zh', theme: 'dark' };

const LANGS: readonly Lang[] = ['zh', 'en'];
const THEMES: readonly Theme[] = ['dark', 'light'];

export const langOf = (text: unknown) => LANGS.find((known) => known === text);
export const themeOf = (text: unknown) => THEMES.find((known) => known === text);

/** What this browser kept; null: nothing. */
export function lookOf(text: string | null): Look {
  let kept: unknown = null;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    // Somebody else's text: the default.
  }
  const { lang, theme }: Partial<Record<keyof Look, unknown>> =
    typeof kept === 'object' && kept !== null ? kept : {};
  return { lang: langOf(lang) ?? LOOK.lang, theme: themeOf(theme) ?? LOOK.theme };
}
