//! The air of the park and what the sensors show of it. Pure: no socket, no clock, one seed.
//!
//! The same site, scenario, seed and steps give the same values, bit by bit. Every plume is steady
//! for the wind of the moment; what reaches a place left the source one travel time ago, so a leak
//! comes to the near detectors first.

pub mod plume;
mod random;
mod sensor;
mod wind;

use std::sync::Arc;

use siskin_model::site::{Analyzer, Channel, Quantity, Site};
use siskin_model::{GasId, Unit};

use self::plume::{Plume, Point, WindNow};
use self::random::Noise;
use self::sensor::{Scale, Sensor};
use self::wind::Wind;
use crate::SimError;
use crate::scenario::{AirModel, DeviceState, Happening, Leak, Scenario, SensorModel};

/// Milligrams of one gram: the catalogue converts from mg/m³.
const MG_PER_G: f64 = 1000.0;

/// What every device shows at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Seconds since the start of the park.
    pub t_s: f64,
    /// The wind.
    pub wind: WindNow,
    /// By place of the channel in the site: what its sensor shows, in the channel's unit.
    pub shown: Vec<f64>,
    /// By place of the channel in the site: what is in the air, in the channel's unit.
    pub truth: Vec<f64>,
    /// By place of the analyzer in the site: its state.
    pub states: Vec<DeviceState>,
}

/// The park.
#[derive(Debug)]
pub struct World {
    site: Arc<Site>,
    scenario: Scenario,
    wind: Wind,
    probes: Vec<Probe>,
    t_s: f64,
}

/// What one channel measures, and with which sensor.
#[derive(Debug)]
struct Probe {
    analyzer: usize,
    measures: Measures,
    sensor: Sensor,
}

#[derive(Debug)]
enum Measures {
    Gas {
        gas: GasId,
        inlet: Point,
        clean_air: f64,
        /// What 1 g/m³ is in the channel's unit.
        unit_per_g_m3: f64,
    },
    Weather(Quantity),
}

impl World {
    /// The park at its start.
    pub fn new(site: Arc<Site>, scenario: Scenario, seed: u64) -> Result<Self, SimError> {
        scenario.check()?;
        check_names(&site, &scenario)?;
        let wind = Wind::new(scenario.wind, seed);
        let probes = site
            .channels
            .iter()
            .map(|channel| Probe::new(&site, channel, &scenario, seed))
            .collect::<Result<_, _>>()?;
        Ok(Self { site, scenario, wind, probes, t_s: 0.0 })
    }

    /// Goes on to `t_s`. An earlier moment than the last leaves the time where it is.
    pub fn step(&mut self, t_s: f64) -> Snapshot {
        let dt_s = (t_s - self.t_s).max(0.0);
        self.t_s += dt_s;
        let t_s = self.t_s;
        let wind = self.wind.step(t_s, dt_s);
        let analyzers = self.site.analyzers.iter();
        let states: Vec<_> =
            analyzers.map(|analyzer| self.scenario.state_at(&analyzer.id, t_s)).collect();
        let truth: Vec<f64> = self
            .probes
            .iter()
            .map(|probe| probe.measures.truth(&self.scenario, wind, t_s))
            .collect();
        let shown = self.probes.iter_mut().zip(&truth).map(|(probe, truth)| {
            let exposed_to = states.get(probe.analyzer).and_then(|(_, exposed)| *exposed);
            probe.sensor.step(exposed_to.unwrap_or(*truth), dt_s)
        });
        Snapshot {
            t_s,
            wind,
            shown: shown.collect(),
            truth,
            states: states.into_iter().map(|(state, _)| state).collect(),
        }
    }
}

fn check_names(site: &Site, scenario: &Scenario) -> Result<(), SimError> {
    for happening in &scenario.happenings {
        if let Happening::State { analyzer, .. } = happening
            && !site.analyzers.iter().any(|a| a.id == *analyzer)
        {
            return Err(SimError::NoAnalyzer(analyzer.clone()));
        }
    }
    Ok(())
}

impl Probe {
    fn new(
        site: &Site,
        channel: &Channel,
        scenario: &Scenario,
        seed: u64,
    ) -> Result<Self, SimError> {
        let analyzer = site.analyzers.get(channel.analyzer);
        let measures = channel.quantity.as_str();
        let fits = |model: &&SensorModel| {
            let profile = analyzer.map(|a| &a.profile);
            model.measures == measures
                && (model.profile.is_none() || model.profile.as_ref() == profile)
        };
        let (Some(analyzer), Some(model)) = (analyzer, scenario.sensors.iter().find(fits)) else {
            return Err(SimError::NoSensor {
                channel: channel.id.clone(),
                measures: measures.to_owned(),
            });
        };
        let scale =
            Scale { unit: channel.unit, range: channel.range, resolution: channel.resolution };
        let measures = Measures::new(site, analyzer, channel, model)?;
        let noise = Noise::new(seed, channel.id.as_str());
        let start = measures.at_rest(scenario);
        Ok(Self {
            analyzer: channel.analyzer,
            sensor: Sensor::new(model, scale, start, noise),
            measures,
        })
    }
}

impl Measures {
    fn new(
        site: &Site,
        analyzer: &Analyzer,
        channel: &Channel,
        model: &SensorModel,
    ) -> Result<Self, SimError> {
        let Some(gas) = channel.quantity.gas() else {
            return Ok(Self::Weather(channel.quantity.clone()));
        };
        let factor = |from: Unit| site.gas(gas)?.factor(from, channel.unit, site.conditions);
        let (Some(per_mg_m3), Some(per_ppm)) = (factor(Unit::MilligramPerM3), factor(Unit::Ppm))
        else {
            return Err(SimError::NoFactor { channel: channel.id.clone(), gas: gas.clone() });
        };
        Ok(Self::Gas {
            gas: gas.clone(),
            inlet: Point { position: analyzer.position, height_m: analyzer.height_m },
            clean_air: model.clean_air_ppm * per_ppm,
            unit_per_g_m3: per_mg_m3 * MG_PER_G,
        })
    }

    /// Before anything has happened.
    fn at_rest(&self, scenario: &Scenario) -> f64 {
        let wind = WindNow { from_deg: scenario.wind.from_deg, speed_m_s: scenario.wind.speed_m_s };
        match self {
            Self::Gas { clean_air, .. } => *clean_air,
            Self::Weather(quantity) => weather(quantity, wind, scenario.air),
        }
    }

    fn truth(&self, scenario: &Scenario, wind: WindNow, t_s: f64) -> f64 {
        match self {
            Self::Weather(quantity) => weather(quantity, wind, scenario.air),
            Self::Gas { gas, inlet, clean_air, unit_per_g_m3 } => {
                let plume = Plume {
                    stability: scenario.air.stability,
                    terrain: scenario.air.terrain,
                    wind,
                };
                let leaks = scenario.leaks().filter(|leak| leak.gas == *gas);
                let from_leaks: f64 = leaks.map(|leak| g_m3(&plume, leak, *inlet, t_s)).sum();
                clean_air + from_leaks * unit_per_g_m3
            }
        }
    }
}

/// What `leak` brings to `at` at `t_s`, g/m³.
fn g_m3(plume: &Plume, leak: &Leak, at: Point, t_s: f64) -> f64 {
    let left_at_s = t_s - plume.travel_s(leak.position, at.position);
    let source = Point { position: leak.position, height_m: leak.height_m };
    leak.rate_g_s(left_at_s) * plume.dilution_s_m3(source, leak.width_m, at)
}

fn weather(quantity: &Quantity, wind: WindNow, air: AirModel) -> f64 {
    match quantity {
        Quantity::WindSpeed => wind.speed_m_s,
        Quantity::WindDirection => wind.from_deg,
        Quantity::Temperature => air.temperature_c,
        Quantity::Pressure => air.pressure_hpa,
        Quantity::Humidity => air.humidity_pct,
        // `Measures::new` makes gases into `Measures::Gas`.
        Quantity::Gas(_) => f64::NAN,
    }
}

#[cfg(test)]
mod tests;
