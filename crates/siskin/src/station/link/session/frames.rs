//! What each frame of a gateway does.

use std::sync::Arc;

use siskin_collect::Intake;
use siskin_model::{AnalyzerHealth, Origin, Timestamp};
use siskin_store::ledger::{EdgeAlarmEvent, EdgeClock, EdgeGap};
use siskin_wire::link::{
    ClockMark, Data, EdgeAlarm, Frame, Gap, GapCause, Health, Lane, SeqRange, columns,
};
use tokio::sync::oneshot;

use super::super::backlog::{LateBatch, Stored};
use super::super::state::readings_of;
use super::{End, Session, blocking};
use crate::station::pipeline::Command;

/// A look at the clocks that took longer says nothing.
const ROUND_MS_MAX: i64 = 10_000;
/// A clock is written again when it has moved by this much, or after [`CLOCK_WRITTEN_EVERY_MS`].
const CLOCK_MOVED_MS: i64 = 100;
/// Time between two written looks at a clock that stands well.
const CLOCK_WRITTEN_EVERY_MS: i64 = 600_000;

impl Session {
    pub(super) async fn frame(&mut self, bytes: &[u8]) -> Result<(), End> {
        let frame = Frame::decode(bytes).map_err(|error| End::Fault(error.to_string()))?;
        self.gateway.state().last_frame_at = Some((self.links.clock)());
        match frame {
            Frame::Data(data) => self.data(data).await,
            Frame::Gap(gap) => self.gap(gap).await,
            Frame::Health(health) => self.health(health).await,
            Frame::Clock(mark) => self.clock(mark).await,
            Frame::Alarm(alarm) => {
                self.alarm(alarm).await?;
                self.noted.alarms += 1;
                Ok(())
            }
            Frame::Hello(_)
            | Frame::Welcome(_)
            | Frame::Ack(_)
            | Frame::Request(_)
            | Frame::Noted(_) => {
                let why = "a frame that only a station sends, or a second Hello";
                Err(End::Fault(format!("{why}; hint: is this a Siskin edge?")))
            }
        }
    }

    async fn data(&mut self, data: Data) -> Result<(), End> {
        let Data { lane, seq, batch } = data;
        {
            let mut state = self.gateway.state();
            state.next_seq = state.next_seq.max(seq.saturating_add(1));
        }
        if !self.book.receive(seq) {
            return Ok(());
        }
        let bytes = batch.len();
        self.bytes_leaving += bytes;
        match lane {
            Lane::Live => self.live(seq, &batch, bytes).await,
            Lane::Backlog => self.backlog(seq, batch, bytes).await,
        }
    }

    async fn live(&mut self, seq: u64, batch: &[u8], bytes: usize) -> Result<(), End> {
        let rows = columns::decode(batch).map_err(|error| End::Fault(error.to_string()))?;
        let now = (self.links.clock)();
        let (readings, refused) = readings_of(&rows, &self.channels, now);
        let count = readings.len() as u64;
        let (committed, on_disk) = oneshot::channel();
        let (origin, committed) = (Origin::Live, Some(committed));
        let command = Command::Intake(Intake::Readings { readings, origin, committed });
        self.links.commands.send(command).await.map_err(|_| End::Gone)?;
        self.leaving.spawn(async move {
            let stored = on_disk.await.ok();
            (seq, bytes, stored.map(|()| Stored::Yes { readings: count, refused }))
        });
        Ok(())
    }

    async fn backlog(&mut self, seq: u64, batch: Vec<u8>, bytes: usize) -> Result<(), End> {
        let count = columns::count(&batch).map_err(|error| End::Fault(error.to_string()))?;
        self.gateway.state().readings_backlog += count as u64;
        let (stored, on_disk) = oneshot::channel();
        let late = LateBatch { seq, batch, channels: Arc::clone(&self.channels), stored };
        self.links.late.send(late).await.map_err(|_| End::Gone)?;
        self.leaving.spawn(async move { (seq, bytes, on_disk.await.ok()) });
        Ok(())
    }

    /// On disk first; batches that never come are settled by it.
    async fn gap(&mut self, gap: Gap) -> Result<(), End> {
        let why = match gap.why {
            GapCause::SpoolFull => "spool-full",
            GapCause::Thinned => "thinned",
            GapCause::DiskFull => "disk-full",
            GapCause::Damaged => "damaged",
        };
        let told = EdgeGap {
            edge: self.gateway.id.clone(),
            spool: self.book.spool.clone(),
            seqs: gap.from_seq..gap.until_seq,
            readings: gap.readings,
            from: Timestamp::from_millis(gap.from_ms),
            to: Timestamp::from_millis(gap.to_ms),
            why: why.to_owned(),
            told_at: (self.links.clock)(),
        };
        let (ledger, one) = (Arc::clone(&self.links.ledger), told.clone());
        let put = move || {
            let is_news = ledger.put_edge_gap(&one)?;
            is_news.then(|| ledger.edge_gap_totals(&one.edge)).transpose()
        };
        if let Some(totals) = blocking(put).await? {
            let edge = &self.gateway.id;
            tracing::error!(%edge, readings = told.readings, why, "an edge gateway lost readings");
            self.gateway.state().gap(told, totals);
        }
        if matches!(gap.why, GapCause::SpoolFull | GapCause::Damaged) {
            self.book.settle(SeqRange { from: gap.from_seq, until: gap.until_seq });
        }
        self.noted.gaps += 1;
        Ok(())
    }

    async fn health(&mut self, health: Health) -> Result<(), End> {
        for report in health.analyzers {
            let Some(&analyzer) = self.gateway.analyzers.get(&report.id) else {
                continue;
            };
            // The place is the gateway's own.
            let health = AnalyzerHealth { analyzer, ..report.health };
            let command = Command::Intake(Intake::Health(health));
            self.links.commands.send(command).await.map_err(|_| End::Gone)?;
        }
        let mut state = self.gateway.state();
        state.first_seq = health.spool.first_seq;
        state.next_seq = state.next_seq.max(health.spool.next_seq);
        state.spool = Some(health.spool);
        state.siren = health.siren;
        Ok(())
    }

    async fn clock(&mut self, mark: ClockMark) -> Result<(), End> {
        let now = (self.links.clock)();
        let Some(asked_ms) = mark.echo_ms else {
            let echo_ms = Some(mark.sent_ms);
            return self.say(Frame::Clock(ClockMark { sent_ms: now.as_millis(), echo_ms })).await;
        };
        let round_ms = now.as_millis().saturating_sub(asked_ms);
        if !(0..=ROUND_MS_MAX).contains(&round_ms) {
            return Ok(());
        }
        let middle_ms = asked_ms.saturating_add(round_ms / 2);
        let skew_ms = mark.sent_ms.saturating_sub(middle_ms);
        let clock = EdgeClock { at: now, skew_ms, round_ms };
        self.gateway.state().clock = Some(clock);
        let is_news = self.clock_written_ms.is_none_or(|(at_ms, written_ms)| {
            now.as_millis() - at_ms >= CLOCK_WRITTEN_EVERY_MS
                || skew_ms.saturating_sub(written_ms).saturating_abs() >= CLOCK_MOVED_MS
        });
        if !is_news {
            return Ok(());
        }
        self.clock_written_ms = Some((now.as_millis(), skew_ms));
        let (ledger, id) = (Arc::clone(&self.links.ledger), self.gateway.id.clone());
        // A clock that cannot be written is shown all the same; the disk's failure is told already.
        let _told = blocking(move || ledger.put_edge_clock(&id, clock)).await;
        Ok(())
    }

    /// On disk first, once, then shown. One of a channel that is not the gateway's is nobody's.
    async fn alarm(&mut self, alarm: EdgeAlarm) -> Result<(), End> {
        let (edge, warning, change) = (&self.gateway.id, &alarm.warning, alarm.edge);
        if !self.gateway.channels.contains_key(&alarm.channel) {
            tracing::warn!(%edge, channel = %alarm.channel, "an alarm of a channel of others");
            return Ok(());
        }
        tracing::warn!(%edge, %warning, ?change, "alarm of an edge gateway's own watch");
        let EdgeAlarm { warning, channel, rule, tier, edge: change, at, value } = alarm;
        let (edge, told_at) = (edge.clone(), (self.links.clock)());
        let event =
            EdgeAlarmEvent { edge, warning, channel, rule, tier, change, at, value, told_at };
        let (ledger, one) = (Arc::clone(&self.links.ledger), event.clone());
        if blocking(move || ledger.put_edge_alarm(&one)).await? {
            self.gateway.state().alarm(event);
        }
        Ok(())
    }
}
