//! What a reader of an evidence pack is told first, in Chinese and English.

use siskin_model::Timestamp;
use siskin_model::incident::Incident;

use super::{Packed, Source};

pub(super) fn text(
    source: &Source<'_>,
    incident: &Incident,
    (from, to): (Timestamp, Timestamp),
    packed: Packed,
) -> String {
    let site = &source.settings.site;
    let local = |at: Timestamp| at.rfc3339(site.utc_offset_s);
    format!(
        "黄雀 Siskin 事件证据包 / evidence pack of an incident\n\
         \n\
         站点 / site:        {zh} / {en} ({site_id})\n\
         事件 / incident:    {id}: {title}\n\
         起止 / from, to:    {from}, {to}\n\
         生成 / made at, by: {made_at}, {by}\n\
         读数 / readings:    {readings}\n\
         缺失 / missing:     {missing}\n\
         \n\
         校验 / to check:    sha256sum --check MANIFEST.sha256\n\
         \n\
         incident.json       事件、报告计时 / the incident and its clocks\n\
         entries.ndjson      处置记录 / every act on it, in order\n\
         warnings.ndjson     预警的全部变化 / every step of its warnings\n\
         alarms.ndjson       报警的开始与结束 / begins and ends of alarms\n\
         maintenance.ndjson  相关设备的校准与维护记录 / what was done to its devices, newest first\n\
         readings/*.csv      事件区域各通道及全站风速风向的读数 / readings of its areas, and the wind\n\
         messages.ndjson     对外消息 / what was told of its warnings\n\
         cap/*.xml           同一消息的 CAP 1.2 / the same messages as CAP 1.2\n\
         receipts.ndjson     每个接收方的投递与回执 / each delivery with its receipts\n\
         audit.ndjson        该时段的操作审计及其哈希链 / what everybody did, with chained hashes\n\
         audit-checkpoint.json 最近一次签名的审计检查点 / the newest signed checkpoint of the audit\n\
         rules/version-*/    当时运行的规则全文 / the rules that ran\n\
         site-files.ndjson   站点文件的校验值 / sums of the site's files\n\
         files/*             附件，以校验值命名，原名见 incident.json / attached files, by their sums\n\
         reports/*           已签发的报告，数据与文件 / signed reports, their data and documents\n\
         missing.ndjson      未能读取的内容 / what could not be read\n\
         \n\
         JSON 中的时间为 1970 年以来的毫秒数（UTC）。\n\
         Moments in JSON are milliseconds since 1970 (UTC).\n",
        zh = site.name.zh,
        en = site.name.en,
        site_id = site.id,
        id = incident.id,
        title = incident.title.to_string().replace('\n', " "),
        from = local(from),
        to = local(to),
        made_at = local(source.made_at),
        by = source.made_by,
        readings = packed.readings,
        missing = packed.missing,
    )
}
