// The two languages; Chinese comes first and is what a missing word falls back to.
import { createI18n } from 'vue-i18n';

import en from './en';
import zh from './zh-CN';

export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  messages: { zh, en },
});
