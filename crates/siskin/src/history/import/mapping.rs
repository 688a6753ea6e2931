//! `mapping.toml`: what the columns of another system's table mean.
//!
//! Unknown keys are refused. A channel, unit or quality that is none is named before a row is read.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use jiff::tz::Offset;
use serde::Deserialize;
use siskin_model::site::Channel;
use siskin_model::{ChannelId, ChannelIndex, Quality, Site, Timestamp, Unit, unit};

use super::table::Cell;
use crate::history::args::offset_s;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub(super) time: Time,
    /// Without it readings were received when they were measured.
    pub(super) received: Option<Time>,
    /// A table with a row for each reading.
    pub(super) long: Option<Long>,
    /// A table with a column for each channel.
    #[serde(default)]
    pub(super) wide: Vec<Wide>,
    pub(super) quality: Option<Qualities>,
    /// Texts that stand for no value.
    #[serde(default = "no_value")]
    pub(super) no_value: Vec<String>,
}

/// A column of moments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    pub(super) column: String,
    /// `rfc3339`, `unix-ms`, `unix-s`, or a pattern such as `%Y-%m-%d %H:%M:%S`.
    #[serde(default = "rfc3339")]
    pub(super) format: String,
    /// Of a pattern without a zone.
    pub(super) utc_offset: Option<String>,
}

/// Columns of a long table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Long {
    pub(super) channel: String,
    pub(super) value: String,
    /// Unit of all values; without it and without a column they are in the channel's.
    pub(super) unit: Option<String>,
    pub(super) unit_column: Option<String>,
    /// Names in the table to ids of channels, where they differ.
    #[serde(default)]
    pub(super) channels: BTreeMap<String, String>,
}

/// A column of a wide table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wide {
    pub(super) column: String,
    pub(super) channel: String,
    pub(super) unit: Option<String>,
}

/// A column of qualities.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Qualities {
    pub(super) column: String,
    /// Words in the table to qualities; those of Siskin need not be listed.
    #[serde(default)]
    pub(super) words: BTreeMap<String, String>,
}

fn no_value() -> Vec<String> {
    [""].map(str::to_owned).into()
}

fn rfc3339() -> String {
    "rfc3339".to_owned()
}

impl Mapping {
    pub(super) fn read(name: &str, text: &str) -> anyhow::Result<Self> {
        let mapping: Self = toml::from_str(text).with_context(|| {
            format!("`{name}` is no mapping; hint: docs/history-tools.md has one of each kind")
        })?;
        ensure!(
            mapping.long.is_some() == mapping.wide.is_empty(),
            "`{name}` needs either [long] or [[wide]]; \
             hint: [long] has a row for each reading, [[wide]] a column for each channel"
        );
        Ok(mapping)
    }

    /// The quality of a word of the table.
    pub(super) fn quality(&self, word: &str) -> Option<Quality> {
        let word = word.trim();
        let known = self.quality.as_ref().and_then(|column| column.words.get(word));
        let name = known.map_or(word, String::as_str);
        Quality::ALL.into_iter().find(|quality| quality.as_str() == name)
    }

    /// Words that stand for no quality.
    pub(super) fn check_words(&self) -> anyhow::Result<()> {
        for (word, name) in self.quality.iter().flat_map(|column| &column.words) {
            let known = Quality::ALL.map(Quality::as_str).join(", ");
            ensure!(
                self.quality(word).is_some(),
                "quality `{name}` of the word `{word}` is none; hint: one of {known}"
            );
        }
        Ok(())
    }
}

impl Time {
    /// The moment in a cell.
    pub(super) fn moment(&self, cell: &Cell) -> anyhow::Result<Timestamp> {
        let text = match cell {
            Cell::Moment(ms) => return Ok(Timestamp::from_millis(*ms)),
            Cell::Text(text) => text.trim(),
        };
        let moment = match self.format.as_str() {
            "unix-ms" => return Ok(Timestamp::from_millis(text.parse()?)),
            "unix-s" => return seconds(text),
            "rfc3339" => text.parse::<jiff::Timestamp>()?,
            pattern => self.by_pattern(pattern, text)?,
        };
        Ok(Timestamp::from_millis(moment.as_millisecond()))
    }

    fn by_pattern(&self, pattern: &str, text: &str) -> anyhow::Result<jiff::Timestamp> {
        let parsed = jiff::fmt::strtime::parse(pattern, text)?;
        let Some(offset) = &self.utc_offset else { return Ok(parsed.to_timestamp()?) };
        let offset = offset_s(offset).map_err(anyhow::Error::msg)?;
        Ok(Offset::from_seconds(offset)?.to_timestamp(parsed.to_datetime()?)?)
    }
}

fn seconds(text: &str) -> anyhow::Result<Timestamp> {
    let seconds: f64 = text.parse()?;
    let ms = (seconds * 1000.0).round();
    ensure!(ms.abs() < 9e15, "the number is too large");
    #[allow(clippy::cast_possible_truncation, reason = "checked to be in range")]
    Ok(Timestamp::from_millis(ms as i64))
}

/// A channel and the factor from the table's unit to its own.
pub(super) fn target(
    site: &Site,
    channel: &str,
    from: Option<&str>,
) -> anyhow::Result<(ChannelIndex, f64)> {
    let id = ChannelId::new(channel.trim())?;
    let index = site.index_of(&id);
    let index = index.with_context(|| {
        format!("the site has no channel `{channel}`; hint: name it in `channels` of the mapping")
    })?;
    let channel = site.channel(index).context("a channel that is not there")?;
    let Some(from) = from else { return Ok((index, 1.0)) };
    Ok((index, factor(site, channel, from)?))
}

fn factor(site: &Site, channel: &Channel, from: &str) -> anyhow::Result<f64> {
    let parsed: Unit = serde_json::from_value(serde_json::Value::String(from.to_owned()))
        .with_context(|| {
            format!("`{from}` is no unit; hint: ppm, ppb, mg/m3, ug/m3, %vol, %LEL")
        })?;
    let gas = channel.quantity.gas().and_then(|id| site.gas(id));
    let (to, id) = (channel.unit, &channel.id);
    let at = site.conditions;
    let factor = gas
        .map_or_else(|| unit::factor(parsed, to, None, None, at), |gas| gas.factor(parsed, to, at));
    factor.with_context(|| {
        format!(
            "`{from}` cannot be turned into `{}` of channel `{id}`; \
             hint: it needs the gas's molar mass or LEL in the catalogue",
            to.as_str()
        )
    })
}
