//! One channel by itself: quantity, unit, range and resolution fit together.

use siskin_engine::quantum::QUANTA_PER_STEP;
use siskin_model::Unit;
use siskin_model::site::Quantity;

use super::catalogue::Catalogue;
use super::names;
use crate::problems::{Draft, Problems};
use crate::written::channel::WrittenChannel;

/// Checks one channel; says whether it is sound.
pub(super) fn check(
    channel: &WrittenChannel,
    catalogue: &Catalogue,
    problems: &mut Problems,
) -> bool {
    let before = problems.count();
    check_gas(channel, catalogue, problems);
    check_unit(channel, problems);
    check_range(channel, problems);
    problems.count() == before
}

fn check_gas(channel: &WrittenChannel, catalogue: &Catalogue, problems: &mut Problems) {
    let Some(gas) = channel.quantity.value.gas() else {
        return;
    };
    if !catalogue.has_gas(gas.as_str()) {
        let names = catalogue.gases.keys().map(String::as_str);
        names::unknown(gas.as_str(), channel.quantity.place, "gas", names, problems);
    }
}

/// The unit of a quantity that is not a gas.
fn weather_unit(quantity: &Quantity) -> Option<Unit> {
    match quantity {
        Quantity::Gas(_) => None,
        Quantity::WindSpeed => Some(Unit::MetrePerSecond),
        Quantity::WindDirection => Some(Unit::Degree),
        Quantity::Temperature => Some(Unit::Celsius),
        Quantity::Pressure => Some(Unit::Hectopascal),
        Quantity::Humidity => Some(Unit::PercentHumidity),
    }
}

fn check_unit(channel: &WrittenChannel, problems: &mut Problems) {
    let unit = channel.unit.value;
    let expected = match weather_unit(&channel.quantity.value) {
        Some(expected) if expected != unit => format!("`{}`", expected.as_str()),
        None if !unit.is_concentration() => {
            "`ppm`, `ppb`, `mg/m3`, `ug/m3`, `%vol` or `%LEL`".to_owned()
        }
        _ => return,
    };
    let quantity = channel.quantity.value.as_str();
    let message = format!("`{quantity}` cannot be measured in `{}`", unit.as_str());
    let draft = Draft::new(message, format!("use {expected}"))
        .at(channel.unit.place, "this unit")
        .at(channel.quantity.place, "this quantity");
    problems.add(draft);
}

fn check_range(channel: &WrittenChannel, problems: &mut Problems) {
    let (range, resolution) = (channel.range, channel.resolution);
    if range.value.low >= range.value.high {
        let (low, high) = (range.value.low, range.value.high);
        let message = format!("the range goes from `{low}` to `{high}`");
        let draft = Draft::new(message, "write `low` below `high`");
        problems.add(draft.at(range.place, "empty range"));
        return;
    }
    if resolution.value <= 0.0 {
        let message = format!("`resolution` is `{}`", resolution.value);
        let hint = "write the smallest step the device shows, for example 0.01";
        problems.add(Draft::new(message, hint).at(resolution.place, "not above 0"));
        return;
    }
    let widest = range.value.low.abs().max(range.value.high.abs());
    if widest / resolution.value * QUANTA_PER_STEP > f64::from(i32::MAX) {
        let message = format!("`{widest}` has too many steps of `{}`", resolution.value);
        let hint = "values are kept as whole tenths of the resolution in 32 bits: write the step \
                    that the device really shows";
        let draft = Draft::new(message, hint)
            .at(resolution.place, "too fine")
            .at(range.place, "for this range");
        problems.add(draft);
    }
}
