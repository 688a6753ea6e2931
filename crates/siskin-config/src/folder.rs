//! The files of a site's folder: which there are, and what each holds as written.
//!
//! Every file is read even where another one is broken, so that all problems come out at once. A
//! file that nothing reads is refused: its name may be misspelt.

use crate::checks::{AllNames, Written};
use crate::node::{self, Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{Place, Sources};
use crate::{Inputs, SourceFile, layers, suggest, written};

/// The files of a site folder beside `rules/*.toml`.
const FILES: [&str; 4] = ["site.toml", "areas.toml", "analyzers.toml", "receivers.toml"];
/// The folder of the rules.
const RULES: &str = "rules/";

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
    let needs_devices = site.as_ref().is_some_and(|site| !site.has_template);
    let areas = list(inputs, "areas.toml", true, sources, problems);
    let before = problems.count();
    let devices = list(inputs, "analyzers.toml", needs_devices, sources, problems);
    let analyzers =
        devices.as_ref().map(|root| written::analyzers::read(root, "analyzers.toml", problems));
    let devices_broken = problems.count() > before;
    let receivers = list(inputs, "receivers.toml", false, sources, problems);
    let (rules, rules_broken) = read_rules(inputs, sources, problems);
    Written {
        site,
        names: names(areas.as_ref(), devices.as_ref()),
        areas: areas
            .map(|root| written::areas::read(&root, "areas.toml", problems))
            .unwrap_or_default(),
        analyzers: analyzers.unwrap_or_default(),
        receivers: receivers
            .map(|root| written::receivers::read(&root, "receivers.toml", problems))
            .unwrap_or_default(),
        rules,
        rules_broken,
        devices_broken,
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
