//! One gateway as the station knows it, and what the API shows of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use siskin_api::contract::{
    EdgeAlarmEventView, EdgeAlarmView, EdgeGapView, EdgeView, SeqRangeView, SirenView, SpoolView,
};
use siskin_engine::is_quarantined;
use siskin_model::{
    AnalyzerId, ChannelId, ChannelIndex, Edge, Reading, RuleId, Site, Text, Timestamp,
};
use siskin_store::ledger::{EdgeAlarmEvent, EdgeClock, EdgeGap};
use siskin_wire::link::{Row, SeqRange, SirenReport, SpoolReport};
use tokio_util::sync::CancellationToken;

/// Gaps and ranges that are shown; all are in the ledger.
pub(super) const SHOWN_MAX: usize = 20;
/// Alarms of a gateway's own watch that are kept; more cannot be told from a broken gateway.
pub(super) const ALARMS_MAX: usize = 1_000;

/// A gateway.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) id: String,
    /// None: nobody is let in.
    pub(super) token: Option<String>,
    /// The channels it reads.
    pub(super) channels: BTreeMap<ChannelId, ChannelIndex>,
    /// The analyzers it reads, with their places in the site.
    pub(super) analyzers: BTreeMap<AnalyzerId, usize>,
    state: Mutex<State>,
    /// Held by its session: there is one at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
}

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Ends the session that runs.
    pub(super) session: Option<CancellationToken>,
    pub(super) connected: bool,
    pub(super) since: Timestamp,
    pub(super) last_frame_at: Option<Timestamp>,
    pub(super) last_error: Option<Text>,
    pub(super) committed: Vec<SeqRange>,
    pub(super) first_seq: u64,
    pub(super) next_seq: u64,
    pub(super) readings: u64,
    pub(super) readings_backlog: u64,
    pub(super) refused: u64,
    pub(super) clock: Option<EdgeClock>,
    pub(super) gaps: u64,
    pub(super) readings_lost: u64,
    /// Newest first.
    pub(super) gaps_newest: VecDeque<EdgeGap>,
    pub(super) spool: Option<SpoolReport>,
    pub(super) siren: Option<SirenReport>,
    pub(super) alarms: BTreeMap<(RuleId, ChannelId), EdgeAlarmEvent>,
    /// Newest first.
    pub(super) alarm_events: VecDeque<EdgeAlarmEvent>,
}

impl Gateway {
    /// The gateway `id` of the site, with what the ledger knows of it.
    pub(super) fn new(id: &str, token: Option<&String>, site: &Site, state: State) -> Self {
        let is_own = |analyzer: usize| {
            site.analyzers.get(analyzer).is_some_and(|a| a.edge.as_deref() == Some(id))
        };
        let channels = site.indexed().filter(|(_, channel)| is_own(channel.analyzer));
        let analyzers = site.analyzers.iter().enumerate().filter(|(place, _)| is_own(*place));
        Self {
            id: id.to_owned(),
            token: token.cloned(),
            channels: channels.map(|(index, channel)| (channel.id.clone(), index)).collect(),
            analyzers: analyzers.map(|(place, analyzer)| (analyzer.id.clone(), place)).collect(),
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// What is known of it. A panic elsewhere leaves it whole: every write is one assignment.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the API.
    pub(super) fn view(&self, offset_s: i32) -> EdgeView {
        let state = self.state();
        let at = |at: Timestamp| at.rfc3339(offset_s);
        EdgeView {
            edge: self.id.clone(),
            connected: state.connected,
            since: at(state.since),
            last_frame_at: state.last_frame_at.map(at),
            last_error: state.last_error.as_ref().map(|text| text.en.clone()),
            last_error_zh: state.last_error.as_ref().map(|text| text.zh.clone()),
            committed: state.committed.iter().rev().take(SHOWN_MAX).rev().map(range).collect(),
            next_seq: state.next_seq,
            batches_behind: state.behind(),
            readings: state.readings,
            readings_backlog: state.readings_backlog,
            refused: state.refused,
            skew_ms: state.clock.map(|clock| clock.skew_ms),
            skew_error_ms: state.clock.map(|clock| clock.round_ms / 2),
            gaps: state.gaps,
            readings_lost: state.readings_lost,
            gaps_newest: state.gaps_newest.iter().map(|one| gap(one, offset_s)).collect(),
            spool: state.spool.as_ref().map(spool),
            siren: state.siren.as_ref().map(|one| siren(one, offset_s)),
            alarms: state.alarms.values().map(|one| alarm(one, offset_s)).collect(),
            alarm_events: state.alarm_events.iter().map(|e| alarm_event(e, offset_s)).collect(),
        }
    }
}

impl State {
    /// Batches in the spool that are not on the station's disk.
    fn behind(&self) -> u64 {
        let held = self.next_seq.saturating_sub(self.first_seq);
        let overlap = |range: &SeqRange| {
            range.until.min(self.next_seq).saturating_sub(range.from.max(self.first_seq))
        };
        held.saturating_sub(self.committed.iter().map(overlap).sum())
    }

    /// The gateway's own watch has raised or cleared something new.
    pub(super) fn alarm(&mut self, event: EdgeAlarmEvent) {
        let key = (event.rule.clone(), event.channel.clone());
        match event.change {
            Edge::Raise if self.alarms.len() < ALARMS_MAX => {
                self.alarms.insert(key, event.clone());
            }
            Edge::Raise => {}
            Edge::Clear => {
                self.alarms.remove(&key);
            }
        }
        self.alarm_events.push_front(event);
        self.alarm_events.truncate(SHOWN_MAX);
    }

    /// A gap that is new or has grown, and how many there are with how many readings.
    pub(super) fn gap(&mut self, gap: EdgeGap, (gaps, readings_lost): (u64, u64)) {
        (self.gaps, self.readings_lost) = (gaps, readings_lost);
        let is_part = |old: &EdgeGap| {
            !old.seqs.is_empty()
                && (&old.spool, &old.why) == (&gap.spool, &gap.why)
                && gap.seqs.start <= old.seqs.start
                && old.seqs.end <= gap.seqs.end
        };
        self.gaps_newest.retain(|old| !is_part(old));
        self.gaps_newest.push_front(gap);
        self.gaps_newest.truncate(SHOWN_MAX);
    }
}

fn range(range: &SeqRange) -> SeqRangeView {
    SeqRangeView { from: range.from, until: range.until }
}

fn gap(gap: &EdgeGap, offset_s: i32) -> EdgeGapView {
    EdgeGapView {
        seqs: SeqRangeView { from: gap.seqs.start, until: gap.seqs.end },
        readings: gap.readings,
        from: gap.from.rfc3339(offset_s),
        to: gap.to.rfc3339(offset_s),
        why: gap.why.clone(),
        told_at: gap.told_at.rfc3339(offset_s),
    }
}

fn spool(spool: &SpoolReport) -> SpoolView {
    SpoolView {
        bytes: spool.bytes,
        bytes_max: spool.bytes_max,
        readings: spool.readings,
        failing: spool.failing.clone(),
    }
}

fn siren(siren: &SirenReport, offset_s: i32) -> SirenView {
    SirenView {
        wanted: siren.is_wanted,
        sounds: siren.sounds,
        since: siren.since.rfc3339(offset_s),
        failing: siren.failing.as_ref().map(|why| why.en.clone()),
        failing_zh: siren.failing.as_ref().map(|why| why.zh.clone()),
    }
}

fn alarm_event(event: &EdgeAlarmEvent, offset_s: i32) -> EdgeAlarmEventView {
    let change = match event.change {
        Edge::Raise => "raise",
        Edge::Clear => "clear",
    };
    EdgeAlarmEventView {
        warning: event.warning.to_string(),
        channel: event.channel.to_string(),
        rule: event.rule.to_string(),
        change: change.to_owned(),
        at: event.at.rfc3339(offset_s),
        told_at: event.told_at.rfc3339(offset_s),
    }
}

fn alarm(alarm: &EdgeAlarmEvent, offset_s: i32) -> EdgeAlarmView {
    EdgeAlarmView {
        warning: alarm.warning.to_string(),
        channel: alarm.channel.to_string(),
        rule: alarm.rule.to_string(),
        since: alarm.at.rfc3339(offset_s),
    }
}

/// The readings of a batch, and how many rows are of channels that are not the gateway's. A stamp
/// that is far in the station's future counts as arrived now: the engine then sets it aside, and a
/// gateway whose clock is ahead does not make its own true readings late.
pub(super) fn readings_of(
    rows: &[Row],
    channels: &[Option<ChannelIndex>],
    now: Timestamp,
) -> (Vec<Reading>, u64) {
    let own = |row: &Row| {
        let place = usize::try_from(row.channel).ok()?;
        let channel = channels.get(place).copied().flatten()?;
        let Row { measured_at, received_at, value, quality, .. } = *row;
        let reading = Reading::new(channel, measured_at, received_at, value, quality);
        let seen_now = Reading { received_at: received_at.min(now), ..reading };
        Some(if is_quarantined(&seen_now) { seen_now } else { reading })
    };
    let readings: Vec<Reading> = rows.iter().filter_map(own).collect();
    let refused = (rows.len() - readings.len()) as u64;
    (readings, refused)
}
