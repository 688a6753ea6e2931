//! How long history is kept, against what needs it: coarser steps, the rules, the law.

use siskin_engine::Rule;
use siskin_model::retention::RetentionError;
use siskin_model::{Keep, Retention};

use super::PlacedRule;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::history::WrittenHistory;

const DAY_MS: i64 = 86_400_000;
/// The shortest time the law asks for, see `defaults.toml`: 30 days for a major hazard.
const RAW_DAYS_LAW: u32 = 30;
/// A restart judges again from the longest reach and four times the longest delay before what was
/// judged last (`siskin-engine`, `again.rs`).
const DELAYS: i64 = 4;
/// The day that is cut by the begin, and one for a station that stood still over a night.
const MARGIN_DAYS: i64 = 2;

/// The retention; none where there is a problem.
pub(super) fn check(
    written: &WrittenHistory,
    rules: &[PlacedRule],
    problems: &mut Problems,
) -> Option<Retention> {
    let WrittenHistory { raw, minute, hour } = written;
    let retention = match Retention::new(raw.value, minute.value, hour.value) {
        Ok(retention) => retention,
        Err(error) => {
            let (longer, shorter) = match error {
                RetentionError::MinuteBeforeRaw => (raw, minute),
                RetentionError::HourBeforeMinute => (minute, hour),
            };
            let text = error.to_string();
            let (message, hint) = text.split_once("; hint: ").unwrap_or((&text, ""));
            let draft = Draft::new(message, hint).at(shorter.place, "shorter than");
            problems.add(draft.at(longer.place, "this"));
            return None;
        }
    };
    if !reaches(*raw, rules, problems) {
        return None;
    }
    law(*raw, problems);
    Some(retention)
}

/// Whether the readings that are kept are as many as the rules look back on: rules that begin with
/// less would be other rules after a restart.
fn reaches(raw: At<Keep>, rules: &[PlacedRule], problems: &mut Problems) -> bool {
    let Keep::Days(kept) = raw.value else { return true };
    let reach =
        |rule: &Rule| rule.kind.reach_ms() + DELAYS * rule.on_delay_ms.max(rule.off_delay_ms);
    let longest = rules.iter().max_by_key(|placed| reach(&placed.rule));
    let Some(rule) = longest.map(|placed| &placed.rule) else { return true };
    let needed = reach(rule).div_euclid(DAY_MS) + 1 + MARGIN_DAYS;
    if i64::from(kept.get()) >= needed {
        return true;
    }
    let message = format!(
        "readings are kept for {kept} days, and rule `{}` needs those of {needed} after a restart",
        rule.id
    );
    let hint = format!("write {needed} or more, or a shorter time in the rule");
    problems.add(Draft::new(message, hint).at(raw.place, "too short"));
    false
}

fn law(raw: At<Keep>, problems: &mut Problems) {
    let Keep::Days(kept) = raw.value else { return };
    if kept.get() < RAW_DAYS_LAW {
        let message = format!(
            "readings are kept for {kept} days; for a major hazard the law asks for {RAW_DAYS_LAW}"
        );
        let hint = "order 40 of 2011, article 13; permits to discharge ask for five years";
        problems.note(Draft::new(message, hint).at(raw.place, ""));
    }
}
