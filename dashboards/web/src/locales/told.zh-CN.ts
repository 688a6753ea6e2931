// Chinese: who did not take what they were told.
export default {
  owed: {
    'message-unreceipted': '消息超时未确认接收，请电话通知',
    'message-failed': '消息未能送达，请电话通知',
    open: '未确认',
    acknowledged: '{by} 已确认',
  },
};
