// Fields for a date or a moment of the park. The same keys as the Chinese words.
import type zh from './moment.zh-CN';

const en: typeof zh = {
  moment: {
    now: { moment: 'Now', date: 'Today' },
    back: { moment: '−1 h', date: '−1 d' },
    on: { moment: '+1 h', date: '+1 d' },
    shape: { moment: 'yyyy-mm-dd hh:mm', date: 'yyyy-mm-dd' },
    wrong: {
      moment: 'Write it like 2026-11-30 14:05 (local time of the park)',
      date: 'Write it like 2026-11-30',
    },
  },
};

export default en;
