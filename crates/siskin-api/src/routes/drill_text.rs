//! The report of a drill as a text for people, in Chinese and English side by side.
//!
//! Says what the report says and nothing else; a name or note of a person cannot become a heading
//! or a cell.

use std::fmt::Write as _;

use siskin_model::Timestamp;

use crate::backend::tier_word;
use crate::contract::{DrillReportView, DrillView, DrillWarningView, WarningChangeView};

/// The whole text.
pub(super) fn markdown(report: &DrillReportView, offset_s: i32) -> String {
    let mut out = String::new();
    head(&mut out, &report.drill, offset_s);
    people(&mut out, report);
    for warning in &report.warnings {
        story(&mut out, warning, offset_s);
    }
    if report.warnings.is_empty() {
        out.push_str("\n演练中没有产生预警。No warning was raised in the drill.\n");
    }
    out
}

/// Writing into a text cannot fail.
macro_rules! line {
    ($out:expr, $($part:tt)*) => {{
        let _never_fails = writeln!($out, $($part)*);
    }};
}

fn head(out: &mut String, drill: &DrillView, offset_s: i32) {
    let at = |ms: i64| Timestamp::from_millis(ms).rfc3339(offset_s);
    line!(out, "# 演练报告 Drill report {}", drill.number);
    line!(out, "\n**演练，非真实事件。 A drill, not a real event.**\n");
    line!(out, "| 项目 Item | 内容 Content |");
    line!(out, "|---|---|");
    line!(out, "| 区域 Area | {} |", cell(&drill.area));
    line!(out, "| 气体 Gas | {} |", cell(&drill.gas));
    line!(out, "| 峰值 Peak | {} {} |", drill.peak, drill.unit);
    line!(
        out,
        "| 上升、保持、下降 Rise, hold, decay | {}, {}, {} |",
        seconds(drill.rise_ms),
        seconds(drill.hold_ms),
        seconds(drill.decay_ms)
    );
    line!(out, "| 开始 Begun | {} · {} |", at(drill.begun_at_ms), cell(&drill.begun_by));
    line!(out, "| 释放 Release | {} |", at(drill.release_at_ms));
    match &drill.ended {
        Some(end) => {
            let by = end.by.as_deref().unwrap_or("station");
            let why = reason(&end.reason);
            line!(out, "| 结束 Ended | {} · {why} · {} |", at(end.at_ms), cell(by));
        }
        None => line!(out, "| 结束 Ended | 进行中 still runs |"),
    }
    if !drill.note.is_empty() {
        line!(out, "| 说明 Note | {} |", cell(&drill.note));
    }
}

fn people(out: &mut String, report: &DrillReportView) {
    line!(out, "\n## 人员 People\n");
    if report.people.is_empty() {
        line!(out, "无人操作。Nobody acted.");
        return;
    }
    line!(
        out,
        "| 人员 Person | 操作 Acts | 确认 Acknowledged | 半数 Half | 九成 Nine tenths | 最长 Longest |"
    );
    line!(out, "|---|---|---|---|---|---|");
    for one in &report.people {
        line!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            cell(&one.person),
            one.acts,
            one.acknowledged,
            some(one.half_ms),
            some(one.nine_tenths_ms),
            some(one.longest_ms)
        );
    }
}

fn story(out: &mut String, warning: &DrillWarningView, offset_s: i32) {
    line!(out, "\n## {} · {}\n", cell(&warning.area), cell(&warning.gas));
    line!(out, "`{}` · 最高级别 highest tier {}", warning.id, tier_word(warning.tier_peak));
    line!(out, "\n- 释放后报警 raised after the release: {}", seconds(warning.raised_after_ms));
    match (&warning.acknowledged_by, warning.acknowledged_after_ms) {
        (Some(by), Some(ms)) => {
            line!(out, "- 首次确认 first acknowledged: {} · {}", seconds(ms), cell(by));
        }
        _ => line!(out, "- 无人确认 nobody acknowledged"),
    }
    line!(out, "\n| 用时 After | 时刻 At | 步骤 Step | 级别 Tier | 人员 Who | 说明 Note |");
    line!(out, "|---|---|---|---|---|---|");
    for step in &warning.steps {
        let who = step.by.as_deref().or(step.to.as_deref()).unwrap_or_default();
        line!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            seconds(step.after_ms),
            Timestamp::from_millis(step.told_at_ms).rfc3339(offset_s),
            change(step.change),
            tier_word(step.tier),
            cell(who),
            cell(step.note.as_deref().unwrap_or_default())
        );
    }
    if !warning.ladder.is_empty() {
        line!(out, "\n| 升级 Passed on to | 级别 Tier | 应于 Due | 实际 Called |");
        line!(out, "|---|---|---|---|");
        for rung in &warning.ladder {
            let (to, tier) = (cell(&rung.to), tier_word(rung.tier));
            line!(out, "| {to} | {tier} | {} | {} |", seconds(rung.due_ms), some(rung.called_ms));
        }
    }
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, (ms % 1000).abs() / 100)
}

fn some(ms: Option<i64>) -> String {
    ms.map_or_else(|| "–".to_owned(), seconds)
}

/// A text of a person inside of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn reason(reason: &str) -> &'static str {
    match reason {
        "by-hand" => "人工结束 by hand",
        "time-over" => "时间到 time over",
        "preempted" => "真实预警优先 pre-empted by a real warning",
        "restart" => "系统重启 restart of the station",
        _ => "故障 failed",
    }
}

fn change(change: WarningChangeView) -> &'static str {
    match change {
        WarningChangeView::Raised => "产生 raised",
        WarningChangeView::Escalated => "升级 tier rises",
        WarningChangeView::Deescalated => "降级 tier falls",
        WarningChangeView::Updated => "更新 updated",
        WarningChangeView::Returned => "恢复 returned",
        WarningChangeView::Reactivated => "再次报警 alarm again",
        WarningChangeView::Acknowledged => "确认 acknowledged",
        WarningChangeView::Closed => "结束 closed",
        WarningChangeView::Chattering => "抖动 chattering",
        WarningChangeView::Latched => "锁存 latched",
        WarningChangeView::Commented => "备注 commented",
        WarningChangeView::PassedOn => "逐级上报 passed on",
        WarningChangeView::Shelved => "搁置 shelved",
        WarningChangeView::Suppressed => "设计抑制 suppressed by design",
        WarningChangeView::TakenOut => "停用 out of service",
        WarningChangeView::Reannounced => "重新呼叫 called again",
        WarningChangeView::Reset => "复位 reset",
        WarningChangeView::Ended => "随演练结束 ended with the drill",
        WarningChangeView::Cancelled => "撤销 cancelled",
    }
}
