//! Which files a station was configured with, by their sums: what was added, changed and removed
//! since the start before.
//!
//! Must never put a content into the audit: files may name what is secret. Of environment variables
//! only the names are written, since a sum of a short secret gives it away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siskin_config::SourceFile;
use siskin_store::StoreError;
use siskin_store::ledger::{AuditFilter, sum};

use super::super::rules::SiteTexts;
use super::AuditDesk;

const ACT: &str = "configuration.loaded";

/// What stands in the entry.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Configuration {
    /// Sums of all files.
    files: BTreeMap<String, String>,
    /// Names of the variables that set something.
    environment: Vec<String>,
    #[serde(default)]
    added: Vec<String>,
    #[serde(default)]
    changed: Vec<String>,
    #[serde(default)]
    removed: Vec<String>,
}

/// Writes an entry where the configuration is not that of the newest one.
pub(super) fn record(desk: &AuditDesk, texts: &SiteTexts) -> Result<(), StoreError> {
    let filter = AuditFilter { act: Some(ACT.to_owned()), ..AuditFilter::default() };
    let newest = desk.ledger.audit_entries(&filter, 1)?.pop();
    let before = newest.and_then(|entry| serde_json::from_str::<Configuration>(&entry.body).ok());
    let Some(now) = since(before.as_ref(), texts) else { return Ok(()) };
    let body = serde_json::to_value(&now).map_err(|source| StoreError::Json { source })?;
    desk.put(ACT, "", body)
}

/// The configuration with what is different; none where nothing is.
fn since(before: Option<&Configuration>, texts: &SiteTexts) -> Option<Configuration> {
    let nothing = BTreeMap::new();
    let old = before.map_or(&nothing, |before| &before.files);
    let mut now = of(texts);
    if before
        .is_some_and(|before| before.files == now.files && before.environment == now.environment)
    {
        return None;
    }
    for (path, sum) in &now.files {
        match old.get(path) {
            None => now.added.push(path.clone()),
            Some(was) if was != sum => now.changed.push(path.clone()),
            Some(_) => {}
        }
    }
    now.removed = old.keys().filter(|path| !now.files.contains_key(*path)).cloned().collect();
    Some(now)
}

fn of(texts: &SiteTexts) -> Configuration {
    let inputs = &texts.inputs;
    let mut files = BTreeMap::new();
    let mut take = |folder: &str, found: &[SourceFile]| {
        for file in found {
            files.insert(format!("{folder}{}", file.path), sum(file.text.as_bytes()));
        }
    };
    take("", &inputs.site);
    // What is inside the program goes with its version.
    if texts.firmware_configs.is_some() {
        take("firmware-configs/gases/", &inputs.gases);
        take("firmware-configs/devices/", &inputs.devices);
        take("firmware-configs/rule-sets/", &inputs.rule_sets);
    }
    let mut environment: Vec<_> = inputs.environment.iter().map(|(name, _)| name.clone()).collect();
    environment.sort();
    Configuration { files, environment, ..Configuration::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(files: &[(&str, &str)]) -> SiteTexts {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        let mut inputs = crate::files::demo_park();
        inputs.site = files.iter().map(file).collect();
        SiteTexts { inputs, folder: None, firmware_configs: None }
    }

    #[test]
    fn what_was_added_changed_and_removed_is_named() {
        let first = since(None, &texts(&[("site.toml", "a"), ("areas.toml", "b")])).unwrap();
        assert_eq!(first.added, ["areas.toml", "site.toml"]);
        assert_eq!(since(Some(&first), &texts(&[("areas.toml", "b"), ("site.toml", "a")])), None);
        let second = texts(&[("site.toml", "A"), ("rules/x.toml", "b")]);
        let second = since(Some(&first), &second).unwrap();
        let lists = (second.added, second.changed, second.removed);
        let list = |path: &str| vec![path.to_owned()];
        assert_eq!(lists, (list("rules/x.toml"), list("site.toml"), list("areas.toml")));
    }

    #[test]
    fn a_variable_is_a_change_and_its_value_is_not_written() {
        let mut texts = texts(&[("site.toml", "a")]);
        let before = since(None, &texts).unwrap();
        texts.inputs.environment.push(("SISKIN__TOKEN".to_owned(), "geheim".to_owned()));
        let now = serde_json::to_string(&since(Some(&before), &texts).unwrap()).unwrap();
        assert!(now.contains("SISKIN__TOKEN") && !now.contains("geheim"), "{now}");
        assert!(!now.contains(&sum(b"geheim")), "{now}");
    }
}
