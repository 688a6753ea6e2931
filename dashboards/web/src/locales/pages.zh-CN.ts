// Chinese: the pages by name, and the way between them.
export default {
  page: {
    nav: '页面',
    overview: '总览',
    warning: '预警',
    engineer: '规则工作台',
    nowhereTitle: '没有这个页面',
    nowhereHint: '地址可能写错了，或者页面已经改名。',
  },
};
