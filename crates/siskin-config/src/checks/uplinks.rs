//! Uplinks: what they name must exist, units must convert, and one bureau's codes differ.

use std::collections::BTreeMap;

use siskin_model::site::{Hj212Version, Quantity, Sm4Fill};
use siskin_model::uplink::{Uplink, UplinkFactor, UplinkIntervals, UplinkPatience};
use siskin_model::{ChannelIndex, Unit};
use siskin_wire::hj212::uplink::command::MINUTES;
use siskin_wire::hj212::uplink::exact::DECIMALS_MAX;

use super::{Context, PlacedChannel, Written, names};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::written::uplinks::{WrittenFactor, WrittenUnit, WrittenUplink};

/// Seconds between real-time data (HJ 212-2017, table 4) and where nothing is written.
const REAL_TIME_S: std::ops::RangeInclusive<u32> = 30..=3600;
const REAL_TIME_S_DEFAULT: u32 = 60;
const MINUTE_MIN_DEFAULT: u32 = 10;
/// OverTime and ReCount, and where nothing is written (HJ 212-2017, table 1).
const PATIENCE: std::ops::RangeInclusive<u32> = 1..=99;
const OVER_TIME_S_DEFAULT: u32 = 10;
const RE_COUNT_DEFAULT: u32 = 3;
/// Minutes before people are told of a message without an answer.
const UNANSWERED_MIN: std::ops::RangeInclusive<u32> = 1..=1440;
const UNANSWERED_MIN_DEFAULT: u32 = 10;
const HEARTBEAT_S: std::ops::RangeInclusive<u32> = 10..=3600;
/// Bureaus of one site.
const UPLINKS_MAX: usize = 32;
/// Factors of one bureau.
const FACTORS_MAX: usize = 500;
const MN_CHARS: std::ops::RangeInclusive<usize> = 7..=24;

/// Checks every uplink and makes them.
pub(super) fn check(
    written: &Written,
    channels: &[PlacedChannel],
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<Uplink> {
    let all = &written.uplinks;
    names::unique(
        "uplink",
        all.iter().map(|one| (one.id.value.0.as_str(), one.id.place)),
        problems,
    );
    if let Some(over) = all.get(UPLINKS_MAX) {
        let message = format!("a site has at most {UPLINKS_MAX} uplinks");
        let draft = Draft::new(message, "let a provincial platform pass data on to the others");
        problems.add(draft.at(over.place, "one too many"));
    }
    all.iter().filter_map(|one| uplink(one, channels, context, problems)).collect()
}

fn uplink(
    written: &WrittenUplink,
    channels: &[PlacedChannel],
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Uplink> {
    let before = problems.count();
    plain(written, problems);
    of_2025(written, problems);
    let numbers = numbers(written, problems);
    unique_codes(written, channels, context, problems);
    let factors = written.factors.iter();
    let factors: Vec<_> =
        factors.filter_map(|one| factor(one, channels, context, problems)).collect();
    if problems.count() > before {
        return None;
    }
    let (real_time_s, minute_min, over_time_s, re_count, unanswered_min) = numbers;
    let [backoff_min_ms, backoff_max_ms] = [written.backoff.0, written.backoff.1]
        .map(|wait| u64::try_from(wait.value.0).unwrap_or(u64::MAX));
    Some(Uplink {
        id: written.id.value.0.clone(),
        name: written.name.clone(),
        host: written.host.value.clone(),
        port: written.port.value,
        version: written.version,
        crc: written.crc,
        mn: written.mn.value.clone(),
        st: written.st.value.clone(),
        password_file: written.password_file.clone(),
        intervals: UplinkIntervals { real_time_s, minute_min },
        sends: written.sends.clone(),
        patience: UplinkPatience { over_time_s, re_count, backoff_min_ms, backoff_max_ms },
        factors,
        settle_ms: written.settle.0,
        unanswered_max_ms: i64::from(unanswered_min) * 60_000,
        asks_time: written.asks_time,
        marks_resent: written.marks_resent.is_some_and(|marks| marks.value),
        heartbeat_ms: written.heartbeat_s.map(|s| i64::from(s.value) * 1000),
        sm4: written.sm4.as_ref().map(|sm4| sm4.value.clone()),
    })
}

/// MN, ST and the list of factors.
fn plain(written: &WrittenUplink, problems: &mut Problems) {
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let mn = &written.mn;
    if !MN_CHARS.contains(&mn.value.len()) || !is_word(&mn.value) {
        let message = format!("the MN `{}` is not one", mn.value);
        let hint = "write the MN the bureau gave (设备唯一标识): 7 to 24 letters and digits";
        problems.add(Draft::new(message, hint).at(mn.place, "not an MN"));
    }
    let st = &written.st;
    if !(2..=3).contains(&st.value.len()) || !st.value.bytes().all(|b| b.is_ascii_digit()) {
        let message = format!("the ST `{}` is not one", st.value);
        let hint = "write the system's code: 22 air quality, 27 VOC, 31 air pollution source";
        problems.add(Draft::new(message, hint).at(st.place, "not an ST"));
    }
    if written.factors.is_empty() {
        let message = format!("the uplink `{}` sends nothing", written.id.value.0);
        let draft = Draft::new(message, "add [[uplink.factor]] with a `channel`");
        problems.add(draft.at(written.place, "no factor"));
    }
    if let Some(over) = written.factors.get(FACTORS_MAX) {
        let draft = Draft::new(
            format!("an uplink has at most {FACTORS_MAX} factors"),
            "give further monitoring points an uplink with an MN of their own",
        );
        problems.add(draft.at(over.channel.place, "one too many"));
    }
    let (min, max) = &written.backoff;
    if min.value.0 < 100 || max.value.0 < min.value.0 {
        let message = "`backoff_min_s` is at least 0.1 and at most `backoff_max_s`";
        let draft = Draft::new(message, "leave both out: 1 s to 60 s");
        problems.add(draft.at(max.place, "these waits"));
    }
}

/// What only the edition of 2025 has, and what is not known of it.
fn of_2025(written: &WrittenUplink, problems: &mut Problems) {
    let is_2025 = written.version == Hj212Version::V2025;
    let heartbeat = written.heartbeat_s.map(|one| ("heartbeat_s", one.place));
    let marks = written.marks_resent.filter(|marks| marks.value);
    let sm4 = written.sm4.as_ref();
    let all = [
        heartbeat,
        marks.map(|one| ("marks_resent", one.place)),
        sm4.map(|one| ("sm4", one.place)),
    ];
    for (key, place) in all.into_iter().flatten().filter(|_| !is_2025) {
        let hint = format!("add `version = \"2025\"`, or take `{key}` out");
        let draft = Draft::new(format!("`{key}` is of HJ 212-2025 only"), hint);
        problems.add(draft.at(place, "of another edition"));
    }
    if let Some(sm4) = sm4.filter(|sm4| sm4.value.fill == Sm4Fill::None) {
        let message = "contents are not whole blocks by themselves: `fill = \"none\"` cannot be";
        let hint = "ask the bureau how blocks are filled: \"zero\", \"space\" or \"pkcs7\"";
        problems.add(Draft::new(message, hint).at(sm4.place, "nothing fills the last block"));
    }
    if is_2025 {
        let message = format!(
            "the uplink `{}` speaks HJ 212-2025, which was read second-hand only",
            written.id.value.0
        );
        let hint = "try it with the bureau's centre before relying on it";
        problems.note(Draft::new(message, hint).at(written.place, ""));
    }
}

/// Intervals, patience and minutes, each within what it may be.
fn numbers(written: &WrittenUplink, problems: &mut Problems) -> (u32, u32, u32, u32, u32) {
    let mut within = |key, number: Option<At<u32>>, range: &std::ops::RangeInclusive<u32>, or| {
        let Some(number) = number else { return or };
        if !range.contains(&number.value) {
            let (low, high) = (range.start(), range.end());
            let message = format!("`{key}` must be {low} to {high}, found {}", number.value);
            let hint = format!("leave it out for {or}");
            problems.add(Draft::new(message, hint).at(number.place, "out of range"));
        }
        number.value
    };
    let real_time_s = within("real_time_s", written.real_time_s, &REAL_TIME_S, REAL_TIME_S_DEFAULT);
    let over = within("over_time_s", written.over_time_s, &PATIENCE, OVER_TIME_S_DEFAULT);
    let count = within("re_count", written.re_count, &PATIENCE, RE_COUNT_DEFAULT);
    let told =
        within("unanswered_min", written.unanswered_min, &UNANSWERED_MIN, UNANSWERED_MIN_DEFAULT);
    within("heartbeat_s", written.heartbeat_s, &HEARTBEAT_S, 60);
    if let Some(odd) = written.minute_min.filter(|minutes| !MINUTES.contains(&minutes.value)) {
        let known = MINUTES.map(|minutes| minutes.to_string()).join(", ");
        let message = format!("`minute_min` cannot be {}", odd.value);
        let hint = format!("HJ 212 has {known}");
        problems.add(Draft::new(message, hint).at(odd.place, "no part of an hour"));
    }
    let minute_min = written.minute_min.map_or(MINUTE_MIN_DEFAULT, |minutes| minutes.value);
    (real_time_s, minute_min, over, count, told)
}

fn placed<'a>(
    written: &WrittenFactor,
    channels: &'a [PlacedChannel],
) -> Option<(ChannelIndex, &'a PlacedChannel)> {
    let mut indexed = (0u32..).map(ChannelIndex).zip(channels);
    indexed.find(|(_, placed)| placed.channel.id == written.channel.value)
}

/// The written code, else the catalogue's, else that of the weather.
fn code(
    written: &WrittenFactor,
    placed: &PlacedChannel,
    context: &Context<'_>,
) -> Option<(String, Place)> {
    if let Some(code) = &written.code {
        return Some((code.value.clone(), code.place));
    }
    let code = match &placed.channel.quantity {
        Quantity::Gas(gas) => context.catalogue.gases.get(gas.as_str())?.hj_code.as_deref()?,
        Quantity::Temperature => "a01001",
        Quantity::Humidity => "a01002",
        Quantity::Pressure => "a01006",
        Quantity::WindSpeed => "a01007",
        Quantity::WindDirection => "a01008",
    };
    Some((code.to_owned(), written.channel.place))
}

/// Two channels under one code would contradict each other in every message.
fn unique_codes(
    written: &WrittenUplink,
    channels: &[PlacedChannel],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for factor in &written.factors {
        let Some((_, placed)) = placed(factor, channels) else { continue };
        let Some((code, place)) = code(factor, placed, context) else { continue };
        if let Some(first) = seen.get(&code) {
            let message =
                format!("the uplink `{}` has the code `{code}` twice", written.id.value.0);
            let hint = "one MN has each factor once: give the other point an uplink of its own";
            problems
                .add(Draft::new(message, hint).at(place, "again here").at(*first, "first here"));
        } else {
            seen.insert(code, place);
        }
    }
}

fn factor(
    written: &WrittenFactor,
    channels: &[PlacedChannel],
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<UplinkFactor> {
    if !context.names.channels.known(&written.channel, "channel", problems) {
        return None;
    }
    let (index, placed) = placed(written, channels)?;
    let channel = &placed.channel;
    let Some((code, place)) = code(written, placed, context) else {
        let message = format!("no factor code is known for `{}`", channel.quantity.as_str());
        let hint = "ask the bureau for its code (HJ 524, or a local one) and write `code = …`";
        problems.add(Draft::new(message, hint).at(written.channel.place, "without a code"));
        return None;
    };
    let is_code = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if code.is_empty() || code.len() > 16 || !code.bytes().all(is_code) {
        let message = format!("`{code}` is no factor code");
        let hint = "write letters and digits, for example \"a21028\"";
        problems.add(Draft::new(message, hint).at(place, "not a code"));
    }
    if written.decimals.value > DECIMALS_MAX {
        let message = format!("`decimals` must be 0 to {DECIMALS_MAX}");
        let draft = Draft::new(message, "no analyzer is that fine");
        problems.add(draft.at(written.decimals.place, "too many"));
    }
    if let Some(cou) = written.cou_per_h.filter(|cou| !(cou.value > 0.0 && cou.value < 1e9)) {
        let message = "`cou_per_h` must be above 0";
        let hint = "write what a value of 1 adds to the total in an hour, or leave it out";
        problems.add(Draft::new(message, hint).at(cou.place, "not a rate"));
    }
    let unit = unit(written, placed);
    let factor = converted(placed, unit, context);
    let Some(factor) = factor else {
        let (from, to) = (channel.unit.as_str(), unit.as_str());
        let message = format!("`{}` is in {from}, which cannot be given in {to}", channel.id);
        let hint = "write a `unit` it can be converted to; ppm and mg/m3 need a molar mass";
        let place = written.unit.map_or(written.channel.place, |unit| unit.place);
        problems.add(Draft::new(message, hint).at(place, "not convertible"));
        return None;
    };
    Some(UplinkFactor {
        channel: index,
        channel_id: channel.id.clone(),
        code,
        unit: unit.as_str().to_owned(),
        factor,
        decimals: written.decimals.value,
        range_high: channel.range.high,
        poll_ms: placed.poll_ms,
        is_direction: channel.quantity == Quantity::WindDirection,
        cou_per_h: written.cou_per_h.map(|cou| cou.value),
        serial: written.serial.clone(),
    })
}

fn unit(written: &WrittenFactor, placed: &PlacedChannel) -> WrittenUnit {
    let default = match placed.channel.quantity {
        Quantity::Gas(_) => written.unit_of_gases,
        Quantity::Pressure => WrittenUnit::Kilopascal,
        _ => WrittenUnit::Of(placed.channel.unit),
    };
    written.unit.map_or(default, |unit| unit.value)
}

fn converted(placed: &PlacedChannel, to: WrittenUnit, context: &Context<'_>) -> Option<f64> {
    let channel = &placed.channel;
    match (to, &channel.quantity) {
        (WrittenUnit::Kilopascal, _) => (channel.unit == Unit::Hectopascal).then_some(0.1),
        (WrittenUnit::Of(to), Quantity::Gas(gas)) => {
            let gas = context.catalogue.gases.get(gas.as_str())?;
            gas.factor(channel.unit, to, context.conditions)
        }
        (WrittenUnit::Of(to), _) => (channel.unit == to).then_some(1.0),
    }
}
