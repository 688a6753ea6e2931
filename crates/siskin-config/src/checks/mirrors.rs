//! Mirrors: each name once, and what to know about tokens.

use crate::problems::{Draft, Problems};
use crate::settings::Mirror;
use crate::written::mirrors::{WrittenMirror, variable};
use crate::written::site::WrittenSite;

use super::names;

/// The mirrors of a site.
pub(super) fn check(site: Option<&WrittenSite>, problems: &mut Problems) -> Vec<Mirror> {
    let written = site.map(|site| site.mirrors.as_slice()).unwrap_or_default();
    let all = written.iter().map(|one| (one.name.value.0.as_str(), one.name.place));
    names::unique("mirror", all, problems);
    for one in written {
        notes(one, problems);
    }
    written.iter().map(mirror).collect()
}

fn mirror(written: &WrittenMirror) -> Mirror {
    Mirror {
        name: written.name.value.0.clone(),
        url: written.url.value.trim_end_matches('/').to_owned(),
        org: written.org.clone(),
        bucket: written.bucket.clone(),
        token: written.token.clone(),
        ca_file: written.ca_file.clone(),
        gzip: written.gzip,
        start: written.start,
        holds_days: written.holds_days,
    }
}

fn notes(written: &WrittenMirror, problems: &mut Problems) {
    let name = &written.name.value.0;
    let variable = variable(name);
    if written.token.is_none() {
        let message = format!("the mirror `{name}` has no token here");
        let hint = format!("set {variable}, unless its server asks for none");
        problems.note(Draft::new(message, hint).at(written.name.place, ""));
    }
    if let Some(place) = written.token_in_file {
        let message = format!("the token of the mirror `{name}` stands in a file");
        let hint = format!("set {variable} instead and take it out of the file");
        problems.note(Draft::new(message, hint).at(place, ""));
    }
}
