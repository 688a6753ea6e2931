// Addresses and the view keep step: what the view remembers stands in the query, language and theme
// go along to every page, and the way back shows what was there. Never loses a page's own query.
import { createRouter, createWebHistory, type LocationQueryRaw } from 'vue-router';

import { searchOf } from './domain/query';
import { OVERVIEW, ROUTES } from './routes';
import { takeView, view } from './stores/view';

export const router = createRouter({ history: createWebHistory(), routes: ROUTES });

function searchIn(address: string): string {
  const begin = address.indexOf('?');
  return begin < 0 ? '' : address.slice(begin).replace(/#.*$/, '');
}

/** Language and theme belong to who looks, not to the page: a link need not carry them. */
router.beforeEach((to) => {
  if (to.query['lang'] !== undefined && to.query['theme'] !== undefined) {
    return true;
  }
  const query: LocationQueryRaw = { lang: view.lang, theme: view.theme, ...to.query };
  // Neither pushes nor replaces by itself: the way back leads to where somebody came from.
  return { path: to.path, query, hash: to.hash };
});

router.afterEach((to, _from, failure) => {
  if (failure === undefined) {
    takeView(searchIn(to.fullPath));
  }
});

/** Writes the view into the address. A sheet or a chosen channel is looked at on the overview. */
export function keepView(): void {
  const now = router.currentRoute.value;
  const search = searchOf(view, searchIn(now.fullPath));
  const isElsewhere = now.name !== undefined && now.name !== OVERVIEW;
  if (isElsewhere && (view.sheet !== null || view.channel !== null)) {
    void router.push(`/${search}`);
  } else {
    void router.replace(now.path + search + now.hash);
  }
}
