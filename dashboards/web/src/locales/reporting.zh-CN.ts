// 报送、上联、报告、演练、绩效。
const zh = {
  messages: {
    title: '报送',
    trouble: '{count} 条未送达',
    counts: '失败（24 小时内）{failed} · 超时未回执 {late} · 待送 {open}',
    oldest: '最早一条待送写于 {at}',
    failure: '目前无法查看报送情况，可能有消息未送达，请电话通知：{detail}',
    signIn: '登录后查看接收方和回执。',
    unreached: '{recipient} 连续 {count} 次未送达，上次接收 {at}。请电话通知。',
    none: '没有报送消息。通知谁由站点文件 recipients.toml 设定。',
    noneOfWarning: '这条预警没有通知站外任何人。',
    ofWarning: '报送与回执',
    cut: '每种状态只列最近 {count} 条，其余请用接口查询。',
    detail: '详情',
    detailOf: '第 {number} 条消息详情',
    answer: '应答：',
    key: '防重编号',
    mock: '演练或测试消息',
    tries: '途径 {way}，已试 {tries} 次',
    byWay: '途径 {way}',
    pressing: { failed: '未送达，请电话通知', late: '超时未回执，请电话通知' },
    state: {
      queued: '待发送', sent: '已发送，未回执', accepted: '对方已接收', read: '对方已阅',
      failed: '失败', superseded: '已由更新的消息替代',
    },
    step: {
      queued: '写入', sent: '发送', accepted: '接收', failed: '放弃', superseded: '替代',
      read: '已阅',
    },
    kind: { alert: '预警', update: '更新', cancel: '撤销', 'all-clear': '解除' },
    receipt: {
      try: '开始发送', accept: '对方接收', retry: '待重试', 'next-way': '改用下一途径',
      'give-up': '放弃', supersede: '被替代', read: '已阅',
    },
  },
  uplinks: {
    title: 'HJ 212 上联',
    none: '没有设置上联（uplinks.toml）。',
    link: { idle: '未启用', connecting: '正在连接', connected: '已连接', waiting: '断开，等待重连' },
    since: '自 {at}',
    counts: '已接收 {accepted} · 未应答 {unanswered} · 放弃 {failed}',
    last: '上次接收 {at}',
    oldest: '最早未应答 {at}',
    stopped: '对方已停止实时数据（2012）',
    error: '上次断开原因：{detail}',
    setByCentre: '由对方设定：{what}',
  },
};

export default zh;
