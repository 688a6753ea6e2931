// Fields for a date or a moment of the park.
export default {
  moment: {
    now: { moment: '现在', date: '今天' },
    back: { moment: '−1 小时', date: '−1 天' },
    on: { moment: '+1 小时', date: '+1 天' },
    shape: { moment: '年-月-日 时:分', date: '年-月-日' },
    wrong: {
      moment: '请写成 2026-11-30 14:05 的形式（园区当地时间）',
      date: '请写成 2026-11-30 的形式',
    },
  },
};
