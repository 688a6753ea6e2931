//! What may be done to an incident, and what it is afterwards: one function for all acts.
//!
//! An act that is refused changes nothing. Acts on a closed incident are refused but for those of
//! its record (notes, files, reports that were made) and its opening anew.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Clock, ClockState, Closure, DISCOVERED_DAYS_MAX, ENTRIES_MAX, FILES_MAX, Figures, FileRef,
    Filling, Grade, Incident, IncidentId, Judgement, Met, REPORT_VERSIONS_MAX, ReportKind,
    SignedReport, Task, Title,
};
use crate::{AreaId, GasId, Tier, Timestamp, WarningId};

const MS_PER_DAY: i64 = 86_400_000;

/// Something that happens to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Act {
    /// It is opened.
    Open {
        /// What people call it.
        title: Title,
        /// When the event was discovered.
        discovered_at: Timestamp,
        /// Its areas.
        areas: BTreeSet<AreaId>,
        /// Its gases.
        gases: BTreeSet<GasId>,
    },
    /// Somebody writes something down.
    Note {
        /// What.
        text: String,
    },
    /// Somebody is to do something.
    Task {
        /// What.
        text: String,
        /// Who.
        owner: String,
        /// Until when.
        due: Option<Timestamp>,
    },
    /// A task is done.
    TaskDone {
        /// The number of the entry that gave it.
        task: u64,
        /// A note.
        note: String,
    },
    /// A file is added; it is on disk already.
    File {
        /// The file.
        file: FileRef,
    },
    /// A warning belongs to it.
    Join {
        /// The warning.
        warning: WarningId,
        /// Its area.
        area: AreaId,
        /// Its gas.
        gas: GasId,
        /// Its tier then.
        tier: Tier,
    },
    /// A warning of it is over.
    Leave {
        /// The warning.
        warning: WarningId,
    },
    /// What is known of it changes; a field that is none stays.
    Change {
        /// What people call it.
        title: Option<String>,
        /// When the event was discovered.
        discovered_at: Option<Timestamp>,
        /// What is known of its harm.
        figures: Option<Figures>,
    },
    /// Its grade is judged.
    Grade {
        /// The grade; none takes it back.
        grade: Option<Grade>,
        /// In which words.
        reason: String,
    },
    /// A duty was met.
    Met {
        /// The duty.
        duty: String,
        /// When the report was made.
        at: Timestamp,
        /// The number of the report, or of the call.
        reference: String,
    },
    /// A clock rang.
    Rung {
        /// The duty.
        duty: String,
        /// Which ring.
        ring: Timestamp,
        /// When its time is over.
        due: Timestamp,
        /// Whether it is.
        overdue: bool,
    },
    /// Somebody fills in fields of a report.
    ReportFill {
        /// Of which one.
        report: ReportKind,
        /// By their ids; none takes back what was said.
        fields: BTreeMap<String, Option<Filling>>,
    },
    /// Somebody signs a report; its files are on disk already.
    ReportSign {
        /// The version.
        report: Box<SignedReport>,
    },
    /// It is closed.
    Close {
        /// What caused it.
        cause: String,
        /// What is learned from it.
        lessons: String,
        /// Why a duty was not met, by its id.
        unmet: BTreeMap<String, String>,
    },
    /// It is opened again.
    Reopen {
        /// Why.
        reason: String,
    },
}

impl Act {
    /// The name of the act in the audit.
    pub const fn audit_name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "incident.open",
            Self::Note { .. } => "incident.note",
            Self::Task { .. } => "incident.task",
            Self::TaskDone { .. } => "incident.task-done",
            Self::File { .. } => "incident.file",
            Self::Join { .. } => "incident.join",
            Self::Leave { .. } => "incident.leave",
            Self::Change { .. } => "incident.change",
            Self::Grade { .. } => "incident.grade",
            Self::Met { .. } => "incident.met",
            Self::Rung { .. } => "incident.clock",
            Self::ReportFill { .. } => "report.fill",
            Self::ReportSign { .. } => "report.sign",
            Self::Close { .. } => "incident.close",
            Self::Reopen { .. } => "incident.reopen",
        }
    }

    /// Whether it may be done to an incident that is closed.
    const fn fits_closed(&self) -> bool {
        matches!(
            self,
            Self::Note { .. }
                | Self::File { .. }
                | Self::Met { .. }
                | Self::Leave { .. }
                | Self::ReportFill { .. }
                | Self::ReportSign { .. }
                | Self::Reopen { .. }
        )
    }

    /// Whether it is taken beyond [`ENTRIES_MAX`]: what the station tells by itself is never lost,
    /// and a full incident can be reported and closed.
    const fn has_no_limit(&self) -> bool {
        matches!(
            self,
            Self::Join { .. }
                | Self::Leave { .. }
                | Self::Rung { .. }
                | Self::Met { .. }
                | Self::ReportSign { .. }
                | Self::Close { .. }
        )
    }
}

/// An act with its place, its time and its person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the incident, from 1.
    pub number: u64,
    /// When, by the station's clock.
    pub at: Timestamp,
    /// Who; `station` for what it did by itself.
    pub by: String,
    /// What.
    pub act: Act,
}

/// Why an act was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActRefused {
    /// Closed incidents are a record.
    #[error("the incident is closed; hint: open it again first")]
    Closed,
    /// It cannot be opened twice.
    #[error("the incident is open; hint: nothing needs to be done")]
    Open,
    /// There is no such task.
    #[error("the incident has no task `{0}`; hint: its entries list the tasks")]
    NoTask(u64),
    /// It was done before.
    #[error("task `{0}` is done already; hint: write a note")]
    TaskDone(u64),
    /// There is no such duty.
    #[error("the incident has no duty `{0}`; hint: its clocks list the duties")]
    NoDuty(String),
    /// A duty is met once.
    #[error("duty `{0}` was met already; hint: write a note with what is to be added")]
    AlreadyMet(String),
    /// Nothing is reported in the future, nor discovered.
    #[error("`{0}` lies in the future; hint: compare the clocks")]
    Future(Timestamp),
    /// Nothing was discovered so long before it was opened: a pack of a lifetime has no end.
    #[error(
        "`{0}` lies more than {DISCOVERED_DAYS_MAX} days before the incident was opened; \
         hint: write the earlier time into a note"
    )]
    TooLongAgo(Timestamp),
    /// Too many entries.
    #[error("the incident has {ENTRIES_MAX} entries; hint: attach what is to be added as a file")]
    TooManyEntries,
    /// Too many files.
    #[error("the incident has {FILES_MAX} files; hint: pack several into one")]
    TooManyFiles,
    /// Another version was signed meanwhile.
    #[error("version {version} cannot be signed, {expected} is next; hint: read the draft again")]
    ReportVersion {
        /// The one that was to be signed.
        version: u32,
        /// The next one.
        expected: u32,
    },
    /// Something happened to the incident while a report of it was made.
    #[error("the draft has changed meanwhile; hint: read it again")]
    ReportChanged,
    /// Too many versions of a report.
    #[error("the report has {REPORT_VERSIONS_MAX} versions; hint: attach the next as a file")]
    TooManyReports,
    /// What a closure needs is not there.
    #[error("the incident cannot be closed yet; hint: {}", missing_text(.0))]
    NotClosable(Vec<Missing>),
}

/// What a closure lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// What caused it.
    Cause,
    /// What is learned.
    Lessons,
    /// A duty that was not met, with no explanation.
    Duty(String),
    /// A warning of it that is not over.
    Warning(WarningId),
}

fn missing_text(missing: &[Missing]) -> String {
    let text = |one: &Missing| match one {
        Missing::Cause => "write the cause".to_owned(),
        Missing::Lessons => "write the lessons".to_owned(),
        Missing::Duty(duty) => format!("meet duty `{duty}` or explain in `unmet` why not"),
        Missing::Warning(id) => format!("warning `{id}` is still open"),
    };
    missing.iter().map(text).collect::<Vec<_>>().join(", ")
}

impl Incident {
    /// A new incident; its first entry is the act that opens it.
    pub fn open(id: IncidentId, act: Act, by: &str, now: Timestamp) -> Option<(Self, Entry)> {
        let Act::Open { title, discovered_at, areas, gases } = act.clone() else {
            return None;
        };
        let incident = Self {
            id,
            title,
            opened_at: now,
            opened_by: by.to_owned(),
            discovered_at,
            areas,
            gases,
            warnings: BTreeMap::new(),
            grades: Vec::new(),
            figures: Figures::default(),
            tasks: Vec::new(),
            files: Vec::new(),
            met: BTreeMap::new(),
            rung: BTreeMap::new(),
            closure: None,
            filled: BTreeMap::new(),
            reports: Vec::new(),
            entries: 1,
        };
        Some((incident, Entry { number: 1, at: now, by: by.to_owned(), act }))
    }

    /// The incident after `act`, and its entry.
    pub fn take(&self, act: Act, by: &str, now: Timestamp) -> Result<(Self, Entry), ActRefused> {
        if !self.is_open() && !act.fits_closed() {
            return Err(ActRefused::Closed);
        }
        if self.entries >= ENTRIES_MAX && !act.has_no_limit() {
            return Err(ActRefused::TooManyEntries);
        }
        let number = self.entries + 1;
        let entry = Entry { number, at: now, by: by.to_owned(), act };
        let mut after = self.clone();
        after.entries = number;
        after.apply(&entry)?;
        Ok((after, entry))
    }

    fn apply(&mut self, entry: &Entry) -> Result<(), ActRefused> {
        let (now, by) = (entry.at, &entry.by);
        match entry.act.clone() {
            Act::Open { .. } => return Err(ActRefused::Open),
            Act::Note { .. } => {}
            Act::Task { text, owner, due } => {
                let number = entry.number;
                self.tasks.push(Task { number, text, owner, due, done: None });
            }
            Act::TaskDone { task, .. } => self.task_done(task, now, by)?,
            Act::File { file } => self.add_file(file)?,
            Act::Join { warning, area, gas, .. } => {
                self.areas.insert(area);
                self.gases.insert(gas);
                self.warnings.insert(warning, false);
            }
            Act::Leave { warning } => {
                self.warnings.insert(warning, true);
            }
            Act::Change { title, discovered_at, figures } => {
                if let Some(at) = discovered_at {
                    may_be_discovered(at, self.opened_at, now)?;
                }
                if let Some(title) = title {
                    self.title = Title::Said(title);
                }
                self.discovered_at = discovered_at.unwrap_or(self.discovered_at);
                self.figures = figures.unwrap_or_else(|| std::mem::take(&mut self.figures));
            }
            Act::Grade { grade, reason } => {
                self.grades.push(Judgement { grade, at: now, by: by.clone(), reason });
            }
            Act::Met { duty, at, reference } => {
                not_after(Some(at), now)?;
                if self.met.contains_key(&duty) {
                    return Err(ActRefused::AlreadyMet(duty));
                }
                let met = Met { at, by: by.clone(), recorded_at: now, reference };
                self.met.insert(duty, met);
            }
            Act::Rung { duty, ring, .. } => {
                self.rung.entry(duty).or_default().insert(ring);
            }
            Act::ReportFill { report, fields } => self.fill_report(report, fields, (by, now)),
            Act::ReportSign { report } => self.sign_report(*report)?,
            Act::Close { cause, lessons, unmet } => {
                self.closure = Some(Closure { at: now, by: by.clone(), cause, lessons, unmet });
            }
            Act::Reopen { .. } if self.is_open() => return Err(ActRefused::Open),
            Act::Reopen { .. } => self.closure = None,
        }
        Ok(())
    }

    fn task_done(&mut self, number: u64, now: Timestamp, by: &str) -> Result<(), ActRefused> {
        let task = self.tasks.iter_mut().find(|task| task.number == number);
        let task = task.ok_or(ActRefused::NoTask(number))?;
        if task.done.is_some() {
            return Err(ActRefused::TaskDone(number));
        }
        task.done = Some((now, by.to_owned()));
        Ok(())
    }

    fn add_file(&mut self, file: FileRef) -> Result<(), ActRefused> {
        if self.files.len() >= FILES_MAX {
            return Err(ActRefused::TooManyFiles);
        }
        self.files.push(file);
        Ok(())
    }

    /// Whether `act` is about a duty that the incident has.
    pub fn has_duty(act: &Act, clocks: &[Clock<'_>]) -> Result<(), ActRefused> {
        let Act::Met { duty, .. } = act else {
            return Ok(());
        };
        let is_known = clocks.iter().any(|clock| clock.duty.id == *duty);
        if is_known { Ok(()) } else { Err(ActRefused::NoDuty(duty.clone())) }
    }

    /// Whether `act` may close it: cause and lessons are written, each of `clocks` is met or it is
    /// explained why not, and none of its warnings is open.
    pub fn may_close(&self, act: &Act, clocks: &[Clock<'_>]) -> Result<(), ActRefused> {
        let Act::Close { cause, lessons, unmet } = act else {
            return Ok(());
        };
        let explained = |id: &str| unmet.get(id).is_some_and(|why| !why.trim().is_empty());
        let cause = cause.trim().is_empty().then_some(Missing::Cause);
        let lessons = lessons.trim().is_empty().then_some(Missing::Lessons);
        let duties = clocks.iter().filter(|clock| {
            let is_met = matches!(clock.state, ClockState::Met | ClockState::MetLate);
            !is_met && !explained(&clock.duty.id)
        });
        let duties = duties.map(|clock| Missing::Duty(clock.duty.id.clone()));
        let open = self.warnings.iter().filter(|(_, is_over)| !**is_over);
        let open = open.map(|(id, _)| Missing::Warning(id.clone()));
        let missing: Vec<_> = cause.into_iter().chain(lessons).chain(duties).chain(open).collect();
        if missing.is_empty() { Ok(()) } else { Err(ActRefused::NotClosable(missing)) }
    }
}

/// Whether what was opened at `opened_at` may have been discovered at `at`.
pub fn may_be_discovered(
    at: Timestamp,
    opened_at: Timestamp,
    now: Timestamp,
) -> Result<(), ActRefused> {
    not_after(Some(at), now)?;
    if at < opened_at.plus_ms(-DISCOVERED_DAYS_MAX * MS_PER_DAY) {
        return Err(ActRefused::TooLongAgo(at));
    }
    Ok(())
}

fn not_after(at: Option<Timestamp>, now: Timestamp) -> Result<(), ActRefused> {
    match at.filter(|at| *at > now) {
        Some(at) => Err(ActRefused::Future(at)),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Text;
    use crate::incident::{CountedFrom, Deadline, Duty, clocks};

    pub(in crate::incident) fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    /// Opened and discovered at 0 by 李雷.
    pub(in crate::incident) fn by_hand() -> Incident {
        let act = Act::Open {
            title: "氯气泄漏".to_owned().into(),
            discovered_at: at(0),
            areas: [AreaId::new("yard").unwrap()].into(),
            gases: BTreeSet::new(),
        };
        Incident::open(IncidentId::from_text("park-20260101-1"), act, "李雷", at(0)).unwrap().0
    }

    pub(in crate::incident) fn taken(incident: &Incident, act: Act, now_ms: i64) -> Incident {
        incident.take(act, "韩梅梅", at(now_ms)).unwrap().0
    }

    fn note() -> Act {
        Act::Note { text: "到场".to_owned() }
    }

    fn close(cause: &str, lessons: &str, unmet: &[(&str, &str)]) -> Act {
        let text = |(duty, why): &(&str, &str)| ((*duty).to_owned(), (*why).to_owned());
        Act::Close {
            cause: cause.to_owned(),
            lessons: lessons.to_owned(),
            unmet: unmet.iter().map(text).collect(),
        }
    }

    #[track_caller]
    fn check_refused(incident: &Incident, act: Act, expected: &ActRefused) {
        let found = incident.take(act, "韩梅梅", at(10)).unwrap_err();
        assert_eq!(found, *expected);
        assert!(found.to_string().contains("hint: "), "{found}");
    }

    #[test]
    fn tasks_are_given_and_done_once() {
        let task = Act::Task { text: "关阀".to_owned(), owner: "王强".to_owned(), due: None };
        let given = taken(&by_hand(), task, 1);
        assert_eq!((given.tasks.len(), given.tasks[0].number), (1, 2));
        let done = Act::TaskDone { task: 2, note: String::new() };
        let after = taken(&given, done.clone(), 5);
        assert_eq!(after.tasks[0].done, Some((at(5), "韩梅梅".to_owned())));
        check_refused(&after, done, &ActRefused::TaskDone(2));
        let other = Act::TaskDone { task: 3, note: String::new() };
        check_refused(&after, other, &ActRefused::NoTask(3));
    }

    #[test]
    fn nothing_is_reported_or_discovered_in_the_future_and_a_duty_is_met_once() {
        let change = |ms| Act::Change { title: None, discovered_at: Some(at(ms)), figures: None };
        check_refused(&by_hand(), change(11), &ActRefused::Future(at(11)));
        assert_eq!(taken(&by_hand(), change(-9), 10).discovered_at, at(-9));
        let year_ms = DISCOVERED_DAYS_MAX * MS_PER_DAY;
        assert_eq!(taken(&by_hand(), change(-year_ms), 10).discovered_at, at(-year_ms));
        let long_ago = -year_ms - 1;
        check_refused(&by_hand(), change(long_ago), &ActRefused::TooLongAgo(at(long_ago)));
        check_refused(&by_hand(), change(i64::MIN), &ActRefused::TooLongAgo(at(i64::MIN)));
        let met = |ms| Act::Met { duty: "a".to_owned(), at: at(ms), reference: String::new() };
        check_refused(&by_hand(), met(11), &ActRefused::Future(at(11)));
        let after = taken(&by_hand(), met(9), 10);
        check_refused(&after, met(9), &ActRefused::AlreadyMet("a".to_owned()));
    }

    #[test]
    fn a_closed_incident_is_a_record_until_it_is_opened_again() {
        let closed = taken(&by_hand(), close("a", "b", &[]), 5);
        assert!(!closed.is_open());
        let graded = Act::Grade { grade: Some(Grade::IV), reason: String::new() };
        check_refused(&closed, graded, &ActRefused::Closed);
        check_refused(&closed, close("a", "b", &[]), &ActRefused::Closed);
        assert_eq!(taken(&closed, note(), 6).entries, 3);
        let again = taken(&closed, Act::Reopen { reason: "又漏".to_owned() }, 7);
        assert!(again.is_open());
        check_refused(&again, Act::Reopen { reason: String::new() }, &ActRefused::Open);
    }

    #[test]
    fn a_closure_lacks_what_it_lacks() {
        let text = || Text::new("报", "report");
        let duty = Duty {
            id: "county".to_owned(),
            name: text(),
            who: text(),
            to: text(),
            counted_from: CountedFrom::Discovered,
            deadlines: vec![Deadline { grade: Grade::IV, within_ms: 1 }],
            ring_at_percent: None,
            ring_before_ms: None,
            source: String::new(),
            verified: false,
        };
        let warning = WarningId::from_text("w");
        let join = Act::Join {
            warning: warning.clone(),
            area: AreaId::new("jetty").unwrap(),
            gas: GasId::new("chlorine").unwrap(),
            tier: Tier::Red,
        };
        let joined = taken(&by_hand(), join, 1);
        assert!(joined.areas.len() == 2 && joined.gases.len() == 1);
        let left = taken(&joined, Act::Leave { warning: warning.clone() }, 2);
        let duties = [duty];
        let check = |incident: &Incident, act: &Act, expected: &[Missing]| {
            let found = incident.may_close(act, &clocks(incident, &duties, at(3)));
            let found = match found {
                Err(ActRefused::NotClosable(missing)) => missing,
                other => other.map(|()| Vec::new()).unwrap(),
            };
            assert_eq!(found, expected);
        };
        let county = || Missing::Duty("county".to_owned());
        check(
            &joined,
            &close(" ", "", &[("county", " ")]),
            &[Missing::Cause, Missing::Lessons, county(), Missing::Warning(warning.clone())],
        );
        check(&left, &close("a", "b", &[]), &[county()]);
        let other = Act::Met { duty: "city".to_owned(), at: at(3), reference: String::new() };
        let found = Incident::has_duty(&other, &clocks(&left, &duties, at(3)));
        assert_eq!(found, Err(ActRefused::NoDuty("city".to_owned())));
        check(&left, &close("a", "b", &[("county", "未达报告条件")]), &[]);
        let met = Act::Met { duty: "county".to_owned(), at: at(3), reference: String::new() };
        check(&taken(&left, met, 3), &close("a", "b", &[]), &[]);
    }

    #[test]
    fn people_fill_an_incident_to_its_limits_and_the_station_goes_on() {
        let full = Incident { entries: ENTRIES_MAX, ..by_hand() };
        check_refused(&full, note(), &ActRefused::TooManyEntries);
        let leave = Act::Leave { warning: WarningId::from_text("w") };
        assert_eq!(taken(&full, leave, 1).entries, ENTRIES_MAX + 1);
        let file = FileRef { name: "a".to_owned(), bytes: 1, sha256: "0".to_owned() };
        let files = Incident { files: vec![file.clone(); FILES_MAX], ..by_hand() };
        check_refused(&files, Act::File { file }, &ActRefused::TooManyFiles);
    }
}
