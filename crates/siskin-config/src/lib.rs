//! Site folders as written to settings as used, with errors that say where.
//!
//! Ring 1, pure: it is given texts and gives [`Settings`] or a [`Report`] of everything that is
//! wrong with them; it reads no file, no environment and no clock. Carries invariant 1 for what is
//! configured: a set point that cannot be reached, a tier that does not rise and a channel that
//! nobody watches are refused, an unverified limit is noted. Nothing written wrongly is ever
//! replaced by a default.
//!
//! The way of a text: `node` gives every part its place, `layers` merges `site.toml` with the
//! environment, `written` reads keys, `checks` compares.

mod checks;
pub mod chinese;
mod drawing;
mod fields;
mod folder;
mod highs;
pub mod kpi;
mod layers;
mod node;
mod problems;
mod report;
pub mod rule_keys;
pub mod rule_tests;
mod rule_text;
mod settings;
mod sources;
mod suggest;
mod values;
mod written;

use self::checks::catalogue;
use self::problems::Problems;
use self::sources::Sources;

pub use layers::ENVIRONMENT_PREFIX;
pub use report::{Note, Problem, Report, Spot};
pub use rule_text::rule_text;
pub use settings::{
    Access, Anonymous, ChannelTemplate, ChannelsError, Duty, DutyDesk, Incidents, Mirror,
    MirrorStart, ReportOffice, Reporting, Settings, SiteMap, Station, StationTls,
};

/// A text and what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to its folder, for example `rules/chlorine.toml`.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// Everything settings are made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// The TOML files of the site's folder.
    pub site: Vec<SourceFile>,
    /// The gas catalogue.
    pub gases: Vec<SourceFile>,
    /// The device profiles.
    pub devices: Vec<SourceFile>,
    /// The bundled rule sets; a site uses those that `rule_sets` in its `site.toml` names.
    pub rule_sets: Vec<SourceFile>,
    /// Variables beginning with [`ENVIRONMENT_PREFIX`]; others are ignored.
    pub environment: Vec<(String, String)>,
}

/// Makes settings, or a report of all problems at once.
pub fn load(inputs: &Inputs) -> Result<Settings, Report> {
    let mut sources = Sources::default();
    let mut problems = Problems::default();
    let written = folder::read(inputs, &mut sources, &mut problems);
    let catalogue = catalogue::read(inputs, &mut sources, &mut problems);
    let settings = checks::settings(&written, catalogue, &mut problems);
    let (settings, notes) = problems.finish(settings, &sources)?;
    let map = checks::map::used(written.site.as_ref(), &sources);
    Ok(Settings { map, notes, ..settings })
}
