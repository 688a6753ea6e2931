// The pages and their addresses. A page is loaded when it is first opened; only the overview is
// there at once, because that is where warnings are looked for.
import type { RouteRecordRaw } from 'vue-router';

import OverviewPage from './pages/OverviewPage.vue';

declare module 'vue-router' {
  interface RouteMeta {
    /** Stands in the navigation, under the words `page.<name>`. */
    isInNav?: boolean;
    /** The page of the navigation that it belongs to, where its address does not say so. */
    under?: string;
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
    path: '/alarms', name: 'alarms', component: () => import('./pages/AlarmsPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/incidents', name: 'incidents', component: () => import('./pages/IncidentsPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/incidents/:id', name: 'incident', component: () => import('./pages/IncidentsPage.vue'),
    props: true,
  },
  {
    path: '/channels', name: 'channels', component: () => import('./pages/ChannelsPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/channels/:id', name: 'channel', component: () => import('./pages/ChannelPage.vue'),
    props: true,
  },
  {
    path: '/devices/:id', name: 'device', component: () => import('./pages/DevicePage.vue'),
    props: true, meta: { under: 'channels' },
  },
  {
    path: '/replay', name: 'replay', component: () => import('./pages/ReplayPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/kpis', name: 'kpis', component: () => import('./pages/KpisPage.vue'),
    meta: { isInNav: true, right: 'park' },
  },
  {
    path: '/duty', name: 'duty', component: () => import('./pages/DutyPage.vue'),
    meta: { isInNav: true, right: 'contacts' },
  },
  {
    path: '/drills', name: 'drills', component: () => import('./pages/DrillsPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/engineer', name: 'engineer', component: () => import('./pages/EngineerPage.vue'),
    meta: { isInNav: true, right: 'rules' },
  },
  {
    path: '/bureau', name: 'bureau', component: () => import('./pages/BureauPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/big-screen', name: 'big-screen', component: () => import('./pages/BigScreenPage.vue'),
    meta: { isInNav: true, isBare: true },
  },
  {
    path: '/people', name: 'people', component: () => import('./pages/PeoplePage.vue'),
    meta: { isInNav: true, right: 'people' },
  },
  {
    path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue'),
    meta: { isInNav: true },
  },
  {
    path: '/:path(.*)*', name: 'nowhere', component: () => import('./pages/NowherePage.vue'),
  },
];
