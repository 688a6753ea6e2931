//! Site folders as written to settings as used, with errors that say where.
//!
//! Ring 1, pure: it is given texts and gives [`Settings`] or a [`Report`] of everything that is
//! wrong with them; it reads no file, no environment and no clock. Carries invariant 1 for what is
//! configured: a set point that cannot be reached, a tier that does not rise and a channel that
//! nobody watches are refused, an unverified limit is noted. Nothing written wrongly is ever
//! replaced by a default.
//!
//! The way of a text: [`node`] gives every part its place, [`layers`] merges `site.toml` with the
//! environment, [`written`] reads keys, [`checks`] compares.

mod checks;
mod fields;
mod layers;
mod node;
mod report;
mod settings;
mod sources;
mod suggest;
mod values;
mod written;

use self::checks::{AllNames, Written, catalogue};
use self::node::{Node, Value};
use self::report::{Draft, Problems};
use self::sources::{Place, Sources};

pub use layers::ENVIRONMENT_PREFIX;
pub use report::{Note, Problem, Report, Spot};
pub use settings::{ChannelTemplate, ChannelsError, Settings, Station};

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
    /// Variables beginning with [`ENVIRONMENT_PREFIX`]; others are ignored.
    pub environment: Vec<(String, String)>,
}

/// The files of a site folder beside `rules/*.toml`.
const FILES: [&str; 4] = ["site.toml", "areas.toml", "analyzers.toml", "receivers.toml"];
/// The folder of the rules.
const RULES: &str = "rules/";

/// Makes settings, or a report of all problems at once.
pub fn load(inputs: &Inputs) -> Result<Settings, Report> {
    let mut sources = Sources::default();
    let mut problems = Problems::default();
    unknown_files(inputs, &mut sources, &mut problems);
    let written = read(inputs, &mut sources, &mut problems);
    let catalogue = catalogue::read(inputs, &mut sources, &mut problems);
    let settings = checks::settings(&written, catalogue, &mut problems);
    let (settings, notes) = problems.finish(settings, &sources)?;
    Ok(Settings { notes, ..settings })
}

/// A misspelt file name would be a file that nobody reads.
fn unknown_files(inputs: &Inputs, sources: &mut Sources, problems: &mut Problems) {
    for file in &inputs.site {
        let path = file.path.as_str();
        if FILES.contains(&path) || path.starts_with(RULES) {
            continue;
        }
        let hint = match suggest::nearest(path, FILES) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("a site has {} and rules/*.toml", FILES.join(", ")),
        };
        let message = format!("nothing reads the file `{path}`");
        let place = absent(path, sources);
        problems.add(Draft::new(message, hint).at(place, "unknown file"));
    }
}

/// A place for what is said of a file as a whole.
fn absent(path: &str, sources: &mut Sources) -> Place {
    Place { file: sources.add(path, ""), start: 0, end: 0 }
}

fn read(inputs: &Inputs, sources: &mut Sources, problems: &mut Problems) -> Written {
    let find = |path: &str| inputs.site.iter().find(|file| file.path == path);
    let site = find("site.toml").map(|file| {
        let root = layers::merged(file, &inputs.environment, sources, problems)?;
        written::site::read(&root, problems)
    });
    let site = site.unwrap_or_else(|| {
        missing("site.toml", sources, problems);
        None
    });
    let mut list = |path: &str, needed: bool| {
        let root = find(path).map(|file| node::parse(path, &file.text, sources, problems));
        if root.is_none() && needed {
            missing(path, sources, problems);
        }
        root.flatten()
    };
    let has_template = site.as_ref().is_some_and(|site| site.has_template);
    let areas = list("areas.toml", true);
    let analyzers = list("analyzers.toml", !has_template);
    let receivers = list("receivers.toml", false);
    let mut names = AllNames::default();
    names.areas.declare(areas.iter().flat_map(|root| tables(root, "area")));
    let devices = analyzers.iter().flat_map(|root| tables(root, "analyzer"));
    let channels = devices.flat_map(|analyzer| tables(analyzer, "channel"));
    names.channels.declare(channels);
    let (rules, rules_broken) = read_rules(inputs, sources, problems);
    let areas = areas.map(|root| written::areas::read(&root, "areas.toml", problems));
    let analyzers =
        analyzers.map(|root| written::analyzers::read(&root, "analyzers.toml", problems));
    let receivers =
        receivers.map(|root| written::receivers::read(&root, "receivers.toml", problems));
    Written {
        site,
        areas: areas.unwrap_or_default(),
        analyzers: analyzers.unwrap_or_default(),
        receivers: receivers.unwrap_or_default(),
        rules,
        rules_broken,
        names,
    }
}

fn read_rules(
    inputs: &Inputs,
    sources: &mut Sources,
    problems: &mut Problems,
) -> (Vec<written::rules::WrittenRule>, bool) {
    let before = problems.count();
    let is_rules = |file: &&SourceFile| file.path.starts_with(RULES);
    let mut files: Vec<_> = inputs.site.iter().filter(is_rules).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() {
        missing("rules/*.toml", sources, problems);
    }
    let mut rules = Vec::new();
    for file in files {
        if let Some(root) = node::parse(&file.path, &file.text, sources, problems) {
            rules.extend(written::rules::read(&root, &file.path, problems));
        }
    }
    (rules, problems.count() > before)
}

fn missing(path: &str, sources: &mut Sources, problems: &mut Problems) {
    let place = absent(path, sources);
    let hint = "compare firmware-configs/sites/demo-park, a complete site";
    let draft = Draft::new(format!("the site has no `{path}`"), hint);
    problems.add(draft.at(place, "not there"));
}

/// The tables of a list in `root`, without judging them.
fn tables<'a>(root: &'a Node, name: &str) -> &'a [Node] {
    match root.get(name).map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}
