//! Figures in the API's words, with their names in both languages.

use siskin_api::contract::{
    PeriodAnalyzerView, PeriodCountView, PeriodRateView, PeriodReportView, PeriodWarningView,
    TextView,
};
use siskin_model::{Site, Warning};

use super::{AnalyzerShare, Figures, Rate, is_false_alarm};
use crate::station::life::views as life;
use crate::station::views;

/// Warnings that are listed; the others are counted.
pub(super) const WARNINGS_LISTED_MAX: usize = 500;
/// Analyzers that are listed, the least complete first; the others are counted.
pub(super) const ANALYZERS_LISTED_MAX: usize = 500;
const PERCENT: f64 = 100.0;

fn text(zh: &str, en: &str) -> TextView {
    TextView { zh: zh.to_owned(), en: en.to_owned() }
}

/// Name and meaning of a rate.
pub(super) fn rate_words(id: &str) -> (TextView, TextView) {
    let (zh, en, meaning_zh, meaning_en) = match id {
        "alarm-hours" => (
            "报警率",
            "hours with calls",
            "有预警发生、升级或重新报警的小时 / 时段内的小时",
            "hours in which a warning began, rose or came back / hours of the time",
        ),
        "false-alarm" => (
            "误报率",
            "false alarms",
            "确认原因以“误报”（或 false alarm）开头的预警 / 时段内开始且已确认的预警",
            "warnings whose reason of acknowledgement begins with `误报` or `false alarm` / \
             warnings that began in the time and are acknowledged",
        ),
        "closure" => (
            "闭环率",
            "closed",
            "已结束的预警 / 时段内开始的预警（以统计时为准）",
            "warnings that are over / warnings that began in the time, as they stand now",
        ),
        "completeness" => (
            "数据完整率",
            "completeness",
            "收到的读数 / 按采集周期应收的读数（全部通道）",
            "readings that came / readings that the periods of all channels ask for",
        ),
        _ => (
            "消息及时接收率",
            "messages in time",
            "在规定时间内被接收的消息 / 时段内应发的消息（不含被更新取代的）",
            "messages accepted within the site's time / messages of the time, without superseded",
        ),
    };
    (text(zh, en), text(meaning_zh, meaning_en))
}

/// The name of a count.
pub(super) fn count_name(site: &Site, id: &str) -> TextView {
    if let Some(area) = id.strip_prefix("area.") {
        let known = site.areas.iter().find(|one| one.id.as_str() == area);
        let (zh, en) = known.map_or((area, area), |one| (&*one.name.zh, &*one.name.en));
        return text(&format!("预警：{zh}"), &format!("warnings: {en}"));
    }
    let (zh, en) = match id {
        "warnings" => ("预警总数", "warnings"),
        "warnings.red" => ("红色预警", "red warnings"),
        "warnings.orange" => ("橙色预警", "orange warnings"),
        "warnings.yellow" => ("黄色预警", "yellow warnings"),
        "warnings.blue" => ("蓝色预警", "blue warnings"),
        "incidents.opened" => ("开启的事件", "incidents opened"),
        "incidents.closed" => ("结案的事件", "incidents closed"),
        "acknowledged" => ("确认次数", "acknowledgements"),
        "calls" => ("报警（呼叫）次数", "calls"),
        "floods" => ("报警泛滥次数", "alarm floods"),
        "messages" => ("发出的消息", "messages"),
        "messages.failed" => ("发送失败的消息", "messages given up"),
        "messages.read" => ("已读的消息", "messages read"),
        "channels-unread" => ("数据读不出的通道", "channels that could not be read"),
        "drill-events" => ("已排除的演练记录", "events of drills left out"),
        "maintenance.overdue" => {
            ("制表时校准维护逾期的通道", "channels overdue for maintenance, when made")
        }
        "maintenance.no-record" => {
            ("制表时无校准维护记录的通道", "channels without a record of maintenance, when made")
        }
        other => (other, other),
    };
    text(zh, en)
}

/// The figures as the API tells them.
pub(crate) fn view(site: &Site, figures: &Figures) -> PeriodReportView {
    let offset_s = site.utc_offset_s;
    let period = figures.period;
    let count = |(id, number): &(String, u64)| PeriodCountView {
        id: id.clone(),
        name: count_name(site, id),
        number: *number,
    };
    let listed = figures.warnings.iter().take(WARNINGS_LISTED_MAX);
    let analyzers = figures.analyzers.iter().take(ANALYZERS_LISTED_MAX);
    let analyzers_left_out = figures.analyzers.len().saturating_sub(ANALYZERS_LISTED_MAX) as u64;
    PeriodReportView {
        kind: period.kind,
        from: period.from.rfc3339(offset_s),
        to: period.to.rfc3339(offset_s),
        from_ms: period.from.as_millis(),
        to_ms: period.to.as_millis(),
        made_at: figures.made_at.rfc3339(offset_s),
        is_over: period.to <= figures.made_at,
        rates: figures.rates.iter().map(rate).collect(),
        counts: figures.counts.iter().map(count).collect(),
        warnings: listed.map(|one| warning(one, offset_s)).collect(),
        warnings_left_out: figures.warnings.len().saturating_sub(WARNINGS_LISTED_MAX) as u64,
        analyzers: analyzers.filter_map(|one| analyzer(site, one)).collect(),
        analyzers_left_out,
        kpis: figures.kpis.clone(),
    }
}

fn rate(rate: &Rate) -> PeriodRateView {
    let (name, meaning) = rate_words(rate.id);
    let percent = (rate.whole > 0).then(|| rate.part as f64 / rate.whole as f64 * PERCENT);
    let (part, whole) = (rate.part, rate.whole);
    PeriodRateView { id: rate.id.to_owned(), name, part, whole, percent, meaning }
}

fn analyzer(site: &Site, share: &AnalyzerShare) -> Option<PeriodAnalyzerView> {
    let known = site.analyzers.get(share.analyzer)?;
    let part = share.received as f64;
    Some(PeriodAnalyzerView {
        analyzer: known.id.to_string(),
        name: views::text(&known.name),
        area: known.area.to_string(),
        received: share.received,
        expected: share.expected,
        percent: (share.expected > 0).then(|| part / share.expected as f64 * PERCENT),
        channels_unread: share.unread,
    })
}

fn warning(warning: &Warning, offset_s: i32) -> PeriodWarningView {
    PeriodWarningView {
        warning: warning.id.to_string(),
        raised_at: warning.raised_at.rfc3339(offset_s),
        gas: warning.gas.to_string(),
        area: warning.area.to_string(),
        tier_peak: views::tier(warning.tier_peak),
        state: life::state(warning.state),
        is_false_alarm: is_false_alarm(warning),
    }
}
