//! The report as one page: no script, no network, plots drawn here as SVG. Chinese and English
//! stand side by side; it is light or dark as the reader's system is.
//!
//! Must never let a text of a site become markup: everything goes through [`escaped`].

mod plots;

use std::fmt::Write as _;

use super::args::Lang;
use super::diff::Diff;
use super::report::{Report, SetReport};
use super::sweep::Sweep;
use super::text::{figure_heads, figure_rows, length, load_heads, load_rows, number, percent};

/// Incidents that the page lists.
const INCIDENTS_SHOWN: usize = 200;
/// Changed alarms that the page lists.
const CHANGES_SHOWN: usize = 200;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--line:#d0d7de;\
--incident:#8250df;--a:#0969da;--b:#bc4c00}\
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--paper:#0d1117;\
--line:#30363d;--incident:#bc8cff;--a:#58a6ff;--b:#f0883e}}\
body{font:15px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:2rem auto;\
max-width:76rem;padding:0 1rem;color:var(--ink);background:var(--paper)}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid var(--line)}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:right}\
td{white-space:nowrap}\
th:first-child,td:first-child{text-align:left}th{font-weight:600;vertical-align:bottom}\
small,.soft{color:var(--soft)}svg{width:100%;height:auto;display:block}\
svg text{fill:var(--ink);font-size:12px}svg .soft{fill:var(--soft)}\
.axis{stroke:var(--line);fill:none}.incident{fill:var(--incident)}\
.a{fill:var(--a)}.b{fill:var(--b)}\
.curve{stroke:var(--a);fill:none;stroke-width:2}pre{white-space:pre-wrap}";

/// The whole page.
pub(crate) fn page(report: &Report) -> String {
    let title = format!("{} · {}", report.site_name.zh, report.site_name.en);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>回测 Backtest · {0}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>规则回测 Backtest · {0}</h1>\n",
        escaped(&title)
    );
    out.push_str(&head(report));
    out.push_str(&section("时间线", "Timeline", &plots::timeline(report)));
    for set in &report.sets {
        out.push_str(&of_set(set, report));
    }
    if let Some(diff) = &report.diff {
        out.push_str(&section("A 与 B 的差异", "Difference from A to B", &of_diff(diff)));
    }
    if let Some(sweep) = &report.sweep {
        out.push_str(&of_sweep(sweep));
    }
    out.push_str(&section("说明", "How to read this", NOTES));
    out.push_str("</body>\n</html>\n");
    out
}

const NOTES: &str = "\
<p>事件起止时间之内的新报警才算检出；事件开始前已在报警的不算。安静时间是距任何事件超过规定间隔的时间，\
其中的报警算误报。园区与气体行是带等级报警的并集，规则行逐条计数。负荷目标为二手引用，未核对标准原文。</p>\n\
<p>Found means a raise between an incident's start and end; an alarm that was active before is no \
raise. Quiet time is farther than the stated margin from any incident; a raise there is a false \
start. Park and gas lines are the union of the alarms with a tier; rules count each raise. The \
targets of the alarm load are second-hand and unverified.</p>\n";

/// A text that cannot be taken for markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn section(zh: &str, en: &str, body: &str) -> String {
    format!("<h2>{zh} <small>{en}</small></h2>\n{body}")
}

fn head(report: &Report) -> String {
    let offset_s = report.utc_offset_s;
    let (from, to) = (report.from.0.rfc3339(offset_s), report.to.0.rfc3339(offset_s));
    let Report { channels, gas_channels, readings, incidents, .. } = report;
    let rows = [
        ("范围", "range", format!("{from} – {to} ({:.2} d)", report.days)),
        ("通道", "channels", format!("{channels} ({gas_channels} gas)")),
        ("读数", "readings", readings.to_string()),
        (
            "事件（范围外）",
            "incidents (outside)",
            format!("{incidents} ({})", report.incidents_outside),
        ),
        (
            "安静时间（间隔）",
            "quiet time (margin)",
            format!("{:.2} d ({})", report.quiet_days, length(Some(report.quiet_margin_s))),
        ),
    ];
    let row = |(zh, en, value): &(&str, &str, String)| {
        format!("<tr><td>{zh} <small>{en}</small></td><td>{}</td></tr>\n", escaped(value))
    };
    format!("<table>\n{}</table>\n", rows.iter().map(row).collect::<String>())
}

/// A table whose head stands in both languages.
fn table(zh: &[&str], en: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = "<div class=\"wide\"><table>\n<tr>".to_owned();
    for (zh, en) in zh.iter().zip(en) {
        let en =
            if zh == en { String::new() } else { format!("<br/><small>{}</small>", escaped(en)) };
        let _infallible = write!(out, "<th>{}{en}</th>", escaped(zh));
    }
    out.push_str("</tr>\n");
    for row in rows {
        let cells = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell)));
        let _infallible = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
    }
    out.push_str("</table></div>\n");
    out
}

fn of_set(set: &SetReport, report: &Report) -> String {
    let mut names = figure_rows(set, Lang::Zh);
    for (row, english) in names.iter_mut().zip(figure_rows(set, Lang::En)) {
        if let (Some(cell), Some(english)) = (row.first_mut(), english.into_iter().next())
            && *cell != english
        {
            *cell = format!("{cell} {english}");
        }
    }
    let mut body = table(&figure_heads(Lang::Zh), &figure_heads(Lang::En), &names);
    if report.incidents > 0 {
        body.push_str("<h3>延迟 <small>delays</small></h3>\n");
        body.push_str(&plots::delays(set));
        body.push_str(&incidents(set, report));
    }
    body.push_str("<h3>报警负荷 <small>alarm load</small></h3>\n");
    let mut loads = load_rows(&set.load, report, Lang::Zh);
    for (row, english) in loads.iter_mut().zip(load_rows(&set.load, report, Lang::En)) {
        if let (Some(cell), Some(english)) = (row.first_mut(), english.into_iter().next()) {
            *cell = format!("{cell} · {english}");
        }
    }
    body.push_str(&table(&load_heads(Lang::Zh), &load_heads(Lang::En), &loads));
    section(&format!("规则集 {}", set.label), &format!("Rule set {}", set.label), &body)
}

fn incidents(set: &SetReport, report: &Report) -> String {
    let row = |incident: &super::report::IncidentReport| {
        vec![
            incident.incident.clone(),
            incident.gas.to_string(),
            incident.start.0.rfc3339(report.utc_offset_s),
            incident.end.0.rfc3339(report.utc_offset_s),
            if incident.found { length(incident.delay_s) } else { "漏报 missed".to_owned() },
            length(incident.lead_s),
            if incident.active_at_start { "是 yes".to_owned() } else { "-".to_owned() },
        ]
    };
    let rows: Vec<_> = set.incidents.iter().take(INCIDENTS_SHOWN).map(row).collect();
    let zh = ["事件", "气体", "开始", "结束", "延迟", "提前", "起始已报警"];
    let en = ["incident", "gas", "start", "end", "delay", "lead", "active before"];
    let left = report.incidents.saturating_sub(rows.len());
    let more = if left > 0 {
        format!("<p class=\"soft\">另有 {left} 个事件未列出 · {left} more incidents</p>\n")
    } else {
        String::new()
    };
    format!(
        "<details open=\"open\"><summary>逐个事件 <small>by incident</small></summary>\n{}{more}\
         </details>\n",
        table(&zh, &en, &rows)
    )
}

fn of_diff(diff: &Diff) -> String {
    let mut out = String::new();
    for rule in &diff.rules {
        let lines = |sign: &str, lines: &[String]| -> String {
            lines
                .iter()
                .flat_map(|line| [sign.to_owned(), escaped(line), "\n".to_owned()])
                .collect()
        };
        let (removed, added) = (lines("- ", &rule.removed), lines("+ ", &rule.added));
        let _infallible =
            writeln!(out, "<p>{}</p>\n<pre>{removed}{added}</pre>", escaped(&rule.rule));
    }
    let count = |(rule, counts): (&String, &super::diff::AlarmCounts)| {
        let numbers = [counts.same, counts.moved, counts.only_a, counts.only_b];
        [vec![rule.clone()], numbers.map(|number| number.to_string()).to_vec()].concat()
    };
    let rows: Vec<_> = diff.alarms.iter().map(count).collect();
    let zh = ["规则", "相同", "移动", "仅A", "仅B"];
    let en = ["rule", "same", "moved", "only A", "only B"];
    out.push_str(&table(&zh, &en, &rows));
    let delay = |s: Option<f64>| s.map_or_else(|| "漏报 missed".to_owned(), |s| length(Some(s)));
    let row = |incident: &super::diff::IncidentChange| {
        vec![incident.incident.clone(), delay(incident.delay_a_s), delay(incident.delay_b_s)]
    };
    let rows: Vec<_> = diff.incidents.iter().map(row).collect();
    if !rows.is_empty() {
        out.push_str(&table(&["事件", "A", "B"], &["incident", "A", "B"], &rows));
    }
    out.push_str(&changes(diff));
    out
}

fn changes(diff: &Diff) -> String {
    let time = |time: Option<super::report::AlarmTime>| {
        let Some(time) = time else { return "-".to_owned() };
        let end = time.end.map_or_else(|| "…".to_owned(), |end| end.0.to_string());
        format!("{} – {end}", time.start.0)
    };
    let shift =
        |s: Option<f64>| s.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:+.1} s"));
    let row = |change: &super::diff::AlarmChange| {
        let alarm = format!("{} {}", change.channel, change.rule);
        vec![alarm, time(change.a), time(change.b), shift(change.start_shift_s)]
    };
    let rows: Vec<_> = diff.listed.iter().take(CHANGES_SHOWN).map(row).collect();
    if rows.is_empty() {
        return "<p>报警完全相同 · the alarms are the same</p>\n".to_owned();
    }
    let left = diff.listed.len() - rows.len() + diff.not_listed;
    let more = format!("<p class=\"soft\">另有 {left} 处 · {left} more</p>\n");
    table(&["报警", "A", "B", "起点移动"], &["alarm", "A", "B", "start shift"], &rows)
        + if left > 0 { &more } else { "" }
}

fn of_sweep(sweep: &Sweep) -> String {
    let row = |point: &super::sweep::Point| {
        let park = &point.park;
        vec![
            point.value.to_string(),
            format!("{}/{}", park.found, park.incidents),
            length(park.delay_median_s),
            park.false_starts.to_string(),
            number(park.false_starts_per_quiet_day),
            number(park.false_starts_per_channel_day),
            percent(park.quiet_in_alarm_share),
        ]
    };
    let rows: Vec<_> = sweep.points.iter().map(row).collect();
    let zh = ["值", "检出", "延迟中位", "误报", "误报/安静日", "误报/通道日", "安静报警占比"];
    let en = [
        "value",
        "found",
        "delay median",
        "false starts",
        "/quiet day",
        "/channel-day",
        "quiet in alarm",
    ];
    let title = format!("{}.{}", escaped(&sweep.rule), escaped(&sweep.key));
    section(
        &format!("参数扫描 {title}"),
        "Sweep of set A, park",
        &(plots::curve(sweep) + &table(&zh, &en, &rows)),
    )
}
