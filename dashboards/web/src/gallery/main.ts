// The gallery of states: `npm run dev`, then /gallery.html. Not part of the build.
import { createApp } from 'vue';

import { i18n } from '../locales';
import { startView } from '../stores/view';
import '../styles/base.css';
import '../styles/tokens.css';
import StateGallery from './StateGallery.vue';

startView();
createApp(StateGallery).use(i18n).mount('#app');
