//! Records as a table for a spreadsheet, in Chinese or English.

use siskin_api::contract::{
    AlarmExportForm, AlarmRecordView, ExportLang, TierView, WarningStateView,
};
use siskin_model::{AreaId, ChannelId, Site, Text, Timestamp};
use siskin_report::{Column, RenderError, Table, Value, csv, xlsx, zone};

/// The file.
pub(super) fn file(
    site: &Site,
    records: &[AlarmRecordView],
    form: AlarmExportForm,
    lang: ExportLang,
) -> Result<Vec<u8>, RenderError> {
    let table = table(site, records, lang);
    match form {
        AlarmExportForm::Csv => Ok(csv(&table).into_bytes()),
        AlarmExportForm::Xlsx => xlsx(&table),
    }
}

/// The names of its channel's analyzer, gas and area, and the gas's formula.
pub(super) fn names(site: &Site, record: &AlarmRecordView) -> Vec<Text> {
    let id = ChannelId::new(&record.channel).ok();
    let channel = id.and_then(|id| site.index_of(&id)).and_then(|index| site.channel(index));
    let Some(channel) = channel else { return Vec::new() };
    let analyzer = site.analyzers.get(channel.analyzer).map(|one| one.name.clone());
    let area = site.area(&channel.area).map(|area| area.name.clone());
    let gas = channel.quantity.gas().and_then(|gas| site.gas(gas));
    let formula = gas.map(|gas| Text::new(&gas.formula, gas.id.as_str()));
    let gas = gas.map(|gas| gas.name.clone());
    [analyzer, area, gas, formula].into_iter().flatten().collect()
}

/// Heading in both languages, and width.
const COLUMNS: [(&str, &str, u32); 16] = [
    ("级别", "Tier", 8),
    ("状态", "State", 20),
    ("气体", "Gas", 14),
    ("区域", "Area", 18),
    ("通道", "Channel", 18),
    ("规则", "Rule", 18),
    ("规则名称", "Rule name", 24),
    ("类型", "Kind", 12),
    ("触发值", "Value", 10),
    ("限值", "Limit", 10),
    ("单位", "Unit", 8),
    ("发生时间", "Began", 24),
    ("消失时间", "Ended", 24),
    ("持续（秒）", "Lasted (s)", 12),
    ("确认人", "Acknowledged by", 16),
    ("预警编号", "Warning", 44),
];

fn table(site: &Site, records: &[AlarmRecordView], lang: ExportLang) -> Table {
    let zone = zone(site.utc_offset_s);
    let column = |(zh, en, width): &(&str, &str, u32)| {
        let name = pick(lang, zh, en);
        let is_moment = matches!(*en, "Began" | "Ended");
        let name = if is_moment { format!("{name} ({zone})") } else { name.to_owned() };
        Column { name, width: *width }
    };
    Table {
        name: pick(lang, "报警", "Alarms").to_owned(),
        columns: COLUMNS.iter().map(column).collect(),
        rows: records.iter().map(|record| row(site, record, lang)).collect(),
        utc_offset_s: site.utc_offset_s,
    }
}

fn pick<'a>(lang: ExportLang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        ExportLang::Zh => zh,
        ExportLang::En => en,
    }
}

fn row(site: &Site, record: &AlarmRecordView, lang: ExportLang) -> Vec<Value> {
    let words = |text: &Text| pick(lang, &text.zh, &text.en).to_owned();
    let gas = record.gas.as_ref().map(|id| {
        let known = site.gases.iter().find(|gas| gas.id.as_str() == id.as_str());
        known.map_or_else(|| id.clone(), |gas| words(&gas.name))
    });
    let area = record.area.as_ref().map(|id| {
        let known = AreaId::new(id).ok().and_then(|id| site.area(&id));
        known.map_or_else(|| id.clone(), |area| words(&area.name))
    });
    let rule_name = record.rule_name.as_ref().map(|name| pick(lang, &name.zh, &name.en).to_owned());
    let moment = |ms: Option<i64>| Value::moment(ms.map(Timestamp::from_millis));
    let lasted_s =
        record.cleared_at_ms.map(|end_ms| (end_ms - record.raised_at_ms) as f64 / 1_000.0);
    vec![
        Value::Text(tier(record.tier, lang).to_owned()),
        Value::Text(state(record.state, lang).to_owned()),
        Value::text(gas),
        Value::text(area),
        Value::Text(record.channel.clone()),
        Value::Text(record.rule.clone()),
        Value::text(rule_name),
        Value::Text(kind(&record.kind, lang).to_owned()),
        Value::number(record.value),
        Value::number(record.limit),
        Value::Text(record.unit.clone()),
        moment(Some(record.raised_at_ms)),
        moment(record.cleared_at_ms),
        Value::number(lasted_s),
        Value::text(record.acknowledged_by.clone()),
        Value::text(record.warning.clone()),
    ]
}

fn tier(tier: Option<TierView>, lang: ExportLang) -> &'static str {
    match tier {
        Some(TierView::Red) => pick(lang, "红色", "red"),
        Some(TierView::Orange) => pick(lang, "橙色", "orange"),
        Some(TierView::Yellow) => pick(lang, "黄色", "yellow"),
        Some(TierView::Blue) => pick(lang, "蓝色", "blue"),
        None => pick(lang, "设备", "equipment"),
    }
}

/// The words of the page.
fn state(state: WarningStateView, lang: ExportLang) -> &'static str {
    use WarningStateView as State;
    let (zh, en) = match state {
        State::ActiveUnacknowledged => ("报警 · 未确认", "Active · unacknowledged"),
        State::ActiveAcknowledged => ("报警 · 已确认", "Active · acknowledged"),
        State::ReturnedUnacknowledged => ("已恢复 · 未确认", "Returned · unacknowledged"),
        State::LatchedUnacknowledged => {
            ("已恢复 · 锁存 · 未确认", "Returned · latched · unacknowledged")
        }
        State::LatchedAcknowledged => {
            ("已恢复 · 锁存 · 待复位", "Returned · latched · to be reset")
        }
        State::Shelved => ("已搁置", "Shelved"),
        State::Suppressed => ("设计抑制", "Suppressed by design"),
        State::OutOfService => ("已停用", "Out of service"),
        State::Normal => ("已结束", "Over"),
    };
    pick(lang, zh, en)
}

/// A kind that is new is told by its word.
fn kind(kind: &str, lang: ExportLang) -> &str {
    match kind {
        "gas" => pick(lang, "气体", "gas"),
        "no-data" => pick(lang, "无数据", "no data"),
        "stuck" => pick(lang, "数值不变", "stuck"),
        "jump" => pick(lang, "数值跳变", "jump"),
        "out-of-range" => pick(lang, "超出量程", "out of range"),
        other => other,
    }
}
