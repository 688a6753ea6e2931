//! Golden dumps (`tests/fixtures/devices/*.toml`): what a device has in its registers in a named
//! state, and what each channel must make of it. Words and values are computed by hand.

use std::collections::BTreeMap;

use serde::Deserialize;
use siskin_model::site::Range;
use siskin_model::{Quality, Unit};
use siskin_wire::modbus::{Decoded, Plan};
use siskin_wire::{DeviceProfile, Slot};

use super::image::{Image, place};

/// Two numbers of a dump are equal when they differ by less than this part: float32 has 7 digits.
const SHARE: f64 = 1e-6;

/// One file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dump {
    /// The profile it is about.
    pub(crate) profile: String,
    /// Channels by value point.
    pub(crate) channels: BTreeMap<String, Channel>,
    /// What all states have in common.
    base: BTreeMap<String, String>,
    /// The states; the first is the one in which everything is well.
    #[serde(rename = "state")]
    pub(crate) states: Vec<State>,
    /// Words of one register, all others as in the base.
    #[serde(default, rename = "sweep")]
    sweeps: Vec<Sweep>,
}

/// What a channel wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    unit: Unit,
    low: f64,
    high: f64,
}

/// A state: what differs from the base, and what is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// What it is called.
    pub(crate) name: String,
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Places the device refuses to show.
    #[serde(default)]
    exception: Vec<String>,
    /// `24 ppm good` by channel; `- ppm fault` where there is no number. A quality alone keeps the
    /// number of the first state; a channel that is left out reads as in the first state.
    #[serde(default)]
    read: BTreeMap<String, String>,
    /// Part of the reason for which a number was refused.
    #[serde(default)]
    why: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sweep {
    at: String,
    of: Vec<String>,
    is: BTreeMap<String, String>,
}

impl Dump {
    /// All states, those of the sweeps after the named ones.
    pub(crate) fn states(&self) -> Vec<State> {
        let swept = self.sweeps.iter().flat_map(|sweep| {
            sweep.is.iter().map(|(word, read)| State {
                name: format!("{} = {word}", sweep.at),
                set: [(sweep.at.clone(), word.clone())].into(),
                exception: Vec::new(),
                read: sweep.of.iter().map(|channel| (channel.clone(), read.clone())).collect(),
                why: None,
            })
        });
        self.states.iter().cloned().chain(swept).collect()
    }

    /// The registers in `state`.
    pub(crate) fn image(&self, state: &State) -> Image {
        let mut image = Image::default();
        for (first, hex) in self.base.iter().chain(&state.set) {
            image.put(place(first), hex);
        }
        state.exception.iter().for_each(|refused| image.refuse(place(refused)));
        image
    }

    /// The plan that serves the channels.
    pub(crate) fn plan(&self, profile: &DeviceProfile) -> Plan {
        let slots = self.channels.iter().map(|(point, channel)| Slot {
            point: point.clone(),
            unit: channel.unit,
            range: Range { low: channel.low, high: channel.high },
            factors: factors(channel.unit),
        });
        Plan::new(profile, slots.collect()).unwrap()
    }

    /// Everything in which `profile` and this dump disagree.
    pub(crate) fn disagreements(&self, profile: &DeviceProfile) -> Vec<String> {
        let plan = self.plan(profile);
        let mut found = Vec::new();
        for state in self.states() {
            let image = self.image(&state);
            let answers: Vec<_> = plan.requests().iter().map(|r| image.answer(*r)).collect();
            let at = format!("{}: {}", self.profile, state.name);
            match plan.decode(&answers) {
                Ok(decoded) => found.extend(self.compare(&state, &decoded, &at)),
                Err(error) => found.push(format!("{at}: {error}")),
            }
        }
        found
    }

    fn compare(&self, state: &State, decoded: &Decoded, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (channel, got) in self.channels.keys().zip(&decoded.values) {
            let (value, quality) = self.expected(state, channel);
            let near = match (got.value, value) {
                (Some(got), Some(value)) => (got - value).abs() <= SHARE * value.abs().max(1.0),
                (got, value) => got.is_none() && value.is_none(),
            };
            if !near || got.quality != quality {
                let said: Vec<_> = decoded.refused.iter().map(|r| &r.reason.en).collect();
                found.push(format!(
                    "{at}: {channel} is {got:?}, not {value:?} {quality:?}: {said:?}"
                ));
            }
        }
        if let Some(why) = &state.why
            && !decoded.refused.iter().any(|refusal| refusal.reason.en.contains(why.as_str()))
        {
            found.push(format!("{at}: nobody says `{why}`: {:?}", decoded.refused));
        }
        found
    }

    fn expected(&self, state: &State, channel: &str) -> (Option<f64>, Quality) {
        let text = |state: &State| state.read.get(channel).cloned();
        let first = text(self.states.first().unwrap()).unwrap_or_else(|| panic!("{channel}"));
        let said = text(state).unwrap_or_else(|| first.clone());
        let parts = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (number, quality) = match &parts(&said)[..] {
            [number, unit, quality] => {
                let known = self.channels.get(channel).unwrap().unit.as_str();
                assert_eq!(unit, known, "{}: {}: {channel}", self.profile, state.name);
                (number.clone(), quality.clone())
            }
            [quality] => (parts(&first).swap_remove(0), quality.clone()),
            other => panic!("{}: {}: {other:?}", self.profile, state.name),
        };
        let value = (number != "-").then(|| number.parse().unwrap());
        (value, Quality::ALL.into_iter().find(|q| q.as_str() == quality).unwrap())
    }
}

/// What converts into `unit` without knowing the gas.
fn factors(unit: Unit) -> Vec<(Unit, f64)> {
    let in_ppm = [(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3), (Unit::PercentVolume, 1e4)];
    let own = in_ppm.iter().find(|(known, _)| *known == unit);
    own.map_or(vec![(unit, 1.0)], |(_, own)| {
        in_ppm.iter().map(|(from, factor)| (*from, factor / own)).collect()
    })
}
