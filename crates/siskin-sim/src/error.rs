//! Why a park or a broker could not be simulated.

use std::io;
use std::path::PathBuf;

use siskin_model::{AnalyzerId, ChannelId, GasId};

/// What went wrong before the park was running. A running park reports by its log instead.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The text of a scenario.
    #[error("cannot read the scenario; hint: compare it with `scenarios/demo.toml`")]
    Text(#[source] toml::de::Error),
    /// A number of a scenario.
    #[error("the scenario has `{what}` = {found}; hint: {hint}")]
    Number {
        /// Which number.
        what: &'static str,
        /// As it was written.
        found: f64,
        /// What is possible.
        hint: &'static str,
    },
    /// A happening names a device that the site does not have.
    #[error("the scenario names analyzer `{0}`, which the site does not have; hint: correct one")]
    NoAnalyzer(AnalyzerId),
    /// A channel without a sensor.
    #[error(
        "channel `{channel}` measures `{measures}`, for which the scenario has no sensor; \
         hint: add a `[[sensors]]` entry with `measures = \"{measures}\"`"
    )]
    NoSensor {
        /// Whose.
        channel: ChannelId,
        /// What it measures.
        measures: String,
    },
    /// The unit of a channel cannot be computed from a mass in the air.
    #[error(
        "channel `{channel}` shows `{gas}` in a unit that needs its molar mass; \
         hint: give the gas `molar_mass_g_mol` in the catalogue"
    )]
    NoFactor {
        /// Whose.
        channel: ChannelId,
        /// The gas without one.
        gas: GasId,
    },
    /// A Modbus device whose profile has no simulated model.
    #[error(
        "analyzer `{analyzer}` has the profile `{profile}`, which is not simulated; \
         hint: use one of {known}"
    )]
    NoModel {
        /// Whose.
        analyzer: AnalyzerId,
        /// The profile as the site names it.
        profile: String,
        /// The simulated ones.
        known: String,
    },
    /// A device that cannot show its channels.
    #[error(
        "analyzer `{analyzer}` has {channels} channels, which a `{profile}` cannot show in their \
         units; hint: compare the analyzer with its profile"
    )]
    Unfit {
        /// Whose.
        analyzer: AnalyzerId,
        /// Its profile.
        profile: String,
        /// How many channels it has.
        channels: usize,
    },
    /// Analyzers speak MQTT, but there is no broker to speak to.
    #[error("the site has MQTT analyzers and no broker was given; hint: start `PrivateBroker`")]
    NoBroker,
    /// A device's port could not be opened.
    #[error("cannot listen for analyzer `{analyzer}`; hint: look at limits of open files")]
    Listen {
        /// Whose.
        analyzer: AnalyzerId,
        /// Why.
        source: io::Error,
    },
    /// No mosquitto on this machine.
    #[error("no `mosquitto` in {searched}; hint: install it, on Debian `apt install mosquitto`")]
    NoMosquitto {
        /// Where it was looked for.
        searched: String,
    },
    /// A file or process of the broker.
    #[error(
        "cannot {act} for the broker in `{}`; hint: check the folder and its rights",
        path.display()
    )]
    BrokerFiles {
        /// What was tried.
        act: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The broker ended or did not accept connections.
    #[error(
        "the broker did not come up: {said}; hint: run `mosquitto -v -c` with its file by hand"
    )]
    BrokerSilent {
        /// The end of its log, or the limit that passed.
        said: String,
    },
}
