//! Messages whose time has come, and those that a centre asks for, from the stored readings.
//!
//! A period is computed when it is over and settled, once. Must never pass a period over without
//! counting it, or wait for anybody: what cannot be read now is tried again at the next step.

use siskin_model::uplink::{
    Uplink, UplinkCause, UplinkCursor, UplinkDraft, UplinkFactor, UplinkIntervals, UplinkKind,
};
use siskin_model::{Reading, Timestamp};
use siskin_wire::hj212::uplink::figure::{self, Mean, Spot};
use siskin_wire::hj212::uplink::period::{self, HOUR_MS};
use siskin_wire::hj212::uplink::upload::{self, CONTENT_BYTES_MAX, Form, SEALED_BYTES_MAX};

use super::desk::{Desk, DeskFault};

/// Periods of a kind that are made in one step: then others have their turn.
const STEP_MAX: usize = 50;
/// Open messages of averages: beyond it none are made until some were answered, since the store
/// remembers.
const OPEN_MAX: u64 = 10_000;
/// Open real-time data: beyond it the oldest are given up, which is counted and shown.
const REAL_TIME_OPEN_MAX: u32 = 2880;
/// Messages that one request of a centre may bring.
pub(crate) const ASKED_MAX: usize = 3000;
/// A reading counts as now for so many of its periods, and at least so long.
const POLLS_MAX: i64 = 3;
const AGE_MIN_MS: i64 = 15_000;

/// From what messages are made.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) uplink: &'a Uplink,
    pub(crate) intervals: UplinkIntervals,
    pub(crate) desk: &'a dyn Desk,
    pub(crate) utc_offset_s: i32,
}

/// Periods that are made up for after a stop; what is older is counted as passed over.
const fn made_up_for(kind: UplinkKind) -> i64 {
    match kind {
        UplinkKind::RealTime => 2880,
        UplinkKind::Minute => 4320,
        UplinkKind::Hour => 720,
        UplinkKind::Day => 60,
    }
}

impl Maker<'_> {
    /// Puts what is due into the book; how many messages.
    pub(crate) fn due(&self, real_time_stopped: bool, now: Timestamp) -> Result<usize, DeskFault> {
        let (desk, id) = (self.desk, self.uplink.id.as_str());
        let summary = desk.summary(id)?;
        let has_room = summary.open.saturating_sub(summary.open_real_time) < OPEN_MAX;
        let mut made = 0;
        for kind in &self.uplink.sends {
            let is_real_time = *kind == UplinkKind::RealTime;
            if is_real_time || has_room {
                made += self.due_of(*kind, is_real_time && real_time_stopped, now)?;
            }
        }
        if summary.open_real_time > u64::from(REAL_TIME_OPEN_MAX) {
            let why = "given up: newer real-time data wait, and no more may";
            desk.give_up(id, UplinkKind::RealTime, REAL_TIME_OPEN_MAX, why, now)?;
        }
        Ok(made)
    }

    fn due_of(
        &self,
        kind: UplinkKind,
        is_stopped: bool,
        now: Timestamp,
    ) -> Result<usize, DeskFault> {
        let (desk, id) = (self.desk, self.uplink.id.as_str());
        let length_ms = period::length_ms(kind, self.intervals);
        let settle_ms = if kind == UplinkKind::RealTime { 0 } else { self.uplink.settle_ms };
        let newest = period::begin_of(now.plus_ms(-settle_ms), length_ms, self.utc_offset_s);
        let move_to = |upto, skipped| {
            let cursor = UplinkCursor { kind, upto, skipped };
            desk.queue(id, &[], Some(cursor), now).map(|_| ())
        };
        let Some(upto) = desk.cursor(id, kind)? else {
            // Nothing from before the first start: the centre asks for it if it wants it.
            move_to(newest, 0)?;
            return Ok(0);
        };
        if newest <= upto {
            return Ok(0);
        }
        if is_stopped {
            move_to(newest, 0)?;
            return Ok(0);
        }
        let mut begin = period::begin_after(upto, length_ms, self.utc_offset_s);
        let waiting = newest.since_ms(begin) / length_ms;
        let skipped = (waiting - made_up_for(kind)).max(0);
        if skipped > 0 {
            begin = begin.plus_ms(skipped * length_ms);
            move_to(begin, skipped.unsigned_abs())?;
        }
        let mut made = 0;
        for _ in 0..STEP_MAX {
            let end = begin.plus_ms(length_ms);
            if end > newest {
                break;
            }
            // Real-time data are of the moment at which the time between two of them is over.
            let at = if kind == UplinkKind::RealTime { end } else { begin };
            let drafts = self.drafts(kind, at, UplinkCause::Due)?.0;
            let drafts: Vec<_> = drafts.into_iter().map(|draft| (draft, end)).collect();
            let cursor = UplinkCursor { kind, upto: end, skipped: 0 };
            made += desk.queue(id, &drafts, Some(cursor), now)?.len();
            begin = end;
        }
        Ok(made)
    }

    /// What a centre asks for, with both ends: the messages, none where no reading is stored.
    /// Periods that are not over are left out. `None`: more than one request may bring.
    pub(crate) fn asked(
        &self,
        kind: UplinkKind,
        (from, to): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Option<Vec<(UplinkDraft, Timestamp)>>, DeskFault> {
        let length_ms = period::length_ms(kind, self.intervals);
        let settle_ms = if kind == UplinkKind::RealTime { 0 } else { self.uplink.settle_ms };
        let span_ms = if kind == UplinkKind::RealTime { 0 } else { length_ms };
        let to = to.min(now.plus_ms(-settle_ms - span_ms));
        let mut begin = period::begin_after(from, length_ms, self.utc_offset_s);
        let count = to.since_ms(begin) / length_ms + 1;
        if count > i64::try_from(ASKED_MAX).unwrap_or(i64::MAX) {
            return Ok(None);
        }
        let (mut all, mut any) = (Vec::new(), false);
        while begin <= to {
            let (drafts, has_readings) = self.drafts(kind, begin, UplinkCause::Asked)?;
            any |= has_readings;
            all.extend(drafts.into_iter().map(|draft| (draft, begin.plus_ms(span_ms))));
            begin = begin.plus_ms(length_ms);
        }
        if all.len() > ASKED_MAX {
            return Ok(None);
        }
        Ok(Some(if any { all } else { Vec::new() }))
    }

    /// Real-time data of this moment.
    pub(crate) fn now(&self, now: Timestamp) -> Result<Vec<(UplinkDraft, Timestamp)>, DeskFault> {
        let (drafts, _) = self.drafts(UplinkKind::RealTime, now, UplinkCause::Asked)?;
        Ok(drafts.into_iter().map(|draft| (draft, now)).collect())
    }

    /// The messages of a moment or a period, and whether a reading is in it.
    fn drafts(
        &self,
        kind: UplinkKind,
        at: Timestamp,
        cause: UplinkCause,
    ) -> Result<(Vec<UplinkDraft>, bool), DeskFault> {
        let bytes_max =
            if self.uplink.sm4.is_some() { SEALED_BYTES_MAX } else { CONTENT_BYTES_MAX };
        let utc_offset_s = self.utc_offset_s;
        let form = Form { kind, cause, data_time: at, utc_offset_s, bytes_max };
        let mut any = false;
        if kind == UplinkKind::RealTime {
            let mut spots = Vec::with_capacity(self.uplink.factors.len());
            for factor in &self.uplink.factors {
                let (spot, has_readings) = self.spot(factor, at)?;
                any |= has_readings;
                spots.push((factor, spot));
            }
            return Ok((upload::real_time(&spots, form), any));
        }
        let length_ms = period::length_ms(kind, self.intervals);
        let mut means = Vec::with_capacity(self.uplink.factors.len());
        for factor in &self.uplink.factors {
            let (mean, has_readings) = self.mean(kind, factor, at, length_ms)?;
            any |= has_readings;
            means.push((factor, mean));
        }
        Ok((upload::averages(&means, length_ms, form), any))
    }

    pub(crate) fn spot(
        &self,
        factor: &UplinkFactor,
        at: Timestamp,
    ) -> Result<(Spot, bool), DeskFault> {
        let age_max_ms = (i64::from(factor.poll_ms) * POLLS_MAX).max(AGE_MIN_MS);
        let readings = self.readings(factor, at.plus_ms(-age_max_ms), age_max_ms + 1)?;
        Ok((figure::spot(&readings, at, age_max_ms, factor), !readings.is_empty()))
    }

    fn mean(
        &self,
        kind: UplinkKind,
        factor: &UplinkFactor,
        begin: Timestamp,
        length_ms: i64,
    ) -> Result<(Mean, bool), DeskFault> {
        if kind != UplinkKind::Day {
            let readings = self.readings(factor, begin, length_ms)?;
            let mean = match kind {
                UplinkKind::Hour => figure::hour(&readings, begin, factor),
                _ => figure::of_readings(&readings, length_ms, factor),
            };
            return Ok((mean, !readings.is_empty()));
        }
        // An hour at a time: a day of readings is never in memory.
        let (mut hours, mut any) = (Vec::new(), false);
        for hour in 0..length_ms / HOUR_MS {
            let begin = begin.plus_ms(hour * HOUR_MS);
            let readings = self.readings(factor, begin, HOUR_MS)?;
            any |= !readings.is_empty();
            hours.push(figure::hour(&readings, begin, factor));
        }
        Ok((figure::day(&hours, factor), any))
    }

    fn readings(
        &self,
        factor: &UplinkFactor,
        from: Timestamp,
        length_ms: i64,
    ) -> Result<Vec<Reading>, DeskFault> {
        self.desk.readings(factor.channel, from, from.plus_ms(length_ms))
    }
}
