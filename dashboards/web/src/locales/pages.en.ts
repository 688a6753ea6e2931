// English: the pages by name, and the way between them.
import type zh from './pages.zh-CN';

const en: typeof zh = {
  page: {
    nav: 'Pages',
    overview: 'Overview',
    warning: 'Warning',
    engineer: 'Rules',
    nowhereTitle: 'There is no such page',
    nowhereHint: 'The address may be mistyped, or the page has another name now.',
  },
};

export default en;
