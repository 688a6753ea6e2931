// Two people who do the same at once.
export default {
  together: {
    shelved: '{by} 已于 {at} 先行将其搁置，您填写的内容未提交。',
    proposed: '{by} 已于 {at} 先行申请搁置，待第二人确认，您填写的内容未提交。',
    filled: '您填写期间，{by} 已于 {at} 填写本项：{lines}。再次保存将替换为您的内容。',
    accepted: '{by} 已先行接班。您填写的内容没有提交：',
    discard: '不再需要',
    changed: '此项已由他人先行修改，现为：{now}。您填写的内容尚未提交；再按一次将以您的内容替换。',
    removed: '此项已由他人先行删除。您填写的内容尚未提交；再按一次将重新写入。',
  },
};
