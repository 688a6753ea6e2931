// Starts the page. Never swallows a failure: what breaks is shown on the page.
import { createApp } from 'vue';

import App from './App.vue';
import { i18n } from './locales';
import { keepView, router } from './router';
import { reportFailure } from './stores/failure';
import { pinia } from './stores/pinia';
import { startView } from './stores/view';
import './styles/base.css';
import './styles/tokens.css';

startView(keepView);
const app = createApp(App).use(pinia).use(router).use(i18n);
app.config.errorHandler = reportFailure;
router.onError(reportFailure);
window.addEventListener('error', (event) => {
  reportFailure(event.error);
});
window.addEventListener('unhandledrejection', (event) => {
  reportFailure(event.reason);
});
app.mount('#app');
