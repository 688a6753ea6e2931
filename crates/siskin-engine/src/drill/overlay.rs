//! The release of a drill, laid over real readings.
//!
//! A pure function of a reading's stamp. Must never make a number where the device gave none, and
//! never show more than the device can.

use std::collections::BTreeMap;

use siskin_model::{Quality, Reading, Scenario, Site};

/// What a scenario adds to which channels.
#[derive(Debug, Clone)]
pub struct Overlay {
    scenario: Scenario,
    channels: BTreeMap<usize, Place>,
}

/// One channel of a scenario.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Turns the scenario's concentration into what comes to the channel, in its unit.
    factor: f64,
    delay_ms: i64,
    high: f64,
}

impl Overlay {
    /// Of a scenario that was checked for this site: what does not fit it adds nothing.
    pub fn new(site: &Site, scenario: &Scenario) -> Self {
        let gas = site.gas(&scenario.gas);
        let place = |one: &siskin_model::DrilledChannel| {
            let index = site.index_of(&one.channel)?;
            let channel = site.channel(index)?;
            let unit = gas?.factor(scenario.unit, channel.unit, site.conditions)?;
            let (factor, high) = (one.factor * unit, channel.range.high);
            Some((index.get(), Place { factor, delay_ms: one.delay_ms, high }))
        };
        let channels = scenario.channels.iter().filter_map(place).collect();
        Self { scenario: scenario.clone(), channels }
    }

    /// The readings with the release over them.
    pub fn over(&self, readings: &[Reading]) -> Vec<Reading> {
        readings.iter().map(|reading| self.one(reading)).collect()
    }

    /// A reading that is not a measurement of the air stays what it is.
    fn one(&self, reading: &Reading) -> Reading {
        let Some(place) = self.channels.get(&reading.channel.get()) else { return *reading };
        let Some(value) = reading.value.filter(|_| reading.quality.is_judged()) else {
            return *reading;
        };
        let then = reading.measured_at.plus_ms(-place.delay_ms);
        let added = self.scenario.concentration(then) * place.factor;
        if added <= 0.0 {
            return *reading;
        }
        let mut laid = *reading;
        laid.value = Some(value + added);
        if value + added >= place.high {
            laid.value = Some(place.high.max(value));
            laid.quality = Quality::OverRange;
        }
        laid
    }
}
