//! Which time is meant: a shift of the roster, a local day, a local month.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use siskin_api::contract::PeriodKindView;
use siskin_api::periods::PeriodFault;
use siskin_model::{Site, Timestamp};
use siskin_store::Ledger;

use super::PeriodError;

/// A time with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) kind: PeriodKindView,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Period {
    /// The one that `at` lies in; `now` where it is none.
    pub(crate) fn of(
        kind: PeriodKindView,
        at: Option<&str>,
        (site, ledger, now): (&Site, &Ledger, Timestamp),
    ) -> Result<Self, PeriodError> {
        let offset = Offset::from_seconds(site.utc_offset_s).unwrap_or(Offset::UTC);
        let moment = at.map_or(Ok(now), |text| moment(text, offset))?;
        let (from, to) = match kind {
            PeriodKindView::Shift => shift(ledger, moment)?,
            PeriodKindView::Day | PeriodKindView::Month => {
                let text = || PeriodFault::BadAt(at.unwrap_or_default().to_owned());
                calendar(kind, moment, offset).ok_or_else(text)?
            }
        };
        if from >= now {
            return Err(PeriodFault::Ahead.into());
        }
        Ok(Self { kind, from, to })
    }
}

/// A local date means its first moment.
fn moment(text: &str, offset: Offset) -> Result<Timestamp, PeriodFault> {
    let bad = || PeriodFault::BadAt(text.to_owned());
    if let Ok(date) = text.parse::<Date>()
        && text.len() == "2026-11-28".len()
    {
        return begin(date, offset).ok_or_else(bad);
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| bad())?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

fn begin(date: Date, offset: Offset) -> Option<Timestamp> {
    let midnight = DateTime::from_parts(date, jiff::civil::Time::midnight());
    let moment = offset.to_timestamp(midnight).ok()?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

fn calendar(
    kind: PeriodKindView,
    moment: Timestamp,
    offset: Offset,
) -> Option<(Timestamp, Timestamp)> {
    let moment = jiff::Timestamp::from_millisecond(moment.as_millis()).ok()?;
    let date = offset.to_datetime(moment).date();
    let (first, last) = match kind {
        PeriodKindView::Month => (date.first_of_month(), date.last_of_month()),
        _ => (date, date),
    };
    Some((begin(first, offset)?, begin(last.tomorrow().ok()?, offset)?))
}

/// The shift that a moment lies in; where desks have several, the one that began last.
fn shift(ledger: &Ledger, moment: Timestamp) -> Result<(Timestamp, Timestamp), PeriodError> {
    let found = ledger.shifts(moment, moment.plus_ms(1))?;
    let last = found.iter().max_by_key(|shift| (shift.from, shift.to));
    let shift = last.ok_or(PeriodFault::NoShift)?;
    Ok((shift.from, shift.to))
}
