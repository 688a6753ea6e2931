//! What happened and what was done, from the incident's entries, its warnings and its tasks.

use siskin_model::incident::{Act, Entry};
use siskin_model::{Timestamp, Warning};

use crate::facts::Facts;
use crate::words;

/// Who made an entry that nobody made.
const STATION: &str = "station";
/// The most lines of a course; what is left out is counted.
const LINES_MAX: usize = 60;

pub(super) fn occurred(facts: &Facts<'_>) -> Vec<String> {
    let offset_s = facts.site.utc_offset_s;
    let discovered = words::moment(facts.incident.discovered_at, offset_s);
    let mut lines = vec![format!("发现时间：{discovered}。")];
    if let Some(first) = facts.warnings.iter().map(|warning| warning.raised_at).min() {
        lines.push(format!("首条预警：{}。", words::moment(first, offset_s)));
    }
    lines
}

pub(super) fn information_source(facts: &Facts<'_>) -> Option<Vec<String>> {
    let first = facts.warnings.iter().min_by_key(|warning| warning.raised_at)?;
    let channels: Vec<_> = first.channels.iter().map(ToString::to_string).collect();
    let at = words::moment(first.raised_at, facts.site.utc_offset_s);
    let count = facts.warnings.len();
    Some(vec![format!(
        "园区在线监测自动预警，首条于 {at}，监测点 {}；共 {count} 条预警。",
        channels.join("、")
    )])
}

pub(super) fn course(facts: &Facts<'_>) -> Option<Vec<String>> {
    let mut steps: Vec<(Timestamp, u64, String)> = Vec::new();
    for warning in facts.warnings {
        steps.push((warning.raised_at, 0, raised(facts, warning)));
        if let Some(at) = warning.returned_at {
            let ended = format!("{}恢复正常。", about(facts, warning));
            steps.push((at, 0, ended));
        }
    }
    let told = facts.entries.iter().filter_map(|entry| Some((entry, told(facts, entry)?)));
    steps.extend(told.map(|(entry, text)| (entry.at, entry.number, text)));
    steps.sort();
    lines(facts, &steps)
}

/// What was written down since the last report of any kind was signed.
pub(super) fn since_last_report(facts: &Facts<'_>) -> Option<Vec<String>> {
    let last = facts.incident.reports.iter().map(|report| report.at).max()?;
    let new = facts.entries.iter().filter(|entry| entry.at > last);
    let told = new.filter_map(|entry| Some((entry.at, entry.number, told(facts, entry)?)));
    lines(facts, &told.collect::<Vec<_>>())
}

fn lines(facts: &Facts<'_>, steps: &[(Timestamp, u64, String)]) -> Option<Vec<String>> {
    let left_out = steps.len().saturating_sub(LINES_MAX);
    let shown = steps.iter().take(LINES_MAX);
    let line = |(at, _, text): &(Timestamp, u64, String)| {
        format!("{}　{text}", words::moment(*at, facts.site.utc_offset_s))
    };
    let mut lines: Vec<_> = shown.map(line).collect();
    if left_out > 0 {
        lines.push(format!("另有 {left_out} 条记录未列出，见事件证据包。"));
    }
    (!lines.is_empty()).then_some(lines)
}

fn about(facts: &Facts<'_>, warning: &Warning) -> String {
    let area = facts.site.area(&warning.area);
    let area = area.map_or(warning.area.as_str(), |area| area.name.zh.as_str());
    let gas = facts.site.gas(&warning.gas);
    let gas = gas.map_or(warning.gas.as_str(), |gas| gas.name.zh.as_str());
    format!("{area}{gas}")
}

fn raised(facts: &Facts<'_>, warning: &Warning) -> String {
    let peak = warning.tier_peak.name().zh;
    let alarm = warning.alarms.first().and_then(|alarm| {
        let (value, limit) = (alarm.value?, alarm.limit?);
        let (value, limit) = (words::amount(value, alarm.unit), words::amount(limit, alarm.unit));
        Some(format!("，{} 触发值 {value}（限值 {limit}）", alarm.channel))
    });
    format!("{}预警，最高为{peak}{}。", about(facts, warning), alarm.unwrap_or_default())
}

/// Who made an entry, in the words of the report.
fn by(entry: &Entry) -> &str {
    if entry.by == STATION { "系统自动" } else { &entry.by }
}

/// The words of an entry; none where it is of the station's own keeping.
fn told(facts: &Facts<'_>, entry: &Entry) -> Option<String> {
    let by = by(entry);
    let text = match &entry.act {
        Act::Open { title, .. } => format!("建立事件“{}”（{by}）。", title.zh()),
        Act::Note { text } => format!("{text}（{by}）"),
        Act::Task { text, owner, .. } => format!("布置任务：{text}，责任人{owner}（{by}）。"),
        Act::TaskDone { task, note } => {
            let known = facts.incident.tasks.iter().find(|one| one.number == *task);
            let what = known.map_or_else(|| task.to_string(), |one| format!("“{}”", one.text));
            format!("任务{what}完成：{note}（{by}）。")
        }
        Act::Met { duty, reference, .. } => format!("履行报告义务 {duty} {reference}（{by}）。"),
        Act::Grade { grade: Some(grade), reason } => {
            format!("定级为{}：{reason}（{by}）。", words::grade(*grade))
        }
        Act::Grade { grade: None, reason } => format!("撤回定级：{reason}（{by}）。"),
        Act::ReportSign { report } => {
            format!("签发{}第 {} 版（{by}）。", words::kind(report.kind), report.version)
        }
        Act::Close { cause, .. } => format!("结案：{cause}（{by}）。"),
        Act::Reopen { reason } => format!("重新开启：{reason}（{by}）。"),
        Act::File { file } => format!("添加附件 {}（{by}）。", file.name),
        Act::Join { .. }
        | Act::Leave { .. }
        | Act::Change { .. }
        | Act::Rung { .. }
        | Act::ReportFill { .. } => return None,
    };
    Some(text)
}

/// Tasks that are done, or those that are not.
pub(super) fn tasks(facts: &Facts<'_>, done: bool) -> Option<Vec<String>> {
    let offset_s = facts.site.utc_offset_s;
    let tasks = facts.incident.tasks.iter().filter(|task| task.done.is_some() == done);
    let line = |task: &siskin_model::incident::Task| match (&task.done, task.due) {
        (Some((at, by)), _) => {
            format!("{}：{by}于 {} 完成。", task.text, words::moment(*at, offset_s))
        }
        (None, Some(due)) => {
            format!("{}：{}，{} 前完成。", task.text, task.owner, words::moment(due, offset_s))
        }
        (None, None) => format!("{}：{}。", task.text, task.owner),
    };
    let lines: Vec<_> = tasks.map(line).collect();
    (!lines.is_empty()).then_some(lines)
}
