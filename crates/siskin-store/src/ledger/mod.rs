//! The ledger: every begin and end of an alarm, every step of a warning and every act on one, in
//! `ledger.db`, with the views that follow from them.
//!
//! A [`Step`] of the engine becomes one durable transaction: its events, the views (alarms with
//! begin and end, warnings as they stand) and the mark that says how far the series has been
//! judged. Whoever tells people does so after [`Ledger::commit`] returned, and only of what it
//! returned (invariant 4).
//!
//! Events are never changed or deleted. Their bodies are JSON, kinds and ids are columns, so that
//! any `sqlite3` can read them. Must never judge, and never tell anyone itself.
//!
//! What people did is in the audit too, chained and in the same transaction.

mod alarm_rows;
#[cfg(test)]
mod alarm_rows_tests;
pub(crate) mod audit;
mod doubt;
#[cfg(test)]
mod doubt_tests;
mod drills;
mod duty;
mod edge_alarms;
mod edges;
mod events;
mod floods;
mod incidents;
mod kpi;
mod late;
mod life;
pub(crate) mod look;
mod maintenance;
mod outbox;
mod owed;
mod paged;
mod people;
mod pulse;
mod read_by;
mod record;
mod rules;
mod shadow;
mod steps;
mod tables;
mod told;
mod views;

use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, TransactionBehavior};
use siskin_model::{
    Alarm, AlarmEvent, ChannelId, Correction, EquipmentEvent, FloodEvent, Hold, Timestamp, Warning,
    WarningEvent, WarningId,
};

use crate::StoreError;
use crate::file::{StoreFile, locked};
use doubt::{Before, Written as InDoubt};

pub use alarm_rows::{AlarmFilter, AlarmPlace, AlarmRow, WarningSpan};
pub use audit::{
    AuditChecked, AuditCheckpoint, AuditEntry, AuditFault, AuditFilter, AuditNote, AuditReader,
    AuditSigner, AuditSpan, AuditWitness, CHECKPOINTS_FILE, ExportPlace, FAULTS_LISTED_MAX,
    KEY_FILE, NewAudit, PUBLIC_KEY_FILE, PublicKey, check_export, put_audit_beside, sum,
};
pub use duty::{KeptHandOver, RosterChange, Written};
pub use edge_alarms::EdgeAlarmEvent;
pub use edges::{EDGE_CLOCKS_MAX, EdgeClock, EdgeGap};
pub use floods::{Call, DeskFlood};
pub use incidents::{ActBy, AuditRow, FollowPolicy, IncidentError, STATION};
pub use kpi::{LIFE_EVENTS_MAX, LifeBefore, LifeEvent, LifeRead, LifeReader};
pub use late::NewLate;
pub use outbox::{DeliveryFilter, KeptReceipt, NewMessage, OutboxTotals};
pub use owed::{Lacking, TAKEN_LOOKED_MAX};
pub use people::{ApiToken, FAILURES_MAX, Person, Session, SessionsAfter, SignInFailure};
pub use pulse::PulseMark;
pub use rules::{NewRuleVersion, RuleDiff, RuleFile, RuleSource, RuleVersion, RulesEvent};
pub use shadow::{NewShadow, Shadow};
pub use steps::LedgerRow;
pub(crate) use tables::KIND;
pub use told::MessageTotals;

/// The most rows one question gets; ask again from the last one for more.
pub const ROWS_MAX: usize = 10_000;

/// What the engine concluded from the series up to `series_seq`, or what a person did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The newest batch it has judged.
    pub series_seq: u64,
    /// The station's clock.
    pub recorded_at: Timestamp,
    /// Begins and ends of alarms, in order.
    pub alarms: Vec<AlarmEvent>,
    /// Steps of warnings, in order.
    pub warnings: Vec<WarningEvent>,
    /// What late readings changed in the record of the past, in order.
    pub corrections: Vec<Correction>,
    /// Steps of alarms about equipment, in order.
    pub equipment: Vec<EquipmentEvent>,
    /// Holds as they stand after they began or ended.
    pub holds: Vec<Hold>,
    /// Begins and ends of floods, in order.
    pub floods: Vec<FloodEvent>,
    /// What is told of the steps of warnings; written with the step that it tells of.
    pub messages: Vec<NewMessage>,
    /// What may be told of the corrections; written with them.
    pub late: Vec<NewLate>,
    /// What people did that led to it, in order.
    pub audit: Vec<NewAudit>,
    /// The pulse that went through the rules.
    pub pulse: Option<PulseMark>,
}

impl Step {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let events = self.alarms.len() + self.warnings.len() + self.corrections.len();
        let life = self.equipment.len() + self.holds.len() + self.floods.len();
        events + life + self.audit.len() == 0 && self.pulse.is_none()
    }
}

/// The events of a step that were not in the ledger before, with their numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Committed {
    /// Alarms, in order.
    pub alarms: Vec<(u64, AlarmEvent)>,
    /// Corrections, in order; numbered after the alarms.
    pub corrections: Vec<(u64, Correction)>,
    /// Warnings, in order; numbered after the corrections.
    pub warnings: Vec<(u64, WarningEvent)>,
    /// Alarms about equipment, in order; numbered after the warnings.
    pub equipment: Vec<(u64, EquipmentEvent)>,
    /// Floods, in order; numbered last.
    pub floods: Vec<(u64, FloodEvent)>,
    /// The newest delivery, where there is a new one.
    pub delivery: Option<u64>,
}

/// An event of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum LedgerEvent {
    /// An alarm began or ended.
    Alarm(AlarmEvent),
    /// An alarm about equipment changed.
    Equipment(EquipmentEvent),
    /// A flood began or ended.
    Flood(FloodEvent),
    /// A warning changed.
    Warning(WarningEvent),
    /// Late readings changed the record of the past.
    Correction(Correction),
    /// Another rule set runs.
    Rules(RulesEvent),
}

/// The ledger of a site. All methods take `&self` and may be called from several threads.
#[derive(Debug)]
pub struct Ledger {
    file: StoreFile,
    /// May be ahead of the mark on disk by steps without events.
    mark: AtomicU64,
    newest_seq: AtomicU64,
    /// Where the ledger stood before commits that failed at their very end.
    doubt: Mutex<Option<Before>>,
}

impl Ledger {
    /// Opens or makes `ledger.db` in `dir`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let file = StoreFile::open(dir, &tables::KIND)?;
        alarm_rows::make_indexes(&file)?;
        let read = |db: &Connection| Ok((tables::mark(db)?, tables::newest_seq(db)?));
        let (mark, newest_seq) =
            read(&file.reader()).map_err(file.failed("read the mark and the newest event"))?;
        let (mark, newest_seq) = (AtomicU64::new(mark), AtomicU64::new(newest_seq));
        Ok(Self { file, mark, newest_seq, doubt: Mutex::new(None) })
    }

    /// Writes a step in one durable transaction and raises the mark to its `series_seq`.
    ///
    /// What is in the ledger already is skipped: the begin or end of an alarm with the same rule,
    /// channel and moment (unless a correction has removed it meanwhile), a correction that the
    /// record agrees with, and a warning's event that is equal in everything. So what follows from
    /// readings may be committed again after a restart. After an error the whole step may be, acts
    /// and all: what the failed commit wrote nevertheless is found and given with its number. A
    /// step without events writes nothing and raises the mark in memory only, see
    /// [`Ledger::flush_mark`].
    pub fn commit(&self, step: &Step) -> Result<Committed, StoreError> {
        if step.is_empty() {
            self.mark.fetch_max(step.series_seq, Ordering::AcqRel);
            return Ok(Committed::default());
        }
        let act = "commit a step";
        let mut writer = self.file.writer();
        let mark = self.mark().max(step.series_seq);
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.file.failed(act))?;
        let mut doubt = locked(&self.doubt);
        let (before, mut written) = match *doubt {
            None => Before::of(&transaction).map(|before| (before, InDoubt::default())),
            Some(since) => InDoubt::since(&transaction, since).map(|written| (since, written)),
        }
        .map_err(self.file.failed(act))?;
        let mut committed = events::write(&self.file, &transaction, step, &mut written)?;
        life::write(&self.file, &transaction, step, &mut written, &mut committed)?;
        for entry in &step.audit {
            if !written.audit(entry)? {
                audit::append(&self.file, &transaction, entry)?;
            }
        }
        if let Some(pulse) = step.pulse {
            pulse::put(&self.file, &transaction, pulse)?;
        }
        tables::put_mark(&transaction, mark).map_err(self.file.failed(act))?;
        *doubt = Some(before);
        transaction.commit().map_err(self.file.failed(act))?;
        *doubt = None;
        drop(doubt);
        self.mark.fetch_max(mark, Ordering::AcqRel);
        let newest = committed.newest_seq();
        self.newest_seq.fetch_max(newest, Ordering::AcqRel);
        Ok(committed)
    }

    /// How far the engine has judged the series.
    pub fn mark(&self) -> u64 {
        self.mark.load(Ordering::Acquire)
    }

    /// Sets the mark in memory; also to a lower one, which a series that began anew needs.
    pub fn set_mark(&self, seq: u64) {
        self.mark.store(seq, Ordering::Release);
    }

    /// Writes the mark to disk. Without it a restart judges again what came since the last step
    /// with events, which gives the same events and therefore nothing new.
    pub fn flush_mark(&self) -> Result<(), StoreError> {
        let writer = self.file.writer();
        tables::put_mark(&writer, self.mark()).map_err(self.file.failed("write the mark"))
    }

    /// The number of the newest event; 0 before the first.
    pub fn newest_seq(&self) -> u64 {
        self.newest_seq.load(Ordering::Acquire)
    }

    /// Events after `seq` in order, at most `limit` and [`ROWS_MAX`].
    pub fn events_after(
        &self,
        seq: u64,
        limit: usize,
    ) -> Result<Vec<(u64, LedgerEvent)>, StoreError> {
        events::after(&self.file, seq, limit.min(ROWS_MAX))
    }

    /// The life of a warning in order, its first [`ROWS_MAX`] events.
    pub fn warning_events(&self, id: &WarningId) -> Result<Vec<(u64, WarningEvent)>, StoreError> {
        events::of_warning(&self.file, id, (0, ROWS_MAX))
    }

    /// Begins and ends of alarms on `channels` at or after `since` in event time, in order of time,
    /// as they stand after corrections. Without a limit: half a record would be corrected wrongly.
    pub fn alarm_edges(
        &self,
        channels: &[ChannelId],
        since: Timestamp,
    ) -> Result<Vec<AlarmEvent>, StoreError> {
        record::edges(&self.file, channels, since)
    }

    /// Corrections after `seq` in order, at most `limit` and [`ROWS_MAX`].
    pub fn corrections_after(
        &self,
        seq: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Correction)>, StoreError> {
        events::corrections_after(&self.file, seq, limit.min(ROWS_MAX))
    }

    /// Begins and ends of alarms at or after `since` in event time, newest first, at most `limit`
    /// and [`ROWS_MAX`], as they stand after corrections: what the live rules said.
    pub fn alarms_since(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<AlarmEvent>, StoreError> {
        record::newest(&self.file, since, limit.min(ROWS_MAX))
    }

    /// Writes a version of the rules; durable when it returns. Gives its event with its number.
    pub fn put_rule_version(&self, made: &NewRuleVersion) -> Result<(u64, RulesEvent), StoreError> {
        let (seq, event) = rules::put(&self.file, made)?;
        self.newest_seq.fetch_max(seq, Ordering::AcqRel);
        Ok((seq, event))
    }

    /// Writes an entry of the audit that goes with nothing else; durable when it returns.
    pub fn put_audit(&self, entry: &NewAudit) -> Result<(), StoreError> {
        audit::with(&self.file, entry, |_| Ok(()))
    }

    /// Versions of the rules, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn rule_versions(&self, limit: usize) -> Result<Vec<RuleVersion>, StoreError> {
        rules::all(&self.file, limit.min(ROWS_MAX))
    }

    /// One version of the rules.
    pub fn rule_version(&self, number: u64) -> Result<Option<RuleVersion>, StoreError> {
        rules::one(&self.file, number)
    }

    /// Begins a shadow set; the one that runs ends.
    pub fn begin_shadow(&self, set: &NewShadow) -> Result<Shadow, StoreError> {
        shadow::begin(&self.file, set)
    }

    /// Ends the shadow set that runs; false where none does. `by` is empty where nobody asked.
    pub fn end_shadow(&self, at: Timestamp, by: &str) -> Result<bool, StoreError> {
        shadow::end(&self.file, at, by)
    }

    /// The shadow set that runs.
    pub fn shadow(&self) -> Result<Option<Shadow>, StoreError> {
        shadow::running(&self.file)
    }

    /// Writes what a shadow set raised and cleared; an edge that is there already is skipped.
    pub fn put_shadow_events(&self, shadow: u64, events: &[AlarmEvent]) -> Result<(), StoreError> {
        shadow::write(&self.file, shadow, events)
    }

    /// What a shadow set raised and cleared, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn shadow_events(&self, shadow: u64, limit: usize) -> Result<Vec<AlarmEvent>, StoreError> {
        shadow::events(&self.file, shadow, limit.min(ROWS_MAX))
    }

    /// Which batches of a gateway's spool are on disk, rising.
    pub fn edge_committed(&self, edge: &str, spool: &str) -> Result<Vec<Range<u64>>, StoreError> {
        edges::committed(&self.file, edge, spool)
    }

    /// Writes which batches of a gateway's spool are on disk, in place of what was written before;
    /// durable when it returns. Their readings must be on disk already.
    pub fn put_edge_committed(
        &self,
        edge: &str,
        spool: &str,
        ranges: &[Range<u64>],
    ) -> Result<(), StoreError> {
        edges::put_committed(&self.file, edge, spool, ranges)
    }

    /// Writes what a gateway had to drop; false where it is known already.
    pub fn put_edge_gap(&self, gap: &EdgeGap) -> Result<bool, StoreError> {
        edges::put_gap(&self.file, gap)
    }

    /// What a gateway had to drop, newest first, at most `limit` and [`ROWS_MAX`].
    pub fn edge_gaps(&self, edge: &str, limit: usize) -> Result<Vec<EdgeGap>, StoreError> {
        edges::gaps(&self.file, edge, limit.min(ROWS_MAX))
    }

    /// How many gaps a gateway told, and how many readings are in them.
    pub fn edge_gap_totals(&self, edge: &str) -> Result<(u64, u64), StoreError> {
        edges::gap_totals(&self.file, edge)
    }

    /// Writes what a gateway's own watch raised or cleared; false where it is known already.
    pub fn put_edge_alarm(&self, event: &EdgeAlarmEvent) -> Result<bool, StoreError> {
        edge_alarms::put(&self.file, event)
    }

    /// What a gateway's own watch raised and cleared, newest first, at most `limit` and
    /// [`ROWS_MAX`].
    pub fn edge_alarms(&self, edge: &str, limit: usize) -> Result<Vec<EdgeAlarmEvent>, StoreError> {
        edge_alarms::newest(&self.file, edge, limit.min(ROWS_MAX))
    }

    /// What it raised and has not cleared, oldest first, at most `limit` and [`ROWS_MAX`].
    pub fn edge_alarms_active(
        &self,
        edge: &str,
        limit: usize,
    ) -> Result<Vec<EdgeAlarmEvent>, StoreError> {
        edge_alarms::active(&self.file, edge, limit.min(ROWS_MAX))
    }

    /// Writes how far a gateway's clock was off; the newest [`EDGE_CLOCKS_MAX`] are kept.
    pub fn put_edge_clock(&self, edge: &str, clock: EdgeClock) -> Result<(), StoreError> {
        edges::put_clock(&self.file, edge, clock)
    }

    /// How far a gateway's clock was off, newest first, at most `limit`.
    pub fn edge_clocks(&self, edge: &str, limit: usize) -> Result<Vec<EdgeClock>, StoreError> {
        edges::clocks(&self.file, edge, limit.min(ROWS_MAX))
    }

    /// Alarms that have not ended, oldest first.
    pub fn alarms_active(&self) -> Result<Vec<Alarm>, StoreError> {
        views::alarms_active(&self.file)
    }

    /// Alarms that had begun at or before `t` and had not ended at or before `t`, in event time.
    pub fn alarms_active_at(&self, t: Timestamp) -> Result<Vec<Alarm>, StoreError> {
        views::alarms_active_at(&self.file, t)
    }

    /// The same for one channel.
    pub fn alarms_active_on(
        &self,
        channel: &ChannelId,
        t: Timestamp,
    ) -> Result<Vec<Alarm>, StoreError> {
        views::alarms_active_on(&self.file, channel, t)
    }

    /// Warnings that are not over, oldest first; none of a drill.
    pub fn warnings_open(&self) -> Result<Vec<Warning>, StoreError> {
        views::warnings_open(&self.file)
    }

    /// Warnings, newest first, at most `limit` and [`ROWS_MAX`]; those of drills carry their mark.
    pub fn warnings_all(&self, limit: usize) -> Result<Vec<Warning>, StoreError> {
        views::warnings_all(&self.file, limit.min(ROWS_MAX))
    }

    /// A warning as it stands.
    pub fn warning(&self, id: &WarningId) -> Result<Option<Warning>, StoreError> {
        views::warning(&self.file, id)
    }
}

impl Committed {
    fn newest_seq(&self) -> u64 {
        let alarms = self.alarms.iter().map(|(seq, _)| *seq);
        let warnings = self.warnings.iter().map(|(seq, _)| *seq);
        let corrections = self.corrections.iter().map(|(seq, _)| *seq);
        let newest = alarms.chain(warnings).chain(corrections).max().unwrap_or(0);
        newest.max(self.newest_of_life())
    }
}
