// English: who did not take what they were told. The same keys as the Chinese words.
import type zh from './told.zh-CN';

const en: typeof zh = {
  owed: {
    'message-unreceipted': 'message not accepted in time: call them',
    'message-failed': 'message not delivered: call them',
    open: 'not acknowledged',
    acknowledged: 'acknowledged by {by}',
  },
};

export default en;
