//! The files of a site's folder: which there are, and what each holds as written.
//!
//! Every file is read even where another one is broken, so that all problems come out at once. A
//! file that nothing reads is refused: its name may be misspelt.

mod cards;
mod reporting;
mod rule_sets;
mod rules;

use std::collections::BTreeSet;

use siskin_model::GasId;

use crate::checks::{AllNames, Written};
use crate::node::{self, Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{Place, Sources};
use crate::written::analyzers::WrittenAnalyzer;
use crate::written::site::WrittenSite;
use crate::{Inputs, SourceFile, layers, rule_tests, suggest, written};

/// The files of a site folder beside `rules/*.toml`.
const FILES: [&str; 8] = [
    "site.toml",
    "areas.toml",
    "analyzers.toml",
    "receivers.toml",
    "recipients.toml",
    "duty.toml",
    "uplinks.toml",
    "maintenance.toml",
];
/// The folders of a site: its rules, its response cards, what the rules are tested with (read by
/// nobody here), and who must report an incident.
const FOLDERS: [&str; 4] = [rules::FOLDER, cards::FOLDER, rule_tests::FOLDER, reporting::FOLDER];

/// Reads every file of the site's folder.
pub(crate) fn read(inputs: &Inputs, sources: &mut Sources, problems: &mut Problems) -> Written {
    unknown_files(inputs, sources, problems);
    let site = find(inputs, "site.toml").map(|file| {
        let root = layers::merged(file, &inputs.environment, sources, problems)?;
        written::site::read(&root, problems)
    });
    let site = site.unwrap_or_else(|| {
        missing("site.toml", sources, problems);
        None
    });
    let incidents = site.as_ref().and_then(|site| site.incidents.as_ref());
    let own = incidents.and_then(|incidents| incidents.reporting.as_ref());
    let reporting = reporting::read(inputs, own, sources, problems);
    let needs_devices = site.as_ref().is_some_and(|site| !site.has_template);
    let areas = list(inputs, "areas.toml", true, sources, problems);
    let before = problems.count();
    let devices = list(inputs, "analyzers.toml", needs_devices, sources, problems);
    let analyzers =
        devices.as_ref().map(|root| written::analyzers::read(root, "analyzers.toml", problems));
    let devices_broken = problems.count() > before;
    let receivers = list(inputs, "receivers.toml", false, sources, problems);
    let recipients = list(inputs, "recipients.toml", false, sources, problems);
    let duty = list(inputs, "duty.toml", false, sources, problems);
    let uplinks = list(inputs, "uplinks.toml", false, sources, problems);
    let maintenance = list(inputs, "maintenance.toml", false, sources, problems);
    let cards = cards::read(inputs, sources, problems);
    let used = site.as_ref().map_or(&[][..], |site| site.rule_sets.as_slice());
    let analyzers = analyzers.unwrap_or_default();
    let measured = measured(site.as_ref(), &analyzers);
    let mut rules = rules::read(inputs, !used.is_empty(), sources, problems);
    let measured = (!devices_broken).then_some(&measured);
    rule_sets::read(inputs, used, measured, &mut rules, sources, problems);
    let mut names = names(areas.as_ref(), devices.as_ref());
    names.rules = rules.names;
    Written {
        names,
        areas: areas
            .map(|root| written::areas::read(&root, "areas.toml", problems))
            .unwrap_or_default(),
        analyzers,
        receivers: receivers
            .map(|root| written::receivers::read(&root, "receivers.toml", problems))
            .unwrap_or_default(),
        recipients: recipients
            .and_then(|root| written::recipients::read(&root, "recipients.toml", problems)),
        rules: rules.rules,
        cards,
        duty: duty.and_then(|root| written::duty::read(&root, "duty.toml", problems)),
        uplinks: uplinks
            .map(|root| written::uplinks::read(&root, "uplinks.toml", problems))
            .unwrap_or_default(),
        intervals: maintenance
            .map(|root| written::maintenance::read(&root, "maintenance.toml", problems))
            .unwrap_or_default(),
        rules_broken: rules.broken,
        devices_broken,
        reporting,
        site,
    }
}

fn find<'a>(inputs: &'a Inputs, path: &str) -> Option<&'a SourceFile> {
    inputs.site.iter().find(|file| file.path == path)
}

/// The tree of a list file; its absence is a problem where it is `needed`.
fn list(
    inputs: &Inputs,
    path: &str,
    needed: bool,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<Node> {
    let Some(file) = find(inputs, path) else {
        if needed {
            missing(path, sources, problems);
        }
        return None;
    };
    node::parse(path, &file.text, sources, problems)
}

/// The ids that can be referred to. A file that could not be read may hold any.
fn names(areas: Option<&Node>, devices: Option<&Node>) -> AllNames {
    let mut names = AllNames::default();
    match areas {
        Some(root) => names.areas.declare(tables(root, "area")),
        None => names.areas.may_hold_more(),
    }
    match devices {
        Some(root) => {
            let analyzers = tables(root, "analyzer").iter();
            names.channels.declare(analyzers.flat_map(|analyzer| tables(analyzer, "channel")));
        }
        None => names.channels.may_hold_more(),
    }
    names
}

/// A misspelt file name would be a file that nobody reads.
fn unknown_files(inputs: &Inputs, sources: &mut Sources, problems: &mut Problems) {
    for file in &inputs.site {
        let path = file.path.as_str();
        if FILES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let hint = match suggest::nearest(path, FILES) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!(
                "a site has {}, rules/*.toml, cards/*.toml and tests/*.toml",
                FILES.join(", ")
            ),
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

/// The gases that channels measure.
fn measured(site: Option<&WrittenSite>, analyzers: &[WrittenAnalyzer]) -> BTreeSet<GasId> {
    let own = analyzers.iter().flat_map(|analyzer| &analyzer.channels);
    let own = own.map(|channel| &channel.channel);
    let template = site.and_then(|site| site.template.as_ref()).map(|t| &t.channel);
    own.chain(template).filter_map(|channel| channel.quantity.value.gas().cloned()).collect()
}

pub(super) fn missing(path: &str, sources: &mut Sources, problems: &mut Problems) {
    let place = absent(path, sources);
    let hint = "compare firmware-configs/sites/demo-park, a complete site";
    let draft = Draft::new(format!("the site has no `{path}`"), hint);
    problems.add(draft.at(place, "not there"));
}

/// The tables of a list in `root`, without judging them.
pub(super) fn tables<'a>(root: &'a Node, name: &str) -> &'a [Node] {
    match root.get(name).map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}
