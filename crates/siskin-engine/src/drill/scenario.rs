//! From what somebody wishes to drill to a checked [`Scenario`] of the site.
//!
//! Must never give a scenario whose gas comes to no channel: such a drill would look as if nobody
//! had to do anything.

use siskin_model::site::{Channel, Position};
use siskin_model::{
    AreaId, ChannelId, ChannelIndex, DRILL_MS_MAX, DrilledChannel, GasId, NewDrill, Scenario, Site,
    Timestamp, Unit,
};

/// The speed at which the gas travels where the wind is not known: a light breeze.
pub const DEFAULT_WIND_M_S: f64 = 2.0;
/// A weaker wind carries the gas at this speed: a calm would never bring it.
const WIND_M_S_MIN: f64 = 0.5;
/// How long a drill goes on after its gas has gone where its length is not said: people must have
/// the time to end their warnings.
const AFTER_MS: i64 = 600_000;
/// The highest factor.
const FACTOR_MAX: f64 = 1_000.0;

/// A channel that the release is to come to.
#[derive(Debug, Clone, PartialEq)]
pub struct WishedChannel {
    /// Which.
    pub channel: ChannelId,
    /// The part of the concentration.
    pub factor: f64,
    /// How long it takes; none: by the distance, like the others.
    pub delay_ms: Option<i64>,
}

/// What somebody wishes to drill.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Where.
    pub area: AreaId,
    /// Which gas.
    pub gas: GasId,
    /// The highest concentration.
    pub peak: f64,
    /// Its unit.
    pub unit: Unit,
    /// How long it rises.
    pub rise_ms: i64,
    /// How long it holds.
    pub hold_ms: i64,
    /// How long it falls.
    pub decay_ms: i64,
    /// The channels; none named: all of the gas in the area.
    pub channels: Vec<WishedChannel>,
    /// Where the gas comes out; none: it is everywhere at once.
    pub source: Option<Position>,
    /// When it comes out; none: now.
    pub release_at: Option<Timestamp>,
    /// How long the drill lasts at most; none: until a while after the gas has gone.
    pub length_ms: Option<i64>,
    /// What it is for.
    pub note: String,
}

/// Why a wish cannot be drilled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// No such area.
    #[error("there is no area `{0}`; hint: see the areas of the site")]
    Area(AreaId),
    /// No channel of the gas.
    #[error("no channel measures `{gas}` in `{area}`; hint: choose a gas that is measured there")]
    Nothing {
        /// The area.
        area: AreaId,
        /// The gas.
        gas: GasId,
    },
    /// A named channel that does not measure the gas.
    #[error("channel `{0}` does not measure the gas of the drill; hint: leave it out")]
    Channel(ChannelId),
    /// A channel that is named twice.
    #[error("channel `{0}` is named twice; hint: name each channel once")]
    Twice(ChannelId),
    /// No way from the unit to a channel's.
    #[error("`{unit}` cannot be turned into the unit of `{channel}`; hint: use its unit")]
    Unit {
        /// The unit.
        unit: &'static str,
        /// The channel.
        channel: ChannelId,
    },
    /// A number that is not in its range.
    #[error("`{field}` is not possible; hint: {low} to {high}")]
    Number {
        /// Which.
        field: &'static str,
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// Too long.
    #[error(
        "the drill would last {asked_s} s; hint: at most {} s from now to its end",
        DRILL_MS_MAX / 1000
    )]
    Length {
        /// How long.
        asked_s: i64,
    },
    /// The release would be in the past.
    #[error("the release would begin in the past; hint: leave `release_at_ms` out to begin now")]
    Past,
}

impl Wish {
    /// The drill as it would begin at `now`, in the name of `by`; `wind_m_s` is the latest wind.
    pub fn plan(
        &self,
        site: &Site,
        now: Timestamp,
        by: &str,
        wind_m_s: Option<f64>,
    ) -> Result<NewDrill, ScenarioError> {
        self.check_numbers()?;
        if site.area(&self.area).is_none() {
            return Err(ScenarioError::Area(self.area.clone()));
        }
        let release_at = self.release_at.unwrap_or(now);
        if release_at < now {
            return Err(ScenarioError::Past);
        }
        let scenario = Scenario {
            area: self.area.clone(),
            gas: self.gas.clone(),
            peak: self.peak,
            unit: self.unit,
            rise_ms: self.rise_ms,
            hold_ms: self.hold_ms,
            decay_ms: self.decay_ms,
            release_at,
            channels: self.channels(site, wind_m_s)?,
        };
        let ends_at = self.ends_at(now, &scenario)?;
        let (begun_by, note) = (by.to_owned(), self.note.clone());
        Ok(NewDrill { begun_at: now, begun_by, note, ends_at, scenario })
    }

    fn ends_at(&self, now: Timestamp, scenario: &Scenario) -> Result<Timestamp, ScenarioError> {
        let from_now = |at: Timestamp| at.as_millis().saturating_sub(now.as_millis());
        let gas_ms = from_now(scenario.over_at());
        let length_ms = match self.length_ms {
            Some(length_ms) => length_ms,
            None => gas_ms.saturating_add(AFTER_MS).min(gas_ms.max(DRILL_MS_MAX)),
        };
        if length_ms > DRILL_MS_MAX {
            return Err(ScenarioError::Length { asked_s: length_ms / 1000 });
        }
        Ok(now.plus_ms(length_ms))
    }

    fn check_numbers(&self) -> Result<(), ScenarioError> {
        let hours_s = DRILL_MS_MAX as f64 / 1000.0;
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let is_in = |field, value: f64, low: f64, high: f64| {
            let fits = value.is_finite() && (low..=high).contains(&value);
            fits.then_some(()).ok_or(ScenarioError::Number { field, low, high })
        };
        is_in("peak", self.peak, f64::MIN_POSITIVE, 1e9)?;
        is_in("rise_s", seconds(self.rise_ms), 0.0, hours_s)?;
        is_in("hold_s", seconds(self.hold_ms), 0.0, hours_s)?;
        is_in("decay_s", seconds(self.decay_ms), 0.0, hours_s)?;
        let gas_ms = self.rise_ms + self.hold_ms + self.decay_ms;
        is_in("rise_s + hold_s + decay_s", seconds(gas_ms), 1.0, hours_s)?;
        if let Some(length_ms) = self.length_ms {
            is_in("length_s", seconds(length_ms), 1.0, hours_s)?;
        }
        for one in &self.channels {
            is_in("factor", one.factor, f64::MIN_POSITIVE, FACTOR_MAX)?;
            is_in("delay_s", seconds(one.delay_ms.unwrap_or(0)), 0.0, hours_s)?;
        }
        Ok(())
    }

    fn channels(
        &self,
        site: &Site,
        wind_m_s: Option<f64>,
    ) -> Result<Vec<DrilledChannel>, ScenarioError> {
        let named = self.named(site)?;
        let (gas, area) = (&self.gas, &self.area);
        if named.is_empty() {
            return Err(ScenarioError::Nothing { area: area.clone(), gas: gas.clone() });
        }
        let known = site.gas(gas);
        let one = |(channel, wished): (&Channel, WishedChannel)| {
            let factor = known.and_then(|g| g.factor(self.unit, channel.unit, site.conditions));
            if factor.is_none() {
                let (unit, channel) = (self.unit.as_str(), channel.id.clone());
                return Err(ScenarioError::Unit { unit, channel });
            }
            let by_wind = || self.delay_ms(site, channel, wind_m_s);
            let delay_ms = wished.delay_ms.unwrap_or_else(by_wind);
            Ok(DrilledChannel { channel: wished.channel, factor: wished.factor, delay_ms })
        };
        named.into_iter().map(one).collect()
    }

    /// The channels of the gas that are named, or all of the area.
    fn named<'a>(
        &self,
        site: &'a Site,
    ) -> Result<Vec<(&'a Channel, WishedChannel)>, ScenarioError> {
        let is_of_gas = |channel: &Channel| channel.quantity.gas() == Some(&self.gas);
        if self.channels.is_empty() {
            let all = site.channels.iter();
            let all = all.filter(|channel| channel.area == self.area && is_of_gas(channel));
            let whole = |channel: &'a Channel| {
                let id = channel.id.clone();
                (channel, WishedChannel { channel: id, factor: 1.0, delay_ms: None })
            };
            return Ok(all.map(whole).collect());
        }
        let mut named: Vec<(&Channel, WishedChannel)> = Vec::new();
        for wished in &self.channels {
            let index: Option<ChannelIndex> = site.index_of(&wished.channel);
            let channel = index.and_then(|index| site.channel(index)).filter(|c| is_of_gas(c));
            let channel = channel.ok_or_else(|| ScenarioError::Channel(wished.channel.clone()))?;
            if named.iter().any(|(known, _)| known.id == channel.id) {
                return Err(ScenarioError::Twice(wished.channel.clone()));
            }
            named.push((channel, wished.clone()));
        }
        Ok(named)
    }

    /// The way from the source to the channel at the speed of the wind.
    fn delay_ms(&self, site: &Site, channel: &Channel, wind_m_s: Option<f64>) -> i64 {
        let there = site.analyzers.get(channel.analyzer).map(|analyzer| analyzer.position);
        let Some((from, to)) = self.source.zip(there) else { return 0 };
        let wind = wind_m_s.filter(|speed| speed.is_finite()).unwrap_or(DEFAULT_WIND_M_S);
        let metres = (to.x_m - from.x_m).hypot(to.y_m - from.y_m);
        let seconds = metres / wind.max(WIND_M_S_MIN);
        let ms = (seconds * 1000.0).round().min(DRILL_MS_MAX as f64);
        #[expect(clippy::cast_possible_truncation, reason = "at most the longest drill")]
        let ms = ms as i64;
        ms
    }
}
