// How the operator looks at the page: language, theme, selected channel, range. Kept in the
// address, so that a reload or a link shows the same (`router.ts`). An address that says nothing of
// language and theme is shown as they were last chosen in this browser.
import { defineStore } from 'pinia';
import { reactive, toRefs, watch } from 'vue';

import { type Look, lookOf } from '../domain/look';
import { type View, viewOf } from '../domain/query';
import { i18n } from '../locales';
import { pinia } from './pinia';

const NAME = 'siskin.look';

function kept(): Look {
  try {
    return lookOf(window.localStorage.getItem(NAME));
  } catch {
    // A browser that keeps nothing.
    return lookOf(null);
  }
}

const useView = defineStore(
  'view', () => toRefs(reactive(viewOf(window.location.search, kept()))));

export const view: View = useView(pinia);

function show(now: View): void {
  const root = document.documentElement;
  root.lang = now.lang === 'zh' ? 'zh-CN' : 'en';
  root.dataset['theme'] = now.theme;
  i18n.global.locale.value = now.lang;
}

/** A person chose; a link that somebody sent, which has a language of its own, is no choice. */
export function choose(chosen: Partial<Look>): void {
  Object.assign(view, chosen);
  try {
    window.localStorage.setItem(NAME, JSON.stringify({ ...kept(), ...chosen }));
  } catch {
    // It stands in the address, and holds until the page is closed.
  }
}

/** Keeps the document in step with the view, and tells who keeps the address. */
export function startView(keep: () => void): void {
  show(view);
  watch(
    () => [view.lang, view.theme, view.range, view.channel, view.sheet, view.item],
    () => {
      show(view);
      keep();
    },
  );
}

/** Another address was gone to: the view is what that address says. */
export function takeView(search: string): void {
  const { lang, theme, range, channel, sheet, item } = viewOf(search, kept());
  Object.assign(view, { lang, theme, range, channel, sheet, item });
}
