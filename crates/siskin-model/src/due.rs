//! Which work on devices is due: what people said when they wrote the last entry, and what the
//! site asks of every device of a kind.
//!
//! A notice, never an alarm (ISA-18.2: nothing here asks for an act within minutes). Must never
//! invent how often: without a date and without an interval nothing is due. What was never done, as
//! far as the log says, is neither overdue nor in order: it has no record.

use std::collections::BTreeMap;

use crate::site::{Channel, Site};
use crate::{ChannelId, GasId, Maintenance, MaintenanceKind, Timestamp};

/// Work is due soon this long before its moment: ours, time enough to order a gas standard.
pub const SOON_MS: i64 = 14 * DAY_MS;
/// The longest interval: the log takes no date that lies further ahead.
pub const EVERY_DAYS_MAX: u32 = 3_660;
/// The most entries of a log that are looked at: all kinds of work on 100,000 channels.
pub const NEWEST_MAX: usize = 500_000;
const DAY_MS: i64 = 86_400_000;

/// How often a kind of work is done, by the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Which work.
    pub kind: MaintenanceKind,
    /// After so many days again.
    pub every_days: u32,
    /// Who says so: a standard with its clause, a manual with its page, the park's own rule.
    pub source: String,
    /// Only on channels of this gas; none: of any.
    pub gas: Option<GasId>,
    /// Only on devices of this profile; none: of any.
    pub profile: Option<String>,
}

impl Interval {
    /// Whether it is meant for a channel. Without a gas it is for all channels that measure one:
    /// weather is named by its profile.
    pub fn is_for(&self, site: &Site, channel: &Channel) -> bool {
        let profile = site.analyzers.get(channel.analyzer).map(|one| one.profile.as_str());
        let of_profile = self.profile.is_none() || self.profile.as_deref() == profile;
        let of_gas = match (&self.gas, channel.quantity.gas()) {
            (Some(gas), own) => own == Some(gas),
            (None, own) => own.is_some() || self.profile.is_some(),
        };
        of_profile && of_gas
    }
}

/// How due something is, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueState {
    /// Its moment has passed.
    Overdue,
    /// The site asks for it, and the log has no such work.
    NoRecord,
    /// Its moment is within [`SOON_MS`].
    Soon,
}

/// Work that is due, or soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The channel.
    pub channel: ChannelId,
    /// Which work.
    pub kind: MaintenanceKind,
    /// How due it is.
    pub state: DueState,
    /// When it is or was due; none without a record.
    pub at: Option<Timestamp>,
    /// When it was last done.
    pub done_at: Option<Timestamp>,
    /// What the site asks, where it asks for anything.
    pub interval: Option<Interval>,
}

/// What is due at `now`, by channel in order of the site. `newest` is the newest entry of each kind
/// on each channel. Of a date that somebody gave and one that the interval gives the earlier holds.
pub fn due(
    site: &Site,
    intervals: &[Interval],
    newest: &[Maintenance],
    now: Timestamp,
) -> Vec<Due> {
    let done: BTreeMap<(&ChannelId, MaintenanceKind), &Maintenance> =
        newest.iter().map(|one| ((&one.channel, one.kind), one)).collect();
    let mut found = Vec::new();
    for channel in &site.channels {
        for kind in MaintenanceKind::ALL {
            let asked = shortest(site, intervals, channel, kind);
            let last = done.get(&(&channel.id, kind)).copied();
            found.extend(of_channel(&channel.id, kind, asked, last, now));
        }
    }
    found
}

/// Of several intervals for the same work on a channel the shortest.
fn shortest<'a>(
    site: &Site,
    intervals: &'a [Interval],
    channel: &Channel,
    kind: MaintenanceKind,
) -> Option<&'a Interval> {
    let own = intervals.iter().filter(|one| one.kind == kind && one.is_for(site, channel));
    own.min_by_key(|one| one.every_days)
}

fn of_channel(
    channel: &ChannelId,
    kind: MaintenanceKind,
    asked: Option<&Interval>,
    last: Option<&Maintenance>,
    now: Timestamp,
) -> Option<Due> {
    let by_interval = last.zip(asked).map(|(last, asked)| {
        let every_ms = i64::from(asked.every_days) * DAY_MS;
        last.at.plus_ms(every_ms)
    });
    let at = [last.and_then(|last| last.next_due), by_interval].into_iter().flatten().min();
    let state = match (at, last, asked) {
        (Some(at), _, _) if at <= now => DueState::Overdue,
        (Some(at), _, _) if at.since_ms(now) <= SOON_MS => DueState::Soon,
        (None, None, Some(_)) => DueState::NoRecord,
        _ => return None,
    };
    Some(Due {
        channel: channel.clone(),
        kind,
        state,
        at,
        done_at: last.map(|last| last.at),
        interval: asked.cloned(),
    })
}

/// How many channels have something overdue, without a record and due soon; a channel counts once
/// in each.
pub fn channels_due(due: &[Due], state: DueState) -> u32 {
    let mut channels: Vec<_> =
        due.iter().filter(|one| one.state == state).map(|one| &one.channel).collect();
    // By channel, as `due` makes them.
    channels.dedup();
    u32::try_from(channels.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_796_054_400_000);

    fn channel() -> ChannelId {
        ChannelId::new("at-101-cl2").unwrap()
    }

    fn done(days_ago: i64, next_due_days: Option<i64>) -> Maintenance {
        let at = NOW.plus_ms(-days_ago * DAY_MS);
        Maintenance {
            channel: channel(),
            kind: MaintenanceKind::Calibration,
            at,
            by: "wang".to_owned(),
            made_at: at,
            standard: Some(5.0),
            before: None,
            after: Some(5.0),
            next_due: next_due_days.map(|days| NOW.plus_ms(days * DAY_MS)),
            note: String::new(),
        }
    }

    fn every(days: u32) -> Interval {
        Interval {
            kind: MaintenanceKind::Calibration,
            every_days: days,
            source: "made for tests".to_owned(),
            gas: None,
            profile: None,
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "a table of cases reads better by value")]
    fn check(
        last: Option<Maintenance>,
        asked: Option<&Interval>,
        expected: Option<(DueState, Option<i64>)>,
    ) {
        let found = of_channel(&channel(), MaintenanceKind::Calibration, asked, last.as_ref(), NOW);
        let told = found.map(|one| (one.state, one.at.map(|at| at.since_ms(NOW) / DAY_MS)));
        assert_eq!(told, expected, "{last:?} {asked:?}");
    }

    #[test]
    fn the_earlier_of_a_date_and_an_interval_holds() {
        use DueState::{NoRecord, Overdue, Soon};
        check(None, None, None);
        check(Some(done(900, None)), None, None);
        check(None, Some(&every(90)), Some((NoRecord, None)));
        check(Some(done(10, Some(15))), None, None);
        check(Some(done(10, Some(14))), None, Some((Soon, Some(14))));
        check(Some(done(10, Some(0))), None, Some((Overdue, Some(0))));
        check(Some(done(10, None)), Some(&every(90)), None);
        check(Some(done(80, None)), Some(&every(90)), Some((Soon, Some(10))));
        check(Some(done(90, None)), Some(&every(90)), Some((Overdue, Some(0))));
        check(Some(done(100, Some(300))), Some(&every(90)), Some((Overdue, Some(-10))));
        check(Some(done(10, Some(-1))), Some(&every(90)), Some((Overdue, Some(-1))));
    }

    #[test]
    fn a_channel_counts_once_in_each_state() {
        let one = |channel: &str, kind, state| Due {
            channel: ChannelId::new(channel).unwrap(),
            kind,
            state,
            at: None,
            done_at: None,
            interval: None,
        };
        let due = [
            one("a", MaintenanceKind::Calibration, DueState::Overdue),
            one("a", MaintenanceKind::BumpTest, DueState::Overdue),
            one("a", MaintenanceKind::Inspection, DueState::NoRecord),
            one("b", MaintenanceKind::Calibration, DueState::Overdue),
        ];
        let count = |state| channels_due(&due, state);
        assert_eq!([DueState::Overdue, DueState::NoRecord, DueState::Soon].map(count), [2, 1, 0]);
    }
}
