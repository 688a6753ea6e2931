//! What was measured: gases, the table of channels, charts, and how values move.

use siskin_model::site::Channel;

use crate::facts::{ChannelTally, Facts};
use crate::report::{Chart, MonitoringRow};
use crate::words;

/// The most channels in the table; those that are least against their limits are left out.
const ROWS_MAX: usize = 40;
/// The most charts.
const CHARTS_MAX: usize = 6;
/// What is compared: the last ten minutes with those before.
const TREND_MS: i64 = 600_000;
/// A change below this part of the former mean is none.
const STEADY_PART: f64 = 0.1;

/// The tallies of gas channels, the highest against its limit first.
fn ranked<'a>(facts: &'a Facts<'_>) -> Vec<(&'a Channel, &'a ChannelTally)> {
    let found = facts.tallies.iter().filter_map(|tally| {
        let channel = facts.site.channel(tally.channel)?;
        channel.quantity.gas().map(|_| (channel, tally))
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by(|(one, a), (other, b)| {
        b.severity().total_cmp(&a.severity()).then_with(|| one.id.cmp(&other.id))
    });
    found
}

pub(super) fn all(facts: &Facts<'_>) -> (Vec<MonitoringRow>, Vec<Chart>, u64) {
    let ranked = ranked(facts);
    let rows = ranked.iter().take(ROWS_MAX).map(|(channel, tally)| row(facts, channel, tally));
    let with_values = ranked.iter().filter(|(_, tally)| tally.valid + tally.over_range > 0);
    let charts = with_values.take(CHARTS_MAX).map(|(channel, tally)| chart(facts, channel, tally));
    let left_out = ranked.len().saturating_sub(ROWS_MAX);
    let left_out = u64::try_from(left_out).unwrap_or(u64::MAX);
    (rows.collect(), charts.collect(), left_out.saturating_add(facts.channels_unread))
}

fn gas_name(facts: &Facts<'_>, channel: &Channel) -> String {
    let gas = channel.quantity.gas().and_then(|id| facts.site.gas(id));
    gas.map_or(channel.quantity.as_str().to_owned(), |gas| gas.name.zh.clone())
}

fn row(facts: &Facts<'_>, channel: &Channel, tally: &ChannelTally) -> MonitoringRow {
    let area = facts.site.area(&channel.area).map(|area| area.name.zh.clone());
    MonitoringRow {
        channel: channel.id.to_string(),
        place: area.unwrap_or_else(|| channel.area.to_string()),
        gas: gas_name(facts, channel),
        unit: channel.unit.as_str().to_owned(),
        highest: tally.highest,
        last: tally.last,
        over_range: tally.over_range,
        valid: tally.valid,
        unusable: tally.unusable,
        limits: tally.limits.clone(),
    }
}

fn chart(facts: &Facts<'_>, channel: &Channel, tally: &ChannelTally) -> Chart {
    Chart {
        title: format!("{} {}", channel.id, gas_name(facts, channel)),
        unit: channel.unit.as_str().to_owned(),
        step_ms: tally.step_ms(),
        points: tally.points(),
        limits: tally.limits.clone(),
    }
}

pub(super) fn pollutants(facts: &Facts<'_>) -> Option<Vec<String>> {
    let line = |id: &siskin_model::GasId| {
        let Some(gas) = facts.site.gas(id) else { return id.to_string() };
        let cas = gas.cas.as_ref().map_or(String::new(), |cas| format!("，CAS {cas}"));
        format!("{}（{}{cas}）", gas.name.zh, gas.formula)
    };
    let lines: Vec<_> = facts.incident.gases.iter().map(line).collect();
    (!lines.is_empty()).then_some(lines)
}

pub(super) fn monitoring(facts: &Facts<'_>) -> Option<Vec<String>> {
    let ranked = ranked(facts);
    let measured = ranked.iter().filter(|(_, tally)| tally.valid + tally.over_range > 0).count();
    if measured == 0 {
        return None;
    }
    let silent = ranked.len() - measured;
    let mut lines = vec![format!("{measured} 个监测通道的读数见附表和附图。")];
    if silent > 0 {
        lines.push(format!("{silent} 个监测通道在此期间没有有效读数，不代表浓度为零。"));
    }
    if facts.hours_unread > 0 {
        let hours = facts.hours_unread;
        lines.push(format!("有 {hours} 个通道小时的读数已存而未能读取，以上数字不含这些读数。"));
    }
    if let Some(wind) = facts.wind {
        let at = words::moment(wind.at, facts.site.utc_offset_s);
        let (from, speed) = (words::wind_from(wind.from_deg), words::number(wind.speed_m_s));
        let degrees = words::number(wind.from_deg);
        lines.push(format!("风：{from}（{degrees}°），{speed} m/s，{at}。"));
    }
    Some(lines)
}

/// How the mean of the last ten minutes stands to that of the ten before: numbers, no judgement.
pub(super) fn trend(facts: &Facts<'_>) -> Option<Vec<String>> {
    let now = facts.made_at;
    let line = |(channel, tally): &(&Channel, &ChannelTally)| {
        let width_ms = TREND_MS.max(tally.step_ms().saturating_mul(2));
        let middle = now.plus_ms(-width_ms);
        let recent = tally.mean(middle, now.plus_ms(1))?;
        let before = tally.mean(middle.plus_ms(-width_ms), middle)?;
        let word = match recent - before {
            change if change.abs() <= before.abs() * STEADY_PART => "基本持平",
            change if change > 0.0 => "上升",
            _ => "下降",
        };
        let (recent, before) = (words::number(recent), words::number(before));
        let (gas, unit) = (gas_name(facts, channel), channel.unit.as_str());
        let minutes = width_ms / 60_000;
        let beyond =
            if tally.over_range > 0 { "曾超量程，均值不低于所列。" } else { "" };
        Some(format!(
            "{} {gas}：近 {minutes} 分钟均值 {recent} {unit}，\
             此前 {minutes} 分钟 {before} {unit}，{word}。{beyond}",
            channel.id
        ))
    };
    let lines: Vec<_> = ranked(facts).iter().take(CHARTS_MAX).filter_map(line).collect();
    (!lines.is_empty()).then_some(lines)
}
