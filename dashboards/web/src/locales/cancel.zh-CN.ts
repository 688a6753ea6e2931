// Cancelling a warning that was a mistake.
export default {
  cancel: {
    submit: '撤销预警',
    meaning: '仅用于误报（如标定、试验）。预警随即结束；凡收到过该预警的单位和人员都会收到撤销通知和理由。'
      + '记录保留，不会删除。',
    twoPersons: '曾达最高级别：提交后只是申请，须由另一人在 10 分钟内确认才生效。',
    reason: '撤销理由（对外发送）',
    asked: '申请撤销预警（误报）',
    proposalOf: '{by} 申请撤销该预警（误报），待第二人确认（还有 {left}）',
    meaningConfirm: '您作为第二人确认后，预警立即撤销，并通知所有收到过它的单位和人员。请先核实现场情况。',
    meaningLift: '撤回申请后，预警保持不变。',
  },
};
