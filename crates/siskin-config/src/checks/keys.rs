//! The keys of HJ 212 loggers that encrypt: each goes to its logger, and what is not known about
//! them is said. Must never show a key.

use siskin_model::site::{Analyzer, Connection, Hj212Sm4};

use super::Written;
use crate::problems::{Draft, Problems};
use crate::written::hj212::{WrittenKey, key_name, key_variable};

/// Gives the loggers of `analyzers` their keys.
pub(super) fn give(analyzers: &mut [Analyzer], written: &Written, problems: &mut Problems) {
    let keys = written.site.as_ref().map(|site| site.hj212_keys.as_slice()).unwrap_or_default();
    for key in keys {
        let mut is_used = false;
        let name = key_name(&key.analyzer);
        let loggers = analyzers.iter_mut().filter(|a| key_name(a.id.as_str()) == name);
        for sm4 in loggers.filter_map(sm4_of) {
            sm4.key.clone_from(&key.key);
            is_used = true;
        }
        // An analyzer that could not be read may be meant.
        if !is_used && !written.devices_broken {
            let message = format!("a key is given for `{}`, which has no `sm4`", key.analyzer);
            let hint = "add `sm4` to the `hj212` of this analyzer, or take the key out";
            problems.add(Draft::new(message, hint).at(key.table, "of nobody"));
        }
    }
    notes(analyzers, keys, written, problems);
}

fn sm4_of(analyzer: &mut Analyzer) -> Option<&mut Hj212Sm4> {
    match &mut analyzer.connection {
        Connection::Hj212(logger) => logger.sm4.as_mut(),
        _ => None,
    }
}

fn notes(
    analyzers: &mut [Analyzer],
    keys: &[WrittenKey],
    written: &Written,
    problems: &mut Problems,
) {
    for (analyzer, from) in analyzers.iter_mut().zip(&written.analyzers) {
        let (id, place) = (analyzer.id.to_string(), from.connection.place);
        let Some(sm4) = sm4_of(analyzer) else {
            continue;
        };
        let message = format!(
            "how `{id}` encrypts (`text`, `fill`) is unverified: it was not read in HJ 212-2025"
        );
        let hint = "try it with the logger: /api/v1/health says whether its content can be read";
        problems.note(Draft::new(message, hint).at(place, ""));
        if sm4.key.is_none() {
            let message = format!("the logger `{id}` has no key here, its content is not read");
            let draft = Draft::new(message, format!("set {}", key_variable(&id)));
            problems.note(draft.at(place, ""));
        }
    }
    for (key, place) in keys.iter().filter_map(|key| Some((key, key.in_file?))) {
        let name = key_variable(&key.analyzer);
        let message = format!("the key of the logger `{}` stands in a file", key.analyzer);
        let hint = format!("set {name} instead and take it out of the file");
        problems.note(Draft::new(message, hint).at(place, ""));
    }
}
