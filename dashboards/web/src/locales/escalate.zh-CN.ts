// Taking the next step of the ladder before its time.
export default {
  escalate: {
    submit: '立即升级至{to}',
    meaning: '不等到时，立即呼叫下一级，并按正常升级通知各接收方；之后各级仍按原定时间。预警仍须有人确认。',
    next: '将呼叫：{to}（原定 {at}）',
    told: '已呼叫：{to}',
    none: '已没有可升级的对象。请按应急预案电话联系。',
    movedBy: '您填写期间，{by} 已升级至{to}。请确认是否还要继续升级。',
    movedByTime: '您填写期间，到时已自动升级至{to}。请确认是否还要继续升级。',
    movedAnew: '您填写期间，预警已重新发出，升级从头开始。请确认是否还要升级。',
    change: '人工立即升级',
    asked: '{by} 要求立即升级',
  },
};
