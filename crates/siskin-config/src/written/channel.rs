//! A channel as written: `[[analyzer.channel]]`, and the part of it that a template shares.

use siskin_model::site::{Quantity, Range};
use siskin_model::{ChannelId, GasId, Unit};

use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;

/// The quantities beside gases, as written.
pub(crate) const WEATHER: [(&str, Quantity); 5] = [
    ("wind-speed", Quantity::WindSpeed),
    ("wind-direction", Quantity::WindDirection),
    ("temperature", Quantity::Temperature),
    ("pressure", Quantity::Pressure),
    ("humidity", Quantity::Humidity),
];

/// What is measured, in which unit and range.
#[derive(Debug, Clone)]
pub(crate) struct WrittenChannel {
    pub(crate) place: Place,
    pub(crate) quantity: At<Quantity>,
    pub(crate) unit: At<Unit>,
    pub(crate) range: At<Range>,
    pub(crate) resolution: At<f64>,
}

/// One `[[analyzer.channel]]`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenNamedChannel {
    pub(crate) id: At<ChannelId>,
    pub(crate) point: At<String>,
    pub(crate) channel: WrittenChannel,
    /// Why no rule watches it, where somebody decided so, and where that is written.
    pub(crate) unwatched: Option<At<String>>,
}

/// Reads one `[[analyzer.channel]]`.
pub(crate) fn read(node: &Node, problems: &mut Problems) -> Option<WrittenNamedChannel> {
    let mut fields = Fields::of(node, "[[analyzer.channel]]", problems)?;
    let id = fields.required("id", problems);
    let point = fields.required("point", problems);
    let channel = measure(&mut fields, problems);
    let unwatched = unwatched(&mut fields, problems);
    fields.finish(problems);
    Some(WrittenNamedChannel { id: id?, point: point?, channel: channel?, unwatched })
}

/// Reads what is measured, in which unit and range.
pub(crate) fn measure(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenChannel> {
    let quantity = quantity(fields, problems);
    let unit = fields.required("unit", problems);
    let range = fields.required("range", problems);
    let resolution = fields.required("resolution", problems);
    Some(WrittenChannel {
        place: fields.place(),
        quantity: quantity?,
        unit: unit?,
        range: range?,
        resolution: resolution?,
    })
}

fn quantity(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<At<Quantity>> {
    let (has_gas, has_quantity) = (fields.has("gas"), fields.has("quantity"));
    let gas: Option<At<GasId>> = fields.optional("gas", problems);
    let weather: Option<At<Weather>> = fields.optional("quantity", problems);
    if has_gas == has_quantity {
        let message = if has_gas {
            "a channel has both a `gas` and a `quantity`"
        } else {
            "a channel has neither a `gas` nor a `quantity`"
        };
        let hint = "write `gas = \"chlorine\"` or `quantity = \"wind-speed\"`, one of the two";
        problems.add(Draft::new(message, hint).at(fields.place(), "what does it measure"));
        return None;
    }
    let gas = gas.map(|gas| At { value: Quantity::Gas(gas.value), place: gas.place });
    gas.or(weather.map(|weather| At { value: weather.value.0, place: weather.place }))
}

fn unwatched(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<At<String>> {
    let flag: Option<At<bool>> = fields.optional("unwatched", problems);
    let reason: Option<At<String>> = fields.optional("unwatched_reason", problems);
    match (flag, reason) {
        (Some(At { value: true, place }), Some(reason)) => Some(At { value: reason.value, place }),
        (Some(At { value: true, place }), None) => {
            let message = "a channel is `unwatched` and nobody says why";
            let hint = "add `unwatched_reason = \"…\"`, or let rules watch it";
            problems.add(Draft::new(message, hint).at(place, "no rule will watch it"));
            None
        }
        _ => None,
    }
}

/// A quantity that is not a gas.
#[derive(Debug, Clone, PartialEq)]
struct Weather(Quantity);

impl FromNode for Weather {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = String::from_node(node, key, problems)?;
        let found = WEATHER.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let message = format!("`{key}` cannot be `{text}`");
            let hint = suggest::hint(&text, "quantities", WEATHER.iter().map(|(name, _)| *name));
            let hint = format!("{hint} (a gas is written as `gas = …`)");
            problems.add(Draft::new(message, hint).at(node.place, "not a known word"));
        }
        found.map(|(_, quantity)| Self(quantity.clone()))
    }
}
