//! Rule sets as texts: what the site's folder holds, how a set is loaded, what two sets differ in.
//!
//! A set is its files and nothing else: `rules/*.toml` and the bundled `rule-sets/*.toml` that the
//! site names. So a set from the ledger can be loaded again on any machine. Must never change
//! anything but rules: the rest of the site is what the station was started with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use siskin_config::{Inputs, Report, Settings, SourceFile};
use siskin_engine::{Rule, RuleSet};
use siskin_store::ledger::{RuleDiff, RuleFile};

/// The folder of a site's own rules.
const RULES: &str = "rules/";
/// The folder of bundled rule sets.
const RULE_SETS: &str = "rule-sets/";
/// The key of `site.toml` that names them.
const RULE_SETS_KEY: &str = "rule_sets";
const SITE_FILE: &str = "site.toml";

/// The texts that a station was started with, and where they came from.
#[derive(Debug, Clone)]
pub(crate) struct SiteTexts {
    /// Everything that was read.
    pub(crate) inputs: Inputs,
    /// The site's folder; none for the demo, whose site is inside the program.
    pub(crate) folder: Option<PathBuf>,
    /// What replaced the catalogue inside the program.
    pub(crate) firmware_configs: Option<PathBuf>,
}

impl SiteTexts {
    /// The texts as they are now.
    pub(crate) fn read_again(&self) -> anyhow::Result<Inputs> {
        match &self.folder {
            Some(folder) => crate::files::site(folder, self.firmware_configs.as_deref()),
            None => Ok(self.inputs.clone()),
        }
    }
}

/// The rule set of a site, in order of its paths.
pub(crate) fn set_of(inputs: &Inputs) -> Vec<RuleFile> {
    let file = |file: &SourceFile| RuleFile { path: file.path.clone(), text: file.text.clone() };
    let mut set: Vec<_> =
        inputs.site.iter().filter(|file| file.path.starts_with(RULES)).map(file).collect();
    set.sort_by(|a, b| a.path.cmp(&b.path));
    for name in named_sets(inputs) {
        let found = inputs.rule_sets.iter().find(|file| stem(&file.path) == name);
        set.extend(found.map(|file| RuleFile {
            path: format!("{RULE_SETS}{name}.toml"),
            text: file.text.clone(),
        }));
    }
    set
}

/// The texts of a site with the rules of `set` in place of its own.
fn inputs_with(base: &Inputs, set: &[RuleFile]) -> Inputs {
    let source =
        |path: &str, file: &RuleFile| SourceFile { path: path.to_owned(), text: file.text.clone() };
    let mut inputs = base.clone();
    inputs.site.retain(|file| !file.path.starts_with(RULES));
    let mut names = Vec::new();
    for file in set {
        if let Some(name) = file.path.strip_prefix(RULE_SETS) {
            inputs.rule_sets.retain(|known| stem(&known.path) != stem(name));
            inputs.rule_sets.push(source(name, file));
            names.push(stem(name).to_owned());
        } else {
            inputs.site.push(source(&file.path, file));
        }
    }
    if names != named_sets(base) {
        for file in inputs.site.iter_mut().filter(|file| file.path == SITE_FILE) {
            file.text = naming(&file.text, &names);
        }
    }
    inputs
}

/// Loads a set into the site of `base`.
pub(crate) fn load(base: &Inputs, set: &[RuleFile]) -> Result<Settings, Report> {
    siskin_config::load(&inputs_with(base, set))
}

/// The bundled sets that `site.toml` names; none where it cannot be read, which loading tells.
fn named_sets(inputs: &Inputs) -> Vec<String> {
    let site = inputs.site.iter().find(|file| file.path == SITE_FILE);
    let table = site.and_then(|file| file.text.parse::<toml::Table>().ok());
    let names = table.as_ref().and_then(|table| table.get(RULE_SETS_KEY)?.as_array());
    let name = |value: &toml::Value| value.as_str().map(str::to_owned);
    names.map(|names| names.iter().filter_map(name).collect()).unwrap_or_default()
}

/// The text of `site.toml` with other bundled sets named.
fn naming(text: &str, names: &[String]) -> String {
    let Ok(mut table) = text.parse::<toml::Table>() else {
        return text.to_owned();
    };
    let names = names.iter().cloned().map(toml::Value::String).collect();
    table.insert(RULE_SETS_KEY.to_owned(), toml::Value::Array(names));
    table.to_string()
}

fn stem(path: &str) -> &str {
    path.strip_suffix(".toml").unwrap_or(path)
}

/// The files beside the rules whose text is different: they take effect at the next start.
pub(crate) fn restart_needed(started: &Inputs, now: &Inputs) -> Vec<String> {
    let texts = |inputs: &Inputs| -> BTreeMap<String, String> {
        let others = inputs.site.iter().filter(|file| !file.path.starts_with(RULES));
        let text = |file: &SourceFile| match file.path.as_str() {
            // Which sets are used is a matter of rules.
            SITE_FILE => naming(&file.text, &[]),
            _ => file.text.clone(),
        };
        others
            .filter(|file| !file.path.starts_with("tests/"))
            .map(|file| (file.path.clone(), text(file)))
            .collect()
    };
    let (started, now) = (texts(started), texts(now));
    let differs = |path: &&String| started.get(*path) != now.get(*path);
    let mut paths: Vec<_> = started.keys().chain(now.keys()).filter(differs).cloned().collect();
    paths.sort();
    paths.dedup();
    paths
}

/// What is different from `old` to `new`, rule by rule, in order of the ids.
pub(crate) fn diff(old: &RuleSet, new: &RuleSet) -> Vec<RuleDiff> {
    let texts = |set: &RuleSet| -> BTreeMap<String, String> {
        set.rules.iter().map(|rule| (rule.id.to_string(), text_of(set, rule))).collect()
    };
    let (old, new) = (texts(old), texts(new));
    let mut ids: Vec<_> = old.keys().chain(new.keys()).collect();
    ids.sort();
    ids.dedup();
    let one = |id: &String| {
        let (old, new) = (old.get(id).cloned(), new.get(id).cloned());
        (old != new).then(|| RuleDiff { rule: id.clone(), old, new })
    };
    ids.into_iter().filter_map(one).collect()
}

/// A rule in words of a rule file. How many channels it judges is part of what it does, and is not
/// in its own text.
fn text_of(set: &RuleSet, rule: &Rule) -> String {
    format!("{}# channels: {}\n", siskin_config::rule_text(rule), channels_of(set, rule))
}

/// How many channels a rule judges.
pub(crate) fn channels_of(set: &RuleSet, rule: &Rule) -> u32 {
    let place = set.rules.iter().position(|other| other.id == rule.id);
    let count = set.bindings.iter().filter(|binding| Some(binding.rule) == place).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The set that people proposed as names and texts, with the bundled sets of `live`.
pub(crate) fn proposed(
    files: &BTreeMap<String, String>,
    live: &[RuleFile],
) -> anyhow::Result<Vec<RuleFile>> {
    anyhow::ensure!(!files.is_empty(), "no rule file was given; hint: give every file of the set");
    let mut set = Vec::new();
    for (name, text) in files {
        let bare = name.strip_prefix(RULES).unwrap_or(name);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = bare.strip_suffix(".toml").is_some() && bare.chars().all(is_plain);
        anyhow::ensure!(
            is_name && !bare.starts_with('.'),
            "`{name}` is no name of a rule file; hint: letters, digits, `-`, `_` and `.toml`, for \
             example `chlorine.toml`"
        );
        set.push(RuleFile { path: format!("{RULES}{bare}"), text: text.clone() });
    }
    // By path, not by the name that was given: `a.toml` and `rules/a.toml` are one file.
    set.sort_by(|a, b| a.path.cmp(&b.path));
    let twice = set.windows(2).find_map(|pair| match pair {
        [a, b] if a.path == b.path => Some(a.path.clone()),
        _ => None,
    });
    if let Some(path) = twice {
        anyhow::bail!("`{path}` was given twice; hint: give every file once");
    }
    set.extend(live.iter().filter(|file| file.path.starts_with(RULE_SETS)).cloned());
    Ok(set)
}

/// Writes the set that runs to `folder`, for people to look at; the ledger is what counts.
pub(crate) fn write_copy(folder: &std::path::Path, set: &[RuleFile]) -> anyhow::Result<()> {
    let (fresh, old) = (folder.with_extension("new"), folder.with_extension("old"));
    let about = || format!("cannot write `{}`", folder.display());
    for left in [&fresh, &old] {
        if left.exists() {
            std::fs::remove_dir_all(left).with_context(about)?;
        }
    }
    std::fs::create_dir_all(&fresh).with_context(about)?;
    for file in set {
        let path = fresh.join(file.path.strip_prefix(RULES).unwrap_or(&file.path));
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(about)?;
        }
        std::fs::write(&path, &file.text).with_context(about)?;
    }
    if folder.exists() {
        std::fs::rename(folder, &old).with_context(about)?;
    }
    std::fs::rename(&fresh, folder).with_context(about)?;
    if old.exists() {
        std::fs::remove_dir_all(&old).with_context(about)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Inputs {
        crate::files::demo_park()
    }

    #[test]
    fn a_set_from_the_ledger_loads_into_the_very_same_rules() {
        let inputs = texts();
        let set = set_of(&inputs);
        assert!(set.iter().all(|file| file.path.starts_with(RULES)), "{set:?}");
        let plain = siskin_config::load(&inputs).unwrap();
        assert_eq!(load(&inputs, &set).unwrap().rules, plain.rules);
        assert_eq!(diff(&plain.rules, &plain.rules), []);
    }

    #[test]
    fn a_diff_names_what_was_added_removed_and_changed() {
        let old = siskin_config::load(&texts()).unwrap().rules;
        let mut new = old.clone();
        new.rules[0].on_delay_ms += 1000;
        new.rules[1].id = siskin_model::RuleId::new("zz-new").unwrap();
        let found = diff(&old, &new);
        let change = |one: &RuleDiff| (one.rule.clone(), one.old.is_some(), one.new.is_some());
        let mut expected = vec![
            (old.rules[0].id.to_string(), true, true),
            (old.rules[1].id.to_string(), true, false),
            ("zz-new".to_owned(), false, true),
        ];
        expected.sort();
        assert_eq!(found.iter().map(change).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_what_is_not_a_rule_needs_a_restart() {
        let started = texts();
        let mut now = started.clone();
        now.site.iter_mut().filter(|f| f.path.starts_with(RULES)).for_each(|f| f.text.push(' '));
        for file in now.site.iter_mut().filter(|f| f.path == SITE_FILE) {
            file.text = naming(&file.text, &["chlorine".to_owned()]);
        }
        assert_eq!(restart_needed(&started, &now), [""; 0]);
        now.site.iter_mut().filter(|f| f.path == "areas.toml").for_each(|f| f.text.push(' '));
        now.site.retain(|file| file.path != "receivers.toml");
        assert_eq!(restart_needed(&started, &now), ["areas.toml", "receivers.toml"]);
    }

    #[test]
    fn names_of_proposed_files_cannot_leave_the_folder() {
        for name in ["../a.toml", "/a.toml", "a", ".toml", "a/b.toml", "rules/../a.toml", ""] {
            let files = BTreeMap::from([(name.to_owned(), String::new())]);
            let error = proposed(&files, &[]).unwrap_err().to_string();
            assert!(error.contains("hint: "), "{name}: {error}");
        }
        let twice = [("a.toml", "1"), ("b.toml", "3"), ("rules/a.toml", "2")];
        let twice = twice.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert!(proposed(&BTreeMap::from(twice), &[]).is_err());
        let bundled = RuleFile { path: "rule-sets/h2s.toml".to_owned(), text: String::new() };
        let files = BTreeMap::from([("a.toml".to_owned(), "x".to_owned())]);
        let set = proposed(&files, std::slice::from_ref(&bundled)).unwrap();
        assert_eq!(set[0].path, "rules/a.toml");
        assert_eq!(set[1], bundled);
    }

    #[test]
    fn the_copy_shows_the_set_that_runs_and_nothing_older() {
        let folder = tempfile::tempdir().unwrap();
        let active = folder.path().join("rules/active");
        let file = |path: &str| RuleFile { path: path.to_owned(), text: path.to_owned() };
        write_copy(&active, &[file("rules/old.toml")]).unwrap();
        write_copy(&active, &[file("rules/a.toml"), file("rule-sets/h2s.toml")]).unwrap();
        assert!(!active.join("old.toml").exists());
        assert_eq!(std::fs::read_to_string(active.join("a.toml")).unwrap(), "rules/a.toml");
        assert!(active.join("rule-sets/h2s.toml").exists());
    }
}
