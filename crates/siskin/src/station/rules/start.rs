//! Which rules run when the station starts: those of the site's files, or the set that was promoted
//! while the files stayed as they are.
//!
//! Must never start with rules that nobody recorded: what runs is a version of the ledger.

use std::sync::Arc;

use siskin_config::Settings;
use siskin_engine::RuleSet;
use siskin_model::Timestamp;
use siskin_store::ledger::{NewRuleVersion, RuleFile, RuleSource, RuleVersion};
use siskin_store::{Ledger, StoreError};

use super::now::{Refused, RulesNow};
use super::sets::{self, SiteTexts};

/// Settles which rules run, records it where it is new, and puts them into the settings.
pub(crate) fn at_start(
    settings: &Arc<Settings>,
    texts: &SiteTexts,
    ledger: &Ledger,
    now: Timestamp,
) -> Result<(Arc<Settings>, RulesNow), StoreError> {
    let site_set = sets::set_of(&texts.inputs);
    let newest = ledger.rule_versions(1)?.pop();
    let mut refused = None;
    if let Some(version) = &newest
        && version.made.site_files == site_set
    {
        if version.made.files == site_set {
            let state = RulesNow::new(version.clone(), settings.rules.clone(), None);
            return Ok((Arc::clone(settings), state));
        }
        match sets::load(&texts.inputs, &version.made.files) {
            Ok(loaded) => {
                tracing::info!(
                    version = version.number,
                    source = version.made.source.as_str(),
                    "the rules that run are not those of the site's files"
                );
                let with = Settings { rules: loaded.rules.clone(), ..settings.as_ref().clone() };
                let state = RulesNow::new(version.clone(), loaded.rules, None);
                return Ok((Arc::new(with), state));
            }
            Err(report) => {
                let report = report.render();
                tracing::error!(
                    version = version.number,
                    "the promoted rules do not fit the site any more, those of its files run:\n\
                     {report}"
                );
                refused = Some(Refused { at: now, source: version.made.source, report });
            }
        }
    }
    let before = newest.as_ref().and_then(|v| sets::load(&texts.inputs, &v.made.files).ok());
    let before = before.map(|loaded| loaded.rules).unwrap_or_default();
    let version = record(ledger, now, site_set, (&before, &settings.rules))?;
    tracing::info!(version = version.number, "the rules of the site's files run");
    let state = RulesNow::new(version, settings.rules.clone(), refused);
    Ok((Arc::clone(settings), state))
}

fn record(
    ledger: &Ledger,
    now: Timestamp,
    set: Vec<RuleFile>,
    (before, after): (&RuleSet, &RuleSet),
) -> Result<RuleVersion, StoreError> {
    let made = NewRuleVersion {
        made_at: now,
        source: RuleSource::Start,
        by: String::new(),
        note: String::new(),
        proposed_by: None,
        files: set.clone(),
        site_files: set,
        diff: sets::diff(before, after),
    };
    let (_, event) = ledger.put_rule_version(&made)?;
    Ok(RuleVersion { number: event.version, made })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> SiteTexts {
        let inputs = crate::files::demo_park();
        SiteTexts { inputs, folder: None, firmware_configs: None }
    }

    fn start(texts: &SiteTexts, ledger: &Ledger) -> (Arc<Settings>, RulesNow) {
        let settings = Arc::new(siskin_config::load(&texts.inputs).unwrap());
        at_start(&settings, texts, ledger, Timestamp::from_millis(7)).unwrap()
    }

    /// The demo's rules with another name for a person to see.
    fn edited(texts: &SiteTexts) -> Vec<RuleFile> {
        let mut set = sets::set_of(&texts.inputs);
        for file in &mut set {
            file.text = file.text.replace("on_delay_s = ", "on_delay_s = 1");
        }
        set
    }

    fn promoted(texts: &SiteTexts, ledger: &Ledger) -> Vec<RuleFile> {
        let files = edited(texts);
        let version = ledger.rule_versions(1).unwrap().remove(0);
        let made =
            NewRuleVersion { source: RuleSource::Promotion, files: files.clone(), ..version.made };
        ledger.put_rule_version(&made).unwrap();
        files
    }

    #[test]
    fn the_first_start_and_changed_files_are_versions() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let mut texts = texts();
        let (settings, now) = start(&texts, &ledger);
        let version = now.version();
        assert_eq!((version.number, version.made.source), (1, RuleSource::Start));
        assert_eq!(version.made.diff.len(), settings.rules.rules.len(), "all were added");
        assert_eq!(start(&texts, &ledger).1.version(), version, "nothing is new");
        for (file, edited) in texts
            .inputs
            .site
            .iter_mut()
            .filter(|file| file.path.starts_with("rules/"))
            .zip(edited(&self::texts()))
        {
            file.text = edited.text;
        }
        let version = start(&texts, &ledger).1.version();
        assert_eq!(version.number, 2);
        assert!(!version.made.diff.is_empty());
    }

    #[test]
    fn a_promoted_set_runs_until_the_files_change() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let mut texts = texts();
        let (plain, _) = start(&texts, &ledger);
        let files = promoted(&texts, &ledger);
        let (settings, now) = start(&texts, &ledger);
        assert_eq!((now.version().number, now.version().made.files), (2, files));
        assert_ne!(settings.rules, plain.rules);
        assert_eq!(*now.rules(), settings.rules);
        let rules = texts.inputs.site.iter_mut().find(|file| file.path.starts_with("rules/"));
        rules.unwrap().text.push_str("# looked at\n");
        let (settings, now) = start(&texts, &ledger);
        assert_eq!((now.version().number, now.version().made.source), (3, RuleSource::Start));
        assert_eq!(settings.rules, plain.rules);
    }

    #[test]
    fn a_promoted_set_that_does_not_fit_any_more_is_told_and_the_files_run() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let texts = texts();
        let (plain, _) = start(&texts, &ledger);
        let version = ledger.rule_versions(1).unwrap().remove(0);
        let broken = RuleFile { path: "rules/a.toml".to_owned(), text: "no".to_owned() };
        let made = NewRuleVersion { files: vec![broken], ..version.made };
        ledger.put_rule_version(&made).unwrap();
        let (settings, now) = start(&texts, &ledger);
        assert_eq!((now.version().number, &settings.rules), (3, &plain.rules));
        assert!(now.state().refused.as_ref().is_some_and(|r| r.report.contains("rules/a.toml")));
    }
}
