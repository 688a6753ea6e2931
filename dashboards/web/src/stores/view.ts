// How the operator looks at the page: language, theme, selected channel, range. Kept in the
// address, so that a reload or a link shows the same.
import { reactive, watch } from 'vue';

import { searchOf, type View, viewOf } from '../domain/query';
import { i18n } from '../locales';

export const view: View = reactive(viewOf(window.location.search));

function show(now: View): void {
  const root = document.documentElement;
  root.lang = now.lang === 'zh' ? 'zh-CN' : 'en';
  root.dataset['theme'] = now.theme;
  i18n.global.locale.value = now.lang;
}

/** Keeps the address and the document in step with the view. */
export function startView(): void {
  show(view);
  watch(view, (now) => {
    show(now);
    window.history.replaceState(null, '', searchOf(now, window.location.search));
  });
}
