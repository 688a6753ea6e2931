//! A wish for a backtest becomes what shall be compared: sets, range, labels, channels.
//!
//! Everything is checked before it is queued, so that nobody waits for what cannot be made.

use std::collections::BTreeSet;

use siskin_api::contract::{BacktestRequest, BacktestView};
use siskin_api::{BackendError, IncidentFault, WorkbenchFault};
use siskin_config::Settings;
use siskin_model::incident::IncidentId;
use siskin_model::{ChannelId, ChannelIndex, Timestamp, Who};

use super::super::backend::unavailable;
use super::super::rules::sets;
use super::WorkbenchDesk;
use super::backtests::Asked;
use crate::backtest::args::moment;
use crate::backtest::stored::{Label, Wish};

/// The longest range.
const RANGE_DAYS_MAX: i64 = 31;
const DAY_MS: i64 = 86_400_000;
/// Around an incident this much more is judged.
const BEFORE_INCIDENT_MS: i64 = 3_600_000;
const AFTER_INCIDENT_MS: i64 = 1_800_000;
/// Labels of one incident.
const LABELS_MAX: usize = 200;

fn unfit(zh: impl Into<String>, en: impl Into<String>) -> BackendError {
    WorkbenchFault::Unfit { en: en.into(), zh: zh.into() }.into()
}

impl WorkbenchDesk {
    /// Checks what is asked for and queues it.
    pub(super) fn begin_backtest(
        &self,
        who: &Who,
        request: &BacktestRequest,
    ) -> Result<BacktestView, BackendError> {
        let now = (self.rules.clock)();
        let candidate = self.candidate(request)?;
        let labels = match &request.incident {
            Some(id) => self.labels(id, now)?,
            None => Vec::new(),
        };
        let (from, to) = range(request, &labels, now)?;
        let channels = self.channels(&request.channels)?;
        let settings = Settings::clone(&self.rules.settings);
        let rules = (*self.rules.now.rules()).clone();
        let asked = Asked {
            by: who.name.clone(),
            at: now,
            running_version: self.rules.now.shared_version().number,
            candidate_version: request.version,
            incident: request.incident.clone(),
            channels: request.channels.clone(),
            from,
            to,
        };
        let wish = Wish {
            running: Settings { rules, ..settings },
            candidate,
            data: self.data.clone(),
            from,
            to,
            labels,
            channels,
        };
        tracing::info!(by = %who.name, %from, %to, "a backtest was asked for");
        self.backtests.queue(asked, wish, self.offset_s())
    }

    /// The other set, loaded into this site.
    fn candidate(&self, request: &BacktestRequest) -> Result<Settings, BackendError> {
        let set = match (&request.files, request.version) {
            (Some(files), None) => self
                .given(files)
                .map_err(|error| BackendError::RulesRefused(format!("{error:#}")))?,
            (None, Some(version)) => self.version_files(version)?,
            _ => {
                return Err(unfit(
                    "请给出规则文件（files）或版本号（version），二者选一",
                    "give either `files` or `version`",
                ));
            }
        };
        let loaded = sets::load(&self.rules.texts.inputs, &set);
        loaded.map_err(|report| BackendError::RulesRefused(report.render()))
    }

    /// What an incident says was there: its warnings, drills left out.
    fn labels(&self, id: &str, now: Timestamp) -> Result<Vec<Label>, BackendError> {
        let ledger = &self.rules.ledger;
        let found = ledger.incident(&IncidentId::from_text(id)).map_err(|e| unavailable(&e))?;
        let incident = found.ok_or_else(|| IncidentFault::NotFound { id: id.to_owned() })?;
        let mut labels = Vec::new();
        for warning in incident.warnings.keys().take(LABELS_MAX) {
            let Some(warning) = ledger.warning(warning).map_err(|e| unavailable(&e))? else {
                continue;
            };
            if warning.exercise.is_none() {
                labels.push(Label {
                    id: warning.id.to_string(),
                    gas: warning.gas.clone(),
                    area: warning.area.clone(),
                    raised_at: warning.raised_at,
                    until: warning.returned_at.unwrap_or(now),
                });
            }
        }
        if labels.is_empty() {
            return Err(unfit("该事件没有预警，无从比较", "the incident has no warnings"));
        }
        Ok(labels)
    }

    fn channels(&self, asked: &[String]) -> Result<BTreeSet<ChannelIndex>, BackendError> {
        let site = &self.rules.settings.site;
        let index = |id: &String| {
            let known = ChannelId::new(id).ok().and_then(|id| site.index_of(&id));
            known.ok_or_else(|| BackendError::ChannelNotFound(id.clone()))
        };
        asked.iter().map(index).collect()
    }
}

/// The range that is asked for, or what lies around the labels; it ends now at the latest.
fn range(
    request: &BacktestRequest,
    labels: &[Label],
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), BackendError> {
    let read = |text: &Option<String>, key: &str| match text {
        None => Ok(None),
        Some(text) => moment(text).map(Some).map_err(|_| {
            unfit(
                format!("`{key}` 不是 RFC 3339 时间"),
                format!("`{key}` is no moment in RFC 3339"),
            )
        }),
    };
    let first = labels.iter().map(|label| label.raised_at).min();
    let last = labels.iter().map(|label| label.until).max();
    let from = read(&request.from, "from")?.or(first.map(|at| at.plus_ms(-BEFORE_INCIDENT_MS)));
    let to = read(&request.to, "to")?.or(last.map(|at| at.plus_ms(AFTER_INCIDENT_MS)));
    let (Some(from), Some(to)) = (from, to) else {
        return Err(unfit(
            "没有时间范围，请给出 from 和 to，或一个事件",
            "there is no range: give `from` and `to`, or an incident",
        ));
    };
    let to = to.min(now);
    if from >= to {
        return Err(unfit(
            "时间范围为空或在将来",
            "the range ends before it begins, or lies ahead",
        ));
    }
    if to.since_ms(from) > RANGE_DAYS_MAX * DAY_MS {
        return Err(unfit(
            format!("时间范围超过 {RANGE_DAYS_MAX} 天"),
            format!("the range is longer than {RANGE_DAYS_MAX} days"),
        ));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use siskin_model::{AreaId, GasId};

    use super::*;

    const NOW_MS: i64 = 1_767_225_600_000;

    fn check(
        from: Option<&str>,
        to: Option<&str>,
        labels: &[Label],
        expected: Result<(i64, i64), &str>,
    ) {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let request = BacktestRequest { from: text(from), to: text(to), ..Default::default() };
        let found = range(&request, labels, Timestamp::from_millis(NOW_MS));
        let told = found.map(|(from, to)| (from.as_millis() - NOW_MS, to.as_millis() - NOW_MS));
        match (told, expected) {
            (Ok(found), expected) => assert_eq!(Ok(found), expected),
            (Err(error), Err(says)) => assert!(error.to_string().contains(says), "{error}"),
            (Err(error), Ok(_)) => panic!("{error}"),
        }
    }

    #[test]
    fn a_range_is_asked_for_or_lies_around_the_labels_and_ends_now() {
        let label = Label {
            id: "w".to_owned(),
            gas: GasId::new("chlorine").unwrap(),
            area: AreaId::new("yard").unwrap(),
            raised_at: Timestamp::from_millis(NOW_MS - 7_200_000),
            until: Timestamp::from_millis(NOW_MS - 3_600_000),
        };
        let day = DAY_MS;
        check(Some("2025-12-31T00:00:00Z"), Some("2026-01-01T00:00:00Z"), &[], Ok((-day, 0)));
        check(Some("2025-12-31T00:00:00Z"), Some("2027-01-01T00:00:00Z"), &[], Ok((-day, 0)));
        check(None, None, std::slice::from_ref(&label), Ok((-10_800_000, -1_800_000)));
        let from = Some("2025-12-31T23:00:00Z");
        check(from, None, std::slice::from_ref(&label), Ok((-3_600_000, -1_800_000)));
        check(None, None, &[], Err("no range"));
        check(Some("2026-01-02T00:00:00Z"), Some("2026-01-03T00:00:00Z"), &[], Err("lies ahead"));
        check(Some("yesterday"), None, &[], Err("`from` is no moment"));
        check(Some("2025-11-01T00:00:00Z"), Some("2026-01-01T00:00:00Z"), &[], Err("31 days"));
    }
}
