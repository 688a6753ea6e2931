//! What happens in a simulated park: plain data, read from TOML, checked before use.
//!
//! Times are seconds from the start of the park. The scenario of the demo is
//! `scenarios/demo.toml`; the comments about its numbers stand there.

use serde::{Deserialize, Serialize};
use siskin_model::site::Position;
use siskin_model::{AnalyzerId, GasId};

use crate::SimError;
use crate::world::plume::{Stability, Terrain};

/// The scenario of the demo as it is shipped.
const DEMO: &str = include_str!("../scenarios/demo.toml");

/// What happens in a park.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// How the wind behaves.
    pub wind: WindModel,
    /// The rest of the weather.
    pub air: AirModel,
    /// How sensors behave; the first that fits a channel holds.
    pub sensors: Vec<SensorModel>,
    /// What happens.
    pub happenings: Vec<Happening>,
}

/// A wind that swings slowly around a mean, with meander and gusts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindModel {
    /// Where it comes from on average, clockwise from north.
    pub from_deg: f64,
    /// How far it swings to each side.
    pub swing_deg: f64,
    /// How long one swing takes.
    pub swing_period_s: f64,
    /// Standard deviation of the meander on top of the swing.
    pub meander_deg: f64,
    /// How long the meander remembers.
    pub meander_time_s: f64,
    /// Mean speed.
    pub speed_m_s: f64,
    /// Standard deviation of gusts as a share of the speed.
    pub gust_share: f64,
    /// How long a gust lasts.
    pub gust_time_s: f64,
}

/// The air of the park.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirModel {
    /// Temperature.
    pub temperature_c: f64,
    /// Pressure at the station.
    pub pressure_hpa: f64,
    /// Relative humidity.
    pub humidity_pct: f64,
    /// Pasquill class.
    pub stability: Stability,
    /// Roughness around the park.
    pub terrain: Terrain,
}

/// How the sensors of one quantity behave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorModel {
    /// A gas id or a weather quantity, as [`siskin_model::site::Quantity::as_str`] names it.
    pub measures: String,
    /// Only for analyzers of this device profile.
    pub profile: Option<String>,
    /// Time to 90 % of a step.
    pub t90_s: f64,
    /// Standard deviation of the noise, in steps of the channel's resolution.
    pub noise_steps: f64,
    /// Standard deviation of the zero at the start, in steps of the resolution.
    pub zero_steps: f64,
    /// How far the zero wanders in an hour (standard deviation), in steps of the resolution.
    pub drift_steps_per_hour: f64,
    /// What clean air holds of the gas; 0 for weather.
    pub clean_air_ppm: f64,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Happening {
    /// Gas escapes.
    Leak(Leak),
    /// A device is in a state other than normal.
    State {
        /// Which device.
        analyzer: AnalyzerId,
        /// From when.
        from_s: f64,
        /// Until when; to the end of the park if not given.
        until_s: Option<f64>,
        /// In which state.
        state: DeviceState,
        /// What its cell is exposed to instead of the air (span or zero gas), in the channel's
        /// unit.
        exposed_to: Option<f64>,
    },
}

/// Gas that escapes through a hole whose diameter grows evenly until it is fully open: the rate
/// grows with its square.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leak {
    /// Which gas.
    pub gas: GasId,
    /// Where.
    pub position: Position,
    /// Height above ground.
    pub height_m: f64,
    /// Width of the cloud at the source: a dense cloud spreads before the wind takes it along.
    pub width_m: f64,
    /// When it begins.
    pub start_s: f64,
    /// When it is isolated; never if not given.
    pub end_s: Option<f64>,
    /// Time from its start until the hole is fully open.
    pub growth_s: f64,
    /// Rate through the open hole.
    pub rate_max_g_s: f64,
}

impl Scenario {
    /// The scenario of the demo.
    pub fn demo() -> Self {
        Self::from_toml(DEMO).expect("the shipped scenario is sound: a test reads it")
    }

    /// Reads and checks a scenario.
    pub fn from_toml(text: &str) -> Result<Self, SimError> {
        let scenario: Self = toml::from_str(text).map_err(SimError::Text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Refuses numbers no park can have, so that nothing behind this makes one that is no number.
    pub fn check(&self) -> Result<(), SimError> {
        let wind = &self.wind;
        positive("wind.speed_m_s", wind.speed_m_s)?;
        positive("wind.swing_period_s", wind.swing_period_s)?;
        positive("wind.meander_time_s", wind.meander_time_s)?;
        positive("wind.gust_time_s", wind.gust_time_s)?;
        not_negative("wind.meander_deg", wind.meander_deg)?;
        not_negative("wind.gust_share", wind.gust_share)?;
        finite("wind.from_deg", wind.from_deg)?;
        finite("wind.swing_deg", wind.swing_deg)?;
        finite("air.temperature_c", self.air.temperature_c)?;
        positive("air.pressure_hpa", self.air.pressure_hpa)?;
        not_negative("air.humidity_pct", self.air.humidity_pct)?;
        for sensor in &self.sensors {
            not_negative("sensors.t90_s", sensor.t90_s)?;
            not_negative("sensors.noise_steps", sensor.noise_steps)?;
            not_negative("sensors.zero_steps", sensor.zero_steps)?;
            not_negative("sensors.drift_steps_per_hour", sensor.drift_steps_per_hour)?;
            not_negative("sensors.clean_air_ppm", sensor.clean_air_ppm)?;
        }
        self.happenings.iter().try_for_each(Happening::check)
    }

    /// The leaks.
    pub fn leaks(&self) -> impl Iterator<Item = &Leak> {
        self.happenings.iter().filter_map(|happening| match happening {
            Happening::Leak(leak) => Some(leak),
            Happening::State { .. } => None,
        })
    }

    /// The state of `analyzer` at `t_s` and what its cell is exposed to instead of the air. Where
    /// several hold, the one named last does.
    pub fn state_at(&self, analyzer: &AnalyzerId, t_s: f64) -> (DeviceState, Option<f64>) {
        let mut states = self.happenings.iter().filter_map(|happening| match happening {
            Happening::State { analyzer: whose, from_s, until_s, state, exposed_to }
                if whose == analyzer
                    && t_s >= *from_s
                    && until_s.is_none_or(|until_s| t_s < until_s) =>
            {
                Some((*state, *exposed_to))
            }
            _ => None,
        });
        states.next_back().unwrap_or((DeviceState::Normal, None))
    }
}

impl Happening {
    fn check(&self) -> Result<(), SimError> {
        match self {
            Self::Leak(leak) => {
                finite("position.x_m", leak.position.x_m)?;
                finite("position.y_m", leak.position.y_m)?;
                finite("start_s", leak.start_s)?;
                finite("end_s", leak.end_s.unwrap_or_default())?;
                not_negative("height_m", leak.height_m)?;
                not_negative("width_m", leak.width_m)?;
                not_negative("rate_max_g_s", leak.rate_max_g_s)?;
                positive("growth_s", leak.growth_s)
            }
            Self::State { from_s, until_s, exposed_to, .. } => {
                finite("from_s", *from_s)?;
                finite("until_s", until_s.unwrap_or_default())?;
                not_negative("exposed_to", exposed_to.unwrap_or_default())
            }
        }
    }
}

fn number(holds: bool, what: &'static str, found: f64, hint: &'static str) -> Result<(), SimError> {
    if holds { Ok(()) } else { Err(SimError::Number { what, found, hint }) }
}

fn positive(what: &'static str, found: f64) -> Result<(), SimError> {
    number(found.is_finite() && found > 0.0, what, found, "write a number above 0")
}

fn not_negative(what: &'static str, found: f64) -> Result<(), SimError> {
    number(found.is_finite() && found >= 0.0, what, found, "write 0 or more")
}

fn finite(what: &'static str, found: f64) -> Result<(), SimError> {
    number(found.is_finite(), what, found, "write a finite number")
}

impl Leak {
    /// What escapes at `t_s`, g/s.
    pub fn rate_g_s(&self, t_s: f64) -> f64 {
        let age_s = t_s - self.start_s;
        let over = self.end_s.is_some_and(|end_s| t_s >= end_s);
        if age_s <= 0.0 || over {
            return 0.0;
        }
        let opening = (age_s / self.growth_s).min(1.0);
        self.rate_max_g_s * opening * opening
    }
}

/// The state of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// It measures.
    Normal,
    /// Not ready after switching on.
    WarmUp,
    /// Zero or span gas is being measured.
    Calibration,
    /// Inhibited by a person for work on it.
    Inhibited,
    /// It says that it has failed.
    Fault,
    /// It holds connections and never answers, and publishes nothing.
    Dead,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(find: &str, replace: &str, expected: &str) {
        assert!(DEMO.contains(find), "`{find}` is not in the demo");
        let error = Scenario::from_toml(&DEMO.replace(find, replace)).unwrap_err();
        let whole = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        assert!(whole.contains(expected), "{whole}");
    }

    #[test]
    fn the_demo_is_sound_and_goes_there_and_back() {
        let demo = Scenario::demo();
        assert_eq!(demo.leaks().count(), 2);
        let text = toml::to_string(&demo).unwrap();
        assert_eq!(Scenario::from_toml(&text).unwrap(), demo);
    }

    #[test]
    fn numbers_no_park_can_have_are_refused() {
        check("growth_s = 40.0", "growth_s = 0.0", "`growth_s` = 0");
        check("rate_max_g_s = 130.0", "rate_max_g_s = nan", "`rate_max_g_s` = NaN");
        check("speed_m_s = 4.0", "speed_m_s = -4.0", "`wind.speed_m_s` = -4");
        check("t90_s = 6.0", "t90_s = inf", "`sensors.t90_s` = inf");
        check("gust_share = 0.06", "gust_shape = 0.1", "gust_shape");
    }

    #[test]
    fn a_leak_grows_with_its_hole_and_ends() {
        let leak = Leak {
            gas: GasId::new("chlorine").unwrap(),
            position: Position { x_m: 0.0, y_m: 0.0 },
            height_m: 1.0,
            width_m: 1.0,
            start_s: 20.0,
            end_s: Some(100.0),
            growth_s: 40.0,
            rate_max_g_s: 800.0,
        };
        for (t_s, rate) in
            [(20.0, 0.0), (30.0, 50.0), (40.0, 200.0), (60.0, 800.0), (99.9, 800.0), (100.0, 0.0)]
        {
            assert!((leak.rate_g_s(t_s) - rate).abs() < 1e-9, "{t_s}");
        }
    }

    #[test]
    fn a_state_holds_from_its_start_to_its_end() {
        let demo = Scenario::demo();
        let state = |id: &str, t_s| demo.state_at(&AnalyzerId::new(id).unwrap(), t_s);
        assert_eq!(state("at-105", 9.9), (DeviceState::Normal, None));
        assert_eq!(state("at-105", 10.0), (DeviceState::Calibration, Some(40.0)));
        assert_eq!(state("at-201", 30.0), (DeviceState::Dead, None));
        assert_eq!(state("at-202", 30.0), (DeviceState::Normal, None));
    }
}
