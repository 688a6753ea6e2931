//! What the API needs of the figures of alarm management. Part of [`crate::Backend`], apart from it
//! because it reads a month of events: the route calls it off the async threads, few at a time.

mod csv;
mod fault;

use siskin_model::Timestamp;

use crate::backend::BackendError;
use crate::contract::KpisView;

pub use csv::kpis_csv;
pub use fault::KpiFault;

/// The longest span of one answer: the standards ask for 30 days.
pub const SPAN_MS_MAX: i64 = 31 * 24 * 3_600_000;
/// The span where none is named.
pub const SPAN_MS: i64 = 24 * 3_600_000;

/// The figures of a station.
pub trait Kpi: Send + Sync + 'static {
    /// Figures of [from, to), of one position or of all and the site. `to` is not ahead of now.
    fn kpis(
        &self,
        from: Timestamp,
        to: Timestamp,
        position: Option<&str>,
    ) -> Result<KpisView, BackendError>;
}

/// The span that is asked for, as the API and the command line take it.
pub fn span(
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), KpiFault> {
    let to_ms = to_ms.unwrap_or(now.as_millis()).min(now.as_millis());
    let from_ms = from_ms.unwrap_or(to_ms.saturating_sub(SPAN_MS));
    let length_ms = to_ms.saturating_sub(from_ms);
    if length_ms <= 0 {
        return Err(KpiFault::Backwards);
    }
    if length_ms > SPAN_MS_MAX {
        return Err(KpiFault::TooLong);
    }
    Ok((Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn check(from_ms: Option<i64>, to_ms: Option<i64>, expected: &Result<(i64, i64), KpiFault>) {
        let found = span(from_ms, to_ms, Timestamp::from_millis(NOW_MS));
        let found = found.map(|(from, to)| (from.as_millis(), to.as_millis()));
        assert_eq!(&found, expected, "{from_ms:?} {to_ms:?}");
    }

    #[test]
    fn a_span_is_a_day_by_default_a_month_at_most_and_never_ahead() {
        check(None, None, &Ok((NOW_MS - SPAN_MS, NOW_MS)));
        check(Some(NOW_MS - 5), None, &Ok((NOW_MS - 5, NOW_MS)));
        check(None, Some(1_000), &Ok((1_000 - SPAN_MS, 1_000)));
        check(Some(NOW_MS - 5), Some(NOW_MS + 5), &Ok((NOW_MS - 5, NOW_MS)));
        check(Some(NOW_MS), None, &Err(KpiFault::Backwards));
        check(Some(9), Some(8), &Err(KpiFault::Backwards));
        check(Some(NOW_MS - SPAN_MS_MAX), None, &Ok((NOW_MS - SPAN_MS_MAX, NOW_MS)));
        check(Some(NOW_MS - SPAN_MS_MAX - 1), None, &Err(KpiFault::TooLong));
        check(Some(i64::MIN), None, &Err(KpiFault::TooLong));
    }
}
