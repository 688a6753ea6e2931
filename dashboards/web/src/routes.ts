// The pages and their addresses. A page is loaded when it is first opened; only the overview is
// there at once, because that is where warnings are looked for.
import type { RouteRecordRaw } from 'vue-router';

import OverviewPage from './pages/OverviewPage.vue';

declare module 'vue-router' {
  interface RouteMeta {
    /** Stands in the navigation, under the words `page.<name>`. */
    isInNav?: boolean;
    /** The right without which the page is not offered. */
    right?: string;
    /** Without bar, navigation and foot: the page fills the screen. */
    isBare?: boolean;
  }
}

export const OVERVIEW = 'overview';

export const ROUTES: RouteRecordRaw[] = [
  { path: '/', name: OVERVIEW, component: OverviewPage, meta: { isInNav: true } },
  {
    path: '/warnings/:id', name: 'warning', component: () => import('./pages/WarningPage.vue'),
    props: true,
  },
  {
    path: '/engineer', name: 'engineer', component: () => import('./pages/EngineerPage.vue'),
    meta: { isInNav: true, right: 'rules' },
  },
  {
    path: '/:path(.*)*', name: 'nowhere', component: () => import('./pages/NowherePage.vue'),
  },
];
