// Chinese: who did not take what they were told, and alarms about equipment as people answer them.
export default {
  owed: {
    'message-unreceipted': '消息超时未确认接收，请电话通知',
    'message-failed': '消息未能送达，请电话通知',
    open: '未确认',
    acknowledged: '{by} 已于 {at} 确认',
    ack: '确认',
    taken: '之后的消息已被接收',
    messagesOf: '发给 {name} 的消息',
    title: '确认设备报警',
    meaning: '确认表示您已知晓，并会通知相关人员或安排检修；报警不会因此停止监视。未能送达的消息在确认后不再报警。',
    count: '共 {count} 条报警等待确认',
    first: '{by} 已先于 {at} 确认。您填写的内容没有提交。',
    gone: '该报警已结束：已有人确认，或情况已恢复。您填写的内容没有提交。',
  },
  messagesTo: {
    one: '只显示发给 {name} 的消息',
    all: '显示全部',
  },
};
