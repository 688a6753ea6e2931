//! Rule tests: `SITE/tests/*.toml`, stories of readings with what the rules must say of them.
//!
//! Here they become readings in order of arrival and steps to compare with; nothing is judged. A
//! test that could not fail is refused, and so is everything that no story can mean: unknown
//! words, rules that judge none of the test's channels, times in the wrong order.
//!
//! Read next: `series` (the notation), `delivery` (how readings arrive), `step` (what is expected).

mod delivery;
mod duration;
mod noise;
mod notation;
mod series;
mod step;
mod words;
mod written;

use siskin_engine::RuleSet;
use siskin_model::{ChannelId, Reading, RuleId, Site, Text, Timestamp};

use crate::problems::Problems;
use crate::sources::Sources;
use crate::{Report, Settings, SourceFile, node};

pub use duration::shown;
pub use step::{AlarmStep, CorrectionStep, Step, WarningStep};

/// The folder of the tests in a site's folder.
pub const FOLDER: &str = "tests/";
/// Every test begins at this moment (2026-01-01T00:00:00Z), so that steps of time fall the same.
pub const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Readings of one test at most.
pub const READINGS_MAX: usize = 2_000_000;
/// Tests of one site at most.
pub const TESTS_MAX: usize = 2_000;

/// One story and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// Its name for people.
    pub name: Text,
    /// The file it stands in.
    pub file: String,
    /// The line it begins at.
    pub line: usize,
    /// The channels that it speaks of, in the order of its series.
    pub channels: Vec<ChannelId>,
    /// What arrives, in order of arrival, for the channels of [`Self::park`].
    pub readings: Vec<Reading>,
    /// The clock runs from [`START`] to here.
    pub until: Timestamp,
    /// Only alarms of these rules are compared; none: all alarms are.
    pub only: Option<Vec<RuleId>>,
    /// What must be told.
    pub expected: Expected,
}

/// What must come of a story. Every list is complete: what happens and is not listed is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Begins and ends of alarms, as they are told live.
    pub alarms: Vec<AlarmStep>,
    /// Begins and ends of alarms in the record after all corrections; none: not compared.
    pub record: Option<Vec<AlarmStep>>,
    /// Steps of warnings but for `updated`; none: not compared.
    pub warnings: Option<Vec<WarningStep>>,
    /// What late readings changed in the record.
    pub corrections: Vec<CorrectionStep>,
}

impl RuleTest {
    /// The site and the rules that the readings are for.
    pub fn park(&self, settings: &Settings) -> (Site, RuleSet) {
        let fitted = fitted(settings, &self.channels);
        (fitted.site, fitted.rules)
    }
}

/// The settings as a test needs them: a site with a template has the channels that the test names.
fn fitted(settings: &Settings, channels: &[ChannelId]) -> Settings {
    let made = settings.template.as_ref().and_then(|_| settings.for_channels(channels).ok());
    made.unwrap_or_else(|| settings.clone())
}

/// The tests in those of `files` that stand in the folder of tests, or a report of everything
/// that is wrong with them.
pub fn read(files: &[SourceFile], settings: &Settings) -> Result<Vec<RuleTest>, Report> {
    let mut sources = Sources::default();
    let mut problems = Problems::default();
    let mut files: Vec<_> = files.iter().filter(|file| file.path.starts_with(FOLDER)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut tests = Vec::new();
    for file in files {
        let root = node::parse(&file.path, &file.text, &mut sources, &mut problems);
        if let Some(root) = root {
            written::read(&root, &file.path, settings, &sources, &mut problems, &mut tests);
        }
    }
    problems.finish(Some(tests), &sources).map(|(tests, _)| tests)
}

#[cfg(test)]
mod tests;
