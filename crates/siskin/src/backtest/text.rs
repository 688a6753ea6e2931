//! The report as tables for the terminal, in Chinese or English.

use std::fmt::Write as _;

use siskin_model::Text;

use super::args::Lang;
use super::diff::Diff;
use super::load::Load;
use super::measure::Measures;
use super::report::{Report, SetReport};
use super::sweep::Sweep;
use super::table::Table;

/// Changes of alarms that the terminal shows; the JSON file has more.
const CHANGES_SHOWN: usize = 20;
/// Incidents that the terminal shows.
const INCIDENTS_SHOWN: usize = 50;

/// The whole report.
pub(crate) fn told(report: &Report, lang: Lang) -> String {
    let mut out = head(report, lang);
    for set in &report.sets {
        let label = lang.of("规则集", "Rule set");
        let _infallible = writeln!(out, "\n== {label} {} ==\n", set.label);
        out.push_str(&figures(set, lang));
        if report.incidents > 0 {
            out.push('\n');
            out.push_str(&incidents(set, report.utc_offset_s, lang));
        }
        out.push('\n');
        out.push_str(&load(&set.load, report, lang));
    }
    if let Some(diff) = &report.diff {
        out.push_str(&told_diff(diff, lang));
    }
    if let Some(sweep) = &report.sweep {
        out.push_str(&told_sweep(sweep, lang));
    }
    out.push('\n');
    out.push_str(lang.of(NOTES_ZH, NOTES_EN));
    out
}

const NOTES_ZH: &str = "\
注：事件起止时间之内的新报警才算检出，事件开始前已在报警的不算（“起始已报警”）。\n\
园区 = 所有带等级的气体报警的并集；规则行逐条计数。目标值为二手引用，未核对标准原文。\n";
const NOTES_EN: &str = "\
Found = a raise between an incident's start and end; an alarm active at its start is no raise.\n\
Park = union of all gas alarms with a tier; rules count each raise. Targets are second-hand.\n";

/// The name of a thing in the language.
pub(crate) fn name(text: &Text, lang: Lang) -> &str {
    lang.of(&text.zh, &text.en)
}

fn head(report: &Report, lang: Lang) -> String {
    let site = name(&report.site_name, lang);
    let (from, to) = (report.from.0, report.to.0);
    let offset_s = report.utc_offset_s;
    let (from, to) = (from.rfc3339(offset_s), to.rfc3339(offset_s));
    let Report { channels, gas_channels, readings, incidents, .. } = report;
    let (days, quiet_days, margin_s) = (report.days, report.quiet_days, report.quiet_margin_s);
    let outside = report.incidents_outside;
    match lang {
        Lang::Zh => format!(
            "回测 {site}（{}）：{from} 至 {to}，{days:.2} 天\n\
             通道 {channels}（气体 {gas_channels}），读数 {readings}，事件 {incidents}\
             （范围外 {outside}），安静时间 {quiet_days:.2} 天（距事件 {margin_s} s 以上）\n",
            report.site
        ),
        Lang::En => format!(
            "Backtest of {site} ({}): {from} to {to}, {days:.2} days\n\
             {channels} channels ({gas_channels} of gas), {readings} readings, \
             {incidents} incidents ({outside} outside the run), {quiet_days:.2} days of quiet time \
             (more than {margin_s} s from any incident)\n",
            report.site
        ),
    }
}

/// A length of time for people.
pub(crate) fn length(seconds: Option<f64>) -> String {
    match seconds {
        None => "n/a".to_owned(),
        Some(s) if s.abs() < 120.0 => format!("{s:.1} s"),
        Some(s) if s.abs() < 7200.0 => format!("{:.1} min", s / 60.0),
        Some(s) => format!("{:.1} h", s / 3600.0),
    }
}

/// A number for people.
pub(crate) fn number(value: Option<f64>) -> String {
    match value {
        None => "n/a".to_owned(),
        Some(v) if v != 0.0 && v.abs() < 0.1 => format!("{v:.4}"),
        Some(v) => format!("{v:.2}"),
    }
}

/// A share for people.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "n/a".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

/// The heads of the table of figures.
pub(crate) fn figure_heads(lang: Lang) -> [&'static str; 14] {
    let heads = [
        ("对象", "what"),
        ("检出", "found"),
        ("漏报", "missed"),
        ("起始已报警", "active before"),
        ("延迟中位", "delay median"),
        ("延迟p90", "delay p90"),
        ("提前中位", "lead median"),
        ("提前p10", "lead p10"),
        ("报警数", "raises"),
        ("误报", "false starts"),
        ("误报/安静日", "/quiet day"),
        ("误报/通道日", "/channel-day"),
        ("安静报警占比", "quiet in alarm"),
        ("报警时长", "in alarm"),
    ];
    heads.map(|(zh, en)| lang.of(zh, en))
}

/// One line of the table of figures.
pub(crate) fn figure_cells(what: String, finds: bool, m: &Measures) -> Vec<String> {
    let of_incidents = |text: String| if finds { text } else { "-".to_owned() };
    vec![
        what,
        of_incidents(format!("{}/{}", m.found, m.incidents)),
        of_incidents(m.missed.to_string()),
        of_incidents(m.active_at_start.to_string()),
        of_incidents(length(m.delay_median_s)),
        of_incidents(length(m.delay_p90_s)),
        of_incidents(length(m.lead_median_s)),
        of_incidents(length(m.lead_p10_s)),
        m.raises.to_string(),
        m.false_starts.to_string(),
        number(m.false_starts_per_quiet_day),
        number(m.false_starts_per_channel_day),
        percent(m.quiet_in_alarm_share),
        length(Some(m.in_alarm_s)),
    ]
}

/// All lines of the table of figures.
pub(crate) fn figure_rows(set: &SetReport, lang: Lang) -> Vec<Vec<String>> {
    let mut rows = vec![
        figure_cells(lang.of("园区（并集）", "park (union)").to_owned(), true, &set.park),
        figure_cells(lang.of("园区（逐条）", "park (each raise)").to_owned(), true, &set.park_each),
    ];
    for gas in &set.gases {
        let what = format!("{} {}", lang.of("气体", "gas"), name(&gas.name, lang));
        rows.push(figure_cells(what, true, &gas.measures));
    }
    for rule in &set.rules {
        let tier = rule.tier.map_or("-", siskin_model::Tier::as_str);
        let finds = !matches!(rule.kind, "no-data" | "stuck" | "jump" | "out-of-range");
        let what = format!("{} [{}, {tier}]", rule.rule, rule.kind);
        rows.push(figure_cells(what, finds, &rule.measures));
    }
    rows
}

fn figures(set: &SetReport, lang: Lang) -> String {
    let mut table = Table::new(&figure_heads(lang));
    for row in figure_rows(set, lang) {
        table.row(row);
    }
    table.text()
}

fn incidents(set: &SetReport, utc_offset_s: i32, lang: Lang) -> String {
    let heads = [
        lang.of("事件", "incident"),
        lang.of("开始", "start"),
        lang.of("延迟", "delay"),
        lang.of("提前", "lead"),
        lang.of("起始已报警", "active before"),
    ];
    let mut table = Table::new(&heads);
    for incident in set.incidents.iter().take(INCIDENTS_SHOWN) {
        let missed = lang.of("漏报", "missed").to_owned();
        let yes = lang.of("是", "yes");
        table.row(vec![
            incident.incident.clone(),
            incident.start.0.rfc3339(utc_offset_s),
            incident.delay_s.map_or(missed, |s| length(Some(s))),
            length(incident.lead_s),
            if incident.active_at_start { yes.to_owned() } else { "-".to_owned() },
        ]);
    }
    table.text()
}

/// The lines of the table of load: figure, value, target, source.
pub(crate) fn load_rows(load: &Load, report: &Report, lang: Lang) -> Vec<Vec<String>> {
    let tiers: Vec<String> =
        load.by_tier.iter().map(|(tier, count)| format!("{tier} {count}")).collect();
    let value = |figure: &str| match figure {
        "per_10min_mean" => number(Some(load.per_10min_mean)),
        "per_10min_peak" => load.per_10min_peak.to_string(),
        "periods_above_10_share" => percent(Some(load.periods_above_10_share)),
        "per_hour_mean" => number(Some(load.per_hour_mean)),
        "hours_above_30_share" => percent(Some(load.hours_above_30_share)),
        "per_day_mean" => number(Some(load.per_day_mean)),
        "floods" => load.floods.to_string(),
        "flood_share" => percent(Some(load.flood_share)),
        "chattering" => load.chattering.to_string(),
        "fleeting" => load.fleeting.to_string(),
        "stale" => load.stale.to_string(),
        "top_10_share" => percent(load.top_10_share),
        _ => tiers.join(", "),
    };
    let row = |target: &super::load::Target| {
        vec![
            load_name(target.figure, lang).to_owned(),
            value(target.figure),
            target.at_best.to_owned(),
            target.source.to_owned(),
        ]
    };
    report.load_targets.iter().map(row).collect()
}

fn load_name(figure: &str, lang: Lang) -> &str {
    match figure {
        "per_10min_mean" => lang.of("每10分钟报警数（均值）", "alarms per 10 min (mean)"),
        "per_10min_peak" => lang.of("任一10分钟最多", "most in any 10 min"),
        "periods_above_10_share" => lang.of("超过10条的10分钟占比", "10-min periods above 10"),
        "per_hour_mean" => lang.of("每小时报警数（均值）", "alarms per hour (mean)"),
        "hours_above_30_share" => lang.of("超过30条的小时占比", "hours above 30"),
        "per_day_mean" => lang.of("每天报警数（均值）", "alarms per day (mean)"),
        "floods" => lang.of("报警洪水次数", "floods (> 10 in 10 min)"),
        "flood_share" => lang.of("洪水时间占比", "time in flood"),
        "chattering" => lang.of("抖动报警（1分钟≥3次）", "chattering (>= 3 in 1 min)"),
        "fleeting" => lang.of("瞬时报警（<10 s）", "fleeting (< 10 s)"),
        "stale" => lang.of("陈旧报警（>24 h）", "stale (> 24 h)"),
        "top_10_share" => lang.of("最频繁10个报警占比", "share of the 10 most frequent"),
        _ => lang.of("按等级", "by tier"),
    }
}

/// The heads of the table of load.
pub(crate) fn load_heads(lang: Lang) -> [&'static str; 4] {
    [
        lang.of("报警负荷（ISA-18.2）", "alarm load (ISA-18.2)"),
        lang.of("数值", "value"),
        lang.of("目标", "target"),
        lang.of("目标出处", "target's source"),
    ]
}

fn load(load: &Load, report: &Report, lang: Lang) -> String {
    let mut table = Table::new(&load_heads(lang));
    for row in load_rows(load, report, lang) {
        table.row(row);
    }
    table.text()
}

fn told_diff(diff: &Diff, lang: Lang) -> String {
    let mut out = format!("\n== {} A → B ==\n\n", lang.of("比较", "Difference"));
    for rule in &diff.rules {
        let _infallible = writeln!(out, "{}:", rule.rule);
        for (sign, lines) in [('-', &rule.removed), ('+', &rule.added)] {
            for line in lines {
                let _infallible = writeln!(out, "  {sign} {line}");
            }
        }
    }
    let heads = [
        lang.of("规则", "rule"),
        lang.of("相同", "same"),
        lang.of("移动", "moved"),
        lang.of("仅A", "only A"),
        lang.of("仅B", "only B"),
    ];
    let mut table = Table::new(&heads);
    for (rule, counts) in &diff.alarms {
        let numbers = [counts.same, counts.moved, counts.only_a, counts.only_b];
        let cells = numbers.map(|number| number.to_string());
        table.row([vec![rule.clone()], cells.to_vec()].concat());
    }
    let _infallible = writeln!(out, "\n{}", table.text());
    let mut table = Table::new(&[lang.of("事件", "incident"), "A", "B"]);
    for incident in diff.incidents.iter().take(INCIDENTS_SHOWN) {
        let delay = |s: Option<f64>| {
            s.map_or_else(|| lang.of("漏报", "missed").to_owned(), |s| length(Some(s)))
        };
        table.row(vec![
            incident.incident.clone(),
            delay(incident.delay_a_s),
            delay(incident.delay_b_s),
        ]);
    }
    if !diff.incidents.is_empty() {
        let _infallible = writeln!(out, "{}", table.text());
    }
    out.push_str(&changes(diff, lang));
    out
}

fn changes(diff: &Diff, lang: Lang) -> String {
    let heads = [lang.of("报警", "alarm"), "A", "B", lang.of("移动", "shift")];
    let mut table = Table::new(&heads);
    let time = |time: Option<super::report::AlarmTime>| {
        let end = |t: super::report::AlarmTime| t.end.map_or("…".to_owned(), |e| e.0.to_string());
        time.map_or_else(|| "-".to_owned(), |t| format!("{} – {}", t.start.0, end(t)))
    };
    for change in diff.listed.iter().take(CHANGES_SHOWN) {
        table.row(vec![
            format!("{} {}", change.channel, change.rule),
            time(change.a),
            time(change.b),
            change.start_shift_s.map_or_else(|| "-".to_owned(), |s| format!("{s:+.1} s")),
        ]);
    }
    let left = diff.listed.len().saturating_sub(CHANGES_SHOWN) + diff.not_listed;
    let more = match lang {
        Lang::Zh => format!("另有 {left} 处不同\n"),
        Lang::En => format!("and {left} more\n"),
    };
    if left > 0 { table.text() + &more } else { table.text() }
}

fn told_sweep(sweep: &Sweep, lang: Lang) -> String {
    let what = format!("{}.{}", sweep.rule, sweep.key);
    let mut table = Table::new(&[
        &what,
        lang.of("检出", "found"),
        lang.of("延迟中位", "delay median"),
        lang.of("延迟p90", "delay p90"),
        lang.of("误报", "false starts"),
        lang.of("误报/安静日", "/quiet day"),
        lang.of("误报/通道日", "/channel-day"),
        lang.of("安静报警占比", "quiet in alarm"),
    ]);
    for point in &sweep.points {
        let park = &point.park;
        table.row(vec![
            point.value.to_string(),
            format!("{}/{}", park.found, park.incidents),
            length(park.delay_median_s),
            length(park.delay_p90_s),
            park.false_starts.to_string(),
            number(park.false_starts_per_quiet_day),
            number(park.false_starts_per_channel_day),
            percent(park.quiet_in_alarm_share),
        ]);
    }
    format!(
        "\n== {} ==\n\n{}",
        lang.of("参数扫描（规则集A，园区）", "Sweep (set A, park)"),
        table.text()
    )
}
