// The gallery of states: `npm run dev`, then /gallery.html. Not part of the build.
import { createApp } from 'vue';

import { searchOf } from '../domain/query';
import { i18n } from '../locales';
import { router } from '../router';
import { pinia } from '../stores/pinia';
import { startView, view } from '../stores/view';
import '../styles/base.css';
import '../styles/tokens.css';
import StateGallery from './StateGallery.vue';

startView(() => {
  window.history.replaceState(null, '', searchOf(view, window.location.search));
});
createApp(StateGallery).use(pinia).use(router).use(i18n).mount('#app');
