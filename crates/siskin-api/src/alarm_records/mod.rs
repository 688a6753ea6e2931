//! What the API needs of the record of alarms. Part of [`crate::Backend`], apart from it because it
//! reads what is over: the routes call it off the async threads, few at a time.

mod asked;
mod fault;

use std::fmt;
use std::str::FromStr;

use siskin_model::{ChannelId, RuleId, Timestamp, Who};

use crate::backend::BackendError;
use crate::contract::{AlarmExportForm, AlarmRecordView, AlarmRecordsView, ExportLang};

pub use asked::AlarmsAsked;
pub use fault::AlarmRecordsFault;

/// The most records of one page.
pub const PAGE_MAX: u32 = 2_000;
/// Records of a page where nothing is said.
pub const PAGE_DEFAULT: u32 = 200;
/// The most records of an export, and of an answer in the order of rank: all of them are in memory.
pub const WHOLE_MAX: usize = 50_000;

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmCursor {
    /// When its last record began.
    pub raised_at: Timestamp,
    /// Whose it was.
    pub rule: RuleId,
    /// On which channel.
    pub channel: ChannelId,
}

impl fmt::Display for AlarmCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.raised_at.as_millis(), self.rule, self.channel)
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAlarmCursor;

impl FromStr for AlarmCursor {
    type Err = NoAlarmCursor;

    fn from_str(text: &str) -> Result<Self, NoAlarmCursor> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(NoAlarmCursor);
        let ms = part()?.parse().map_err(|_| NoAlarmCursor)?;
        let rule = RuleId::new(part()?).map_err(|_| NoAlarmCursor)?;
        let channel = ChannelId::new(part()?).map_err(|_| NoAlarmCursor)?;
        Ok(Self { raised_at: Timestamp::from_millis(ms), rule, channel })
    }
}

/// The record of alarms of a station.
pub trait AlarmRecords: Send + Sync + 'static {
    /// A page of records, newest begin first, after the cursor; at most `limit`.
    fn alarm_records(
        &self,
        asked: &AlarmsAsked,
        after: Option<&AlarmCursor>,
        limit: usize,
    ) -> Result<AlarmRecordsView, BackendError>;
    /// All records that fit and are not history, in the order of rank.
    fn alarms_ranked(&self, asked: &AlarmsAsked) -> Result<AlarmRecordsView, BackendError>;
    /// Records as a file, and in the audit that `who` took them, and what was asked.
    fn alarm_file(
        &self,
        who: &Who,
        asked: &AlarmsAsked,
        records: &[AlarmRecordView],
        form: AlarmExportForm,
        lang: ExportLang,
    ) -> Result<Vec<u8>, BackendError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_was_given_and_nothing_else() {
        let one = AlarmCursor {
            raised_at: Timestamp::from_millis(-5),
            rule: RuleId::new("high-1").unwrap(),
            channel: ChannelId::new("AT-1_x").unwrap(),
        };
        assert_eq!(one.to_string().parse(), Ok(one));
        for text in ["", "5", "5.a", "5.a.", "5..b", "x.a.b", "5.a.b.c", "5.a.b c"] {
            assert_eq!(text.parse::<AlarmCursor>(), Err(NoAlarmCursor), "{text}");
        }
    }
}
