//! What may be asked of the history: ranges, counts, lists of channels.
//!
//! Never lets a question through that could read without an end.

use std::collections::HashSet;
use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use siskin_model::{ChannelId, Timestamp};

use crate::backend::BackendError;
use crate::intake::IntakeFault;
use crate::problem::Failure;

/// The longest range of one answer: a leap year.
const SPAN_MAX_MS: i64 = 366 * 24 * 3_600_000;

/// The range [`from_ms`, `to_ms`).
pub(crate) fn of(from_ms: i64, to_ms: i64) -> Result<(Timestamp, Timestamp), IntakeFault> {
    let span_ms = to_ms.saturating_sub(from_ms);
    if span_ms <= 0 {
        return Err(IntakeFault::query("to_ms: must be later than from_ms"));
    }
    if span_ms > SPAN_MAX_MS {
        let days = SPAN_MAX_MS / (24 * 3_600_000);
        return Err(IntakeFault::query(format!(
            "to_ms: more than {days} days after from_ms; ask in parts"
        )));
    }
    Ok((Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms)))
}

/// A number that may be left out.
pub(super) fn within<T: PartialOrd + Display>(
    name: &str,
    number: Option<T>,
    allowed: RangeInclusive<T>,
) -> Result<Option<T>, IntakeFault> {
    match number {
        Some(number) if !allowed.contains(&number) => Err(IntakeFault::query(format!(
            "{name}: {number} is not within {} to {}",
            allowed.start(),
            allowed.end()
        ))),
        number => Ok(number),
    }
}

/// How many of a page; `default` where the client does not say.
pub(super) fn limit(
    asked: Option<u32>,
    default: u32,
    max: u32,
) -> Result<NonZeroUsize, IntakeFault> {
    let limit = within("limit", asked, 1..=max)?.unwrap_or(default);
    Ok(NonZeroUsize::new(limit as usize).unwrap_or(NonZeroUsize::MIN))
}

/// A number of a path; what is none names nothing.
pub(super) fn number(
    text: &str,
    missing: impl FnOnce(String) -> BackendError,
) -> Result<u64, BackendError> {
    text.parse().map_err(|_| missing(text.to_owned()))
}

/// The channel of a path. What is not an id cannot be the id of a channel.
pub(super) fn channel(id: &str) -> Result<ChannelId, Failure> {
    ChannelId::new(id).map_err(|_| Failure::ChannelNotFound { id: id.to_owned() })
}

/// The channels of a list with commas, each named once.
pub(crate) fn channels(list: &str) -> Result<Vec<ChannelId>, Failure> {
    let ids: Vec<ChannelId> = list.split(',').map(channel).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    match ids.iter().find(|id| !seen.insert(*id)) {
        Some(twice) => Err(IntakeFault::query(format!("channels: {twice} is named twice")).into()),
        None => Ok(ids),
    }
}
