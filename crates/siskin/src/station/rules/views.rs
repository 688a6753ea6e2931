//! Rules, versions and shadow sets in the API's words.

use siskin_api::contract::{
    MovedEdgeView, RuleDiffView, RuleFileView, RuleVersionDiffView, RuleVersionView,
    RulesHealthView, RulesRefusedView, RulesView, RunningRuleView, ShadowDifferencesView,
    ShadowView, TextView,
};
use siskin_model::{AlarmEvent, Edge};
use siskin_store::ledger::{RuleDiff, RuleFile, RuleVersion};
use siskin_store::{Ledger, StoreError};

use super::super::views;
use super::compare::compare;
use super::now::{Refused, RulesNow};
use super::sets;
use super::shadow::ShadowRun;

/// Begins and ends of each set that are compared; the newest ones.
const COMPARED_MAX: usize = 5_000;
/// Differences of each kind that one answer lists; the newest ones.
const LISTED_MAX: usize = 500;

pub(crate) fn version(version: &RuleVersion, offset_s: i32) -> RuleVersionView {
    let made = &version.made;
    RuleVersionView {
        number: version.number,
        at: made.made_at.rfc3339(offset_s),
        source: made.source.as_str().to_owned(),
        by: made.by.clone(),
        note: made.note.clone(),
        proposed_by: made.proposed_by.clone(),
        differs_from_site: made.files != made.site_files,
    }
}

pub(crate) fn rules(now: &RulesNow, offset_s: i32) -> RulesView {
    let set = now.rules();
    let rule = |rule: &siskin_engine::Rule| RunningRuleView {
        id: rule.id.to_string(),
        name: views::text(&rule.name),
        kind: rule.kind.as_str().to_owned(),
        tier: rule.tier.map(views::tier),
        source: rule.source.clone(),
        channels: sets::channels_of(&set, rule),
        text: siskin_config::rule_text(rule),
    };
    RulesView {
        version: version(&now.shared_version(), offset_s),
        rules: set.rules.iter().map(rule).collect(),
    }
}

pub(crate) fn diff(diff: &RuleDiff) -> RuleDiffView {
    let change = match (&diff.old, &diff.new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    RuleDiffView {
        rule: diff.rule.clone(),
        change: change.to_owned(),
        old: diff.old.clone(),
        new: diff.new.clone(),
    }
}

fn file(file: &RuleFile) -> RuleFileView {
    RuleFileView { path: file.path.clone(), text: file.text.clone() }
}

pub(crate) fn version_diff(one: &RuleVersion, offset_s: i32) -> RuleVersionDiffView {
    RuleVersionDiffView {
        version: version(one, offset_s),
        diff: one.made.diff.iter().map(diff).collect(),
        files: one.made.files.iter().map(file).collect(),
    }
}

pub(crate) fn health(now: &RulesNow, offset_s: i32) -> RulesHealthView {
    let running = now.shared_version();
    let state = now.state();
    RulesHealthView {
        version: running.number,
        source: running.made.source.as_str().to_owned(),
        differs_from_site: running.made.files != running.made.site_files,
        refused: state.refused.as_ref().map(|one| refused(one, running.number, offset_s)),
        restart_needed: state.restart_needed.clone(),
        shadow: state.shadow.as_ref().map(|shadow| shadow.health()),
    }
}

fn refused(refused: &Refused, version: u64, offset_s: i32) -> RulesRefusedView {
    RulesRefusedView {
        at: refused.at.rfc3339(offset_s),
        source: refused.source.as_str().to_owned(),
        text: TextView {
            zh: format!("规则有误，未生效，第 {version} 版规则继续运行。请按下列问题改正。"),
            en: format!(
                "The rules have problems and were not taken; version {version} goes on. \
                 Correct what is listed."
            ),
        },
        report: refused.report.clone(),
    }
}

pub(crate) fn shadow(
    shadow: &ShadowRun,
    now: &RulesNow,
    ledger: &Ledger,
    offset_s: i32,
) -> Result<ShadowView, StoreError> {
    let set = &shadow.set;
    Ok(ShadowView {
        number: shadow.number,
        begun_at: set.begun_at.rfc3339(offset_s),
        by: set.by.clone(),
        note: set.note.clone(),
        health: shadow.health(),
        diff: sets::diff(&now.rules(), &shadow.rules).iter().map(diff).collect(),
        alarms: shadow.alarms().iter().map(|one| views::alarm(one, offset_s)).collect(),
        differences: differences(shadow, ledger, offset_s)?,
        files: set.files.iter().map(file).collect(),
    })
}

fn differences(
    shadow: &ShadowRun,
    ledger: &Ledger,
    offset_s: i32,
) -> Result<ShadowDifferencesView, StoreError> {
    let since = shadow.set.begun_at;
    let mut own = ledger.shadow_events(shadow.number, COMPARED_MAX)?;
    own.retain(|event| event.at >= since);
    let mut live = ledger.alarms_since(since, COMPARED_MAX)?;
    let is_full = own.len() == COMPARED_MAX || live.len() == COMPARED_MAX;
    if is_full {
        // Compare over the time that both lists reach back to.
        let oldest = |events: &[AlarmEvent]| events.last().map(|event| event.at);
        let from = oldest(&own).max(oldest(&live)).unwrap_or(since);
        own.retain(|event| event.at >= from);
        live.retain(|event| event.at >= from);
    }
    let found = compare(&live, &own);
    let listed = |events: &[AlarmEvent]| {
        let newest = events.iter().rev().take(LISTED_MAX);
        newest.map(|event| views::alarm_event(0, event, offset_s)).collect()
    };
    let longest = found.only_live.len().max(found.only_shadow.len()).max(found.moved.len());
    let moved = |(live, shadow): &(AlarmEvent, AlarmEvent)| moved(live, shadow, offset_s);
    Ok(ShadowDifferencesView {
        only_live: listed(&found.only_live),
        only_shadow: listed(&found.only_shadow),
        moved: found.moved.iter().rev().take(LISTED_MAX).map(moved).collect(),
        equal: found.equal,
        is_cut: is_full || longest > LISTED_MAX,
    })
}

fn moved(live: &AlarmEvent, shadow: &AlarmEvent, offset_s: i32) -> MovedEdgeView {
    let edge = match live.edge {
        Edge::Raise => "raise",
        Edge::Clear => "clear",
    };
    MovedEdgeView {
        rule: live.alarm.rule.to_string(),
        channel: live.alarm.channel.to_string(),
        edge: edge.to_owned(),
        live_at: live.at.rfc3339(offset_s),
        shadow_at: shadow.at.rfc3339(offset_s),
        later_ms: shadow.at.since_ms(live.at),
    }
}
