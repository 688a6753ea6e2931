//! Counts what a report tells.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::due::{Due, DueState, NEWEST_MAX, channels_due, due};
use siskin_model::{Timestamp, Warning, WarningChange, WarningId};
use siskin_store::StoreError;
use siskin_store::ledger::{LIFE_EVENTS_MAX, LifeEvent, ROWS_MAX};
use siskin_store::series::BucketStep;

use super::{AnalyzerShare, Figures, Period, PeriodError, Rate, Stores, is_false_alarm};
use crate::kpi::kpis;
use siskin_api::KpiFault;

const HOUR_MS: i64 = BucketStep::HOUR.as_millis();

/// What the ledger's events of the time say.
#[derive(Default)]
struct Told {
    raised: Vec<WarningId>,
    hours_with_calls: BTreeSet<i64>,
    acknowledged: u64,
}

impl Told {
    fn take(&mut self, event: LifeEvent) {
        let LifeEvent::Warning(_, _, event) = event else { return };
        match event.change {
            WarningChange::Raised => self.raised.push(event.warning.id.clone()),
            WarningChange::Acknowledged => self.acknowledged += 1,
            _ => {}
        }
        if WarningChange::CALLS.contains(&event.change) {
            self.hours_with_calls.insert(event.at.as_millis().div_euclid(HOUR_MS));
        }
    }
}

/// The figures of a period, up to now where it is not over.
pub(crate) fn collect(stores: &Stores<'_>, period: Period) -> Result<Figures, PeriodError> {
    let made_at = stores.now;
    let span = (period.from, period.to.min(made_at));
    let mut told = Told::default();
    let read = stores.ledger.life_between(span, &mut |event| told.take(event), &mut |_| {})?;
    if read.is_too_much {
        return Err(KpiFault::TooMuch(LIFE_EVENTS_MAX).into());
    }
    let mut warnings: Vec<Warning> = Vec::new();
    for id in &told.raised {
        warnings.extend(stores.ledger.warning(id)?);
    }
    warnings.sort_by(|a, b| (a.raised_at, &a.id).cmp(&(b.raised_at, &b.id)));
    let kpis = kpis(
        &stores.settings.site,
        &|span, take, before| stores.ledger.life_between(span, take, before),
        span,
        None,
        made_at,
    )?;
    let in_time_ms = stores.settings.notify.unreceipted_ms;
    let messages = stores.ledger.message_totals(span, in_time_ms)?;
    let analyzers = completeness(stores, span)?;
    let complete = |of: fn(&AnalyzerShare) -> u64| analyzers.iter().map(of).sum::<u64>();
    let closed = warnings.iter().filter(|warning| !warning.state.is_open()).count() as u64;
    let is_answered = |one: &&Warning| one.acknowledged.is_some() || one.cancelled.is_some();
    let answered = warnings.iter().filter(is_answered).count() as u64;
    let false_alarms = warnings.iter().filter(|warning| is_false_alarm(warning)).count() as u64;
    let begun = warnings.len() as u64;
    let rate = |id, part, whole| Rate { id, part, whole };
    let rates = vec![
        rate("alarm-hours", told.hours_with_calls.len() as u64, hours(span)),
        rate("false-alarm", false_alarms, answered),
        rate("closure", closed, begun),
        rate("completeness", complete(|one| one.received), complete(|one| one.expected)),
        rate("messages-in-time", messages.in_time, messages.told),
    ];
    let mut counts = of_warnings(stores, &warnings);
    counts.extend(incidents(stores, span)?);
    let floods = kpis.site.as_ref().map_or(0, |site| site.floods.len() as u64);
    let calls = kpis.site.as_ref().map_or(0, |site| site.calls);
    let due = due_now(stores)?;
    let more = [
        ("acknowledged", told.acknowledged),
        ("calls", calls),
        ("floods", floods),
        ("messages", messages.told),
        ("messages.failed", messages.failed),
        ("messages.read", messages.read),
        ("channels-unread", complete(|one| one.unread)),
        ("drill-events", read.drills),
        ("maintenance.overdue", u64::from(channels_due(&due, DueState::Overdue))),
        ("maintenance.no-record", u64::from(channels_due(&due, DueState::NoRecord))),
    ];
    counts.extend(more.map(|(id, number)| (id.to_owned(), number)));
    Ok(Figures { period, made_at, rates, counts, analyzers, warnings, kpis })
}

/// Work on devices that is due when the figures are made: the log says nothing of any other moment.
fn due_now(stores: &Stores<'_>) -> Result<Vec<Due>, StoreError> {
    let newest = stores.ledger.maintenance_newest(NEWEST_MAX)?;
    let newest: Vec<_> = newest.into_iter().map(|(_, made)| made).collect();
    Ok(due(&stores.settings.site, &stores.settings.intervals, &newest, stores.now))
}

/// Hours of the clock that the span touches.
fn hours((from, to): (Timestamp, Timestamp)) -> u64 {
    let first = from.as_millis().div_euclid(HOUR_MS);
    let last = to.plus_ms(-1).as_millis().div_euclid(HOUR_MS);
    u64::try_from(last - first + 1).unwrap_or(0)
}

/// All, by tier and by area, those of nothing too: a zero is told, not left out.
fn of_warnings(stores: &Stores<'_>, warnings: &[Warning]) -> Vec<(String, u64)> {
    let site = &stores.settings.site;
    let mut counts = BTreeMap::new();
    for warning in warnings {
        *counts.entry(format!("warnings.{}", warning.tier_peak.as_str())).or_insert(0) += 1;
        *counts.entry(format!("area.{}", warning.area)).or_insert(0) += 1;
    }
    let tiers = site.tiers.iter().rev().map(|tier| format!("warnings.{}", tier.as_str()));
    let areas = site.areas.iter().map(|area| format!("area.{}", area.id));
    let known: Vec<(String, u64)> = tiers
        .chain(areas)
        .map(|id| {
            let number = counts.remove(&id).unwrap_or(0);
            (id, number)
        })
        .collect();
    let all = [("warnings".to_owned(), warnings.len() as u64)];
    all.into_iter().chain(known).chain(counts).collect()
}

fn incidents(
    stores: &Stores<'_>,
    (from, to): (Timestamp, Timestamp),
) -> Result<[(String, u64); 2], PeriodError> {
    let all = stores.ledger.incidents(false, ROWS_MAX)?;
    let within = |at: Timestamp| from <= at && at < to;
    let opened = all.iter().filter(|one| within(one.opened_at)).count() as u64;
    let is_closed = |one: &&siskin_model::incident::Incident| {
        one.closure.as_ref().is_some_and(|closure| within(closure.at))
    };
    let closed = all.iter().filter(is_closed).count() as u64;
    Ok([("incidents.opened".to_owned(), opened), ("incidents.closed".to_owned(), closed)])
}

/// Readings that came of those that should have, by analyzer, the least complete first.
fn completeness(
    stores: &Stores<'_>,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<AnalyzerShare>, PeriodError> {
    let site = &stores.settings.site;
    let empty = |analyzer| AnalyzerShare { analyzer, received: 0, expected: 0, unread: 0 };
    let mut all: Vec<_> = (0..site.analyzers.len()).map(empty).collect();
    for (index, channel) in site.indexed() {
        let Some(sum) = all.get_mut(channel.analyzer) else { continue };
        let analyzer = site.analyzers.get(channel.analyzer);
        let poll_ms = analyzer.map_or(HOUR_MS, |one| i64::from(one.poll_ms)).clamp(1, HOUR_MS);
        let found = match stores.series.buckets(index, from, to, BucketStep::HOUR) {
            Ok(found) => found,
            Err(siskin_store::StoreError::Damaged { .. }) => {
                sum.unread += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let heard = found.iter().filter_map(|bucket| bucket.heard).map(|heard| heard.count);
        let expected = u64::try_from(to.since_ms(from) / poll_ms).unwrap_or(0);
        // More than was expected in one hour does not make up for another one.
        let an_hour = u64::try_from(HOUR_MS / poll_ms).unwrap_or(u64::MAX);
        let received: u64 = heard.map(|count| count.min(an_hour)).sum();
        sum.received += received.min(expected);
        sum.expected += expected;
    }
    // One without channels is asked for nothing.
    all.retain(|one| one.expected > 0 || one.unread > 0);
    all.sort_by(|one, other| one.part().total_cmp(&other.part()));
    Ok(all)
}
