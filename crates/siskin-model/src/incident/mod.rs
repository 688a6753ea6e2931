//! Incidents (事件): what a park keeps together about one event, from the first warning to the
//! lessons.
//!
//! An incident is the sum of its [`Entry`]s: they are written once and never changed, and
//! [`Incident::take`] is the one way in which one changes it. Must never judge by itself: a grade,
//! a met duty and a closure are acts of people.

mod act;
mod clock;
mod grade;
mod title;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AreaId, GasId, Timestamp, WarningId};

pub use act::{Act, ActRefused, Entry, Missing, may_be_discovered};
pub use clock::{Clock, ClockState, CountedFrom, Deadline, Duty, clocks, new_rings};
pub use grade::{Criterion, Figures, Grade, GradeRow, MetCriterion, Suggestion, suggest};
pub use title::Title;
pub use written::{
    FilledField, FilledFields, Filling, REPORT_VERSIONS_MAX, ReportKind, SignedReport,
};

/// How long before it was opened an incident may have been discovered, in days.
pub const DISCOVERED_DAYS_MAX: i64 = 366;
/// The most entries of one incident; what the system itself tells of it may go a little over.
pub const ENTRIES_MAX: u64 = 10_000;
/// The most files of one incident.
pub const FILES_MAX: usize = 200;
/// The largest file.
pub const FILE_BYTES_MAX: usize = 20 << 20;

/// `<site>-<yyyymmdd>-<number>`: the site's local date and the number of the day, from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(String);

impl IncidentId {
    /// What the ids of a day of a site begin with; the number follows.
    pub fn day(site: &str, at: Timestamp, utc_offset_s: i32) -> String {
        let local = at.rfc3339(utc_offset_s);
        let date: String = local.chars().take(10).filter(|c| *c != '-').collect();
        format!("{site}-{date}-")
    }

    /// The id of the `number`th incident of a `day`.
    pub fn of(day: &str, number: u64) -> Self {
        Self(format!("{day}{number}"))
    }

    /// An id as it came from outside; nothing needs to exist by it.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A judgement of the grade; none takes the grade back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The grade.
    pub grade: Option<Grade>,
    /// When it was judged.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// In which words.
    pub reason: String,
}

/// A duty that somebody has met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// When the report was made, as the person says.
    pub at: Timestamp,
    /// Who said so.
    pub by: String,
    /// When they said so.
    pub recorded_at: Timestamp,
    /// The number of the report, or of the call.
    pub reference: String,
}

/// A task of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The number of the entry that gave it.
    pub number: u64,
    /// What is to be done.
    pub text: String,
    /// By whom.
    pub owner: String,
    /// Until when.
    pub due: Option<Timestamp>,
    /// When it was done and who said so.
    pub done: Option<(Timestamp, String)>,
}

/// A file of an incident. The same bytes are kept once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its name as people gave it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What caused it.
    pub cause: String,
    /// What is learned from it.
    pub lessons: String,
    /// Why a duty was not met, by its id.
    pub unmet: BTreeMap<String, String>,
}

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What people call it.
    pub title: Title,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom; `station` where a warning opened it.
    pub opened_by: String,
    /// When the event was discovered: clocks count from here.
    pub discovered_at: Timestamp,
    /// Its areas.
    pub areas: BTreeSet<AreaId>,
    /// Its gases.
    pub gases: BTreeSet<GasId>,
    /// Its warnings, with whether they are over as far as the incident was told.
    pub warnings: BTreeMap<WarningId, bool>,
    /// Every judgement of its grade, oldest first.
    pub grades: Vec<Judgement>,
    /// What is known of its harm.
    pub figures: Figures,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Its files.
    pub files: Vec<FileRef>,
    /// The duties that were met.
    pub met: BTreeMap<String, Met>,
    /// Moments at which a clock has rung, by duty.
    pub rung: BTreeMap<String, BTreeSet<Timestamp>>,
    /// How it ended; none while it is open.
    pub closure: Option<Closure>,
    /// What people filled in for its reports.
    #[serde(default)]
    pub filled: FilledFields,
    /// Its signed reports, oldest first.
    #[serde(default)]
    pub reports: Vec<SignedReport>,
    /// How many entries it has.
    pub entries: u64,
}

impl Incident {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.closure.is_none()
    }

    /// The grade as last judged.
    pub fn grade(&self) -> Option<Grade> {
        self.grades.last().and_then(|judged| judged.grade)
    }

    /// When the grade was judged first.
    pub fn graded_at(&self) -> Option<Timestamp> {
        self.grades.first().map(|judged| judged.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_local_date() {
        // 2026-01-01 07:59:59.999 and 08:00 in UTC+8 are on both sides of no day, 00:00 is.
        let check = |ms, expected: &str| {
            let day = IncidentId::day("park", Timestamp::from_millis(ms), 8 * 3600);
            assert_eq!(IncidentId::of(&day, 3).as_str(), expected);
        };
        check(1_767_225_600_000, "park-20260101-3");
        check(1_767_196_799_999, "park-20251231-3");
        check(1_767_196_800_000, "park-20260101-3");
    }
}
