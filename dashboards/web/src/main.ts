// Starts the page. Never swallows a failure: what breaks is shown on the page.
import { createApp } from 'vue';

import App from './App.vue';
import { i18n } from './locales';
import { reportFailure } from './stores/failure';
import { startView } from './stores/view';
import './styles/base.css';
import './styles/tokens.css';

startView();
const app = createApp(App).use(i18n);
app.config.errorHandler = reportFailure;
window.addEventListener('error', (event) => {
  reportFailure(event.error);
});
window.addEventListener('unhandledrejection', (event) => {
  reportFailure(event.reason);
});
app.mount('#app');
