//! Incidents: what happened, who must be told by when, and what people did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::warnings::WarningView;
use super::words::TextView;

/// A grade: IV ordinary, III larger, II major, I especially major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "the names are the grades")]
pub enum GradeView {
    IV,
    III,
    II,
    I,
}

/// What is known of the harm; null is not known, never zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresView {
    /// Dead.
    #[serde(default)]
    pub deaths: Option<u64>,
    /// Poisoned or seriously hurt.
    #[serde(default)]
    pub poisoned: Option<u64>,
    /// Evacuated or moved.
    #[serde(default)]
    pub evacuated: Option<u64>,
    /// Direct loss.
    #[serde(default)]
    pub loss_yuan: Option<u64>,
    /// Ids of further criteria of the table of grades that hold.
    #[serde(default)]
    pub other: Vec<String>,
}

/// An incident in short; `incident` on the live stream. Such an event has no place in the ledger:
/// who reconnects asks for the list again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentSummaryView {
    /// `<site>-<local date>-<number of the day>`.
    pub id: String,
    /// What people call it; where the station named it, in both languages in one line.
    pub title: String,
    /// The same by language; as it was written in both where a person named it.
    pub title_text: TextView,
    /// `open` or `closed`.
    pub state: String,
    /// When it was opened.
    pub opened_at: String,
    /// By whom; `station` where a warning opened it.
    pub opened_by: String,
    /// When the event was discovered: clocks count from here.
    pub discovered_at: String,
    /// Its areas.
    pub areas: Vec<String>,
    /// Its gases.
    pub gases: Vec<String>,
    /// Its grade as last judged.
    pub grade: Option<GradeView>,
    /// Its warnings.
    pub warnings: Vec<String>,
    /// How many entries it has: it changed when this did.
    pub entries: u64,
}

/// How a duty was met.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetView {
    /// When the report was made.
    pub at: String,
    /// Who said so.
    pub by: String,
    /// When they said so.
    pub recorded_at: String,
    /// The number of the report, or of the call.
    pub reference: String,
}

/// A duty to report and the time that is left for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClockView {
    /// The duty.
    pub duty: String,
    /// What it is.
    pub name: TextView,
    /// Who has it.
    pub who: TextView,
    /// Whom they report to.
    pub to: TextView,
    /// `waiting` (what it counts from has not happened), `running`, `close`, `overdue`, `met` or
    /// `met-late`.
    pub state: String,
    /// Since when time counts.
    pub from: Option<String>,
    /// Until when.
    pub due: Option<String>,
    /// Until then; negative when it is over.
    pub left_ms: Option<i64>,
    /// Whether the incident has no grade and the shortest time stands in.
    pub provisional: bool,
    /// When it rings; the last one is the end.
    pub rings: Vec<String>,
    /// How it was met.
    pub met: Option<MetView>,
    /// The law or plan that says so.
    pub source: String,
    /// Whether it was read there.
    pub verified: bool,
}

/// A clock that is close to its end, or over it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClockNoticeView {
    /// Of which incident.
    pub incident: String,
    /// What people call it; where the station named it, in both languages in one line.
    pub title: String,
    /// The same by language; as it was written in both where a person named it.
    pub title_text: TextView,
    /// The clock.
    pub clock: ClockView,
}

/// Incidents, and the clocks that somebody must look at.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentsView {
    /// Newest first, at most 1,000.
    pub incidents: Vec<IncidentSummaryView>,
    /// Clocks of open incidents that are close to their end or over it, the soonest first.
    pub notices: Vec<ClockNoticeView>,
    /// Why warnings open no incidents and clocks do not ring now; none while they do.
    pub failure: Option<String>,
}

/// A criterion that holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetCriterionView {
    /// `deaths`, `poisoned`, `evacuated`, `loss_yuan`, or the id of a further one.
    pub criterion: String,
    /// The number that was compared.
    pub value: Option<u64>,
    /// With what.
    pub from: Option<u64>,
    /// What must hold, of a further one.
    pub name: Option<TextView>,
    /// Whether the criterion was read in its source.
    pub verified: bool,
}

/// What the table of grades says of the figures: help, never a judgement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SuggestionView {
    /// The highest grade of which a criterion holds, or the least.
    pub grade: GradeView,
    /// Those that hold in it.
    pub met: Vec<MetCriterionView>,
    /// Figures that are not known: each may still raise it.
    pub unknown: Vec<String>,
    /// Where the table stands.
    pub source: String,
}

/// A judgement of the grade.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JudgementView {
    /// The grade; none takes it back.
    pub grade: Option<GradeView>,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// In which words.
    pub reason: String,
}

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentTaskView {
    /// Its number.
    pub number: u64,
    /// What is to be done.
    pub text: String,
    /// By whom.
    pub owner: String,
    /// Until when.
    pub due: Option<String>,
    /// When it was done.
    pub done_at: Option<String>,
    /// Who said so.
    pub done_by: Option<String>,
}

/// A file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentFileView {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 in hexadecimal; it is fetched by this.
    pub sha256: String,
}

/// Something that happened to an incident.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentEntryView {
    /// Its place, from 1.
    pub number: u64,
    /// When.
    pub at: String,
    /// Who; `station` for what it did by itself.
    pub by: String,
    /// The act as in the audit, for example `incident.note`.
    pub act: String,
    /// What it is about: a warning, a duty, a task, a file's sum, a grade.
    pub about: Option<String>,
    /// What people wrote.
    pub text: Option<String>,
    /// The moment it speaks of: a report, a ring, a deadline, the discovery.
    pub moment: Option<String>,
}

/// How an incident ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClosureView {
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What caused it.
    pub cause: String,
    /// What is learned from it.
    pub lessons: String,
    /// Why a duty was not met, by its id.
    pub unmet: BTreeMap<String, String>,
}

/// An incident with everything of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    /// In short.
    pub incident: IncidentSummaryView,
    /// What is known of the harm.
    pub figures: FiguresView,
    /// What the table of grades says of it.
    pub suggestion: Option<SuggestionView>,
    /// Every judgement of the grade, oldest first.
    pub judgements: Vec<JudgementView>,
    /// The duties to report and their time.
    pub clocks: Vec<ClockView>,
    /// Its tasks.
    pub tasks: Vec<IncidentTaskView>,
    /// Its files.
    pub files: Vec<IncidentFileView>,
    /// Its warnings as they stand.
    pub warnings: Vec<WarningView>,
    /// Its entries after the one that was asked for, at most 1,000.
    pub entries: Vec<IncidentEntryView>,
    /// Ask with this `after` for more entries; none when there are no more.
    pub next_after: Option<u64>,
    /// How it ended.
    pub closure: Option<ClosureView>,
}

/// Query of one incident.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IncidentQuery {
    /// Entries after this one; 0 from the first on.
    #[serde(default)]
    pub after: u64,
}

/// Query of the list of incidents.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IncidentsQuery {
    /// `true`: closed ones too.
    #[serde(default)]
    pub closed: bool,
}

/// Query of a file that is added.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IncidentFileQuery {
    /// Its name, 1 to 200 characters.
    pub name: String,
}

/// A new incident.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenIncidentRequest {
    /// What people call it, 1 to 200 characters.
    pub title: String,
    /// When the event was discovered, ms since 1970; now where it is left out.
    #[serde(default)]
    pub discovered_at_ms: Option<i64>,
    /// Its areas, at most 100.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Its gases, at most 100.
    #[serde(default)]
    pub gases: Vec<String>,
    /// Warnings that belong to it, at most 100.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A judgement of the grade.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GradeRequest {
    /// The grade; null takes it back.
    pub grade: Option<GradeView>,
    /// Why, at most 2,000 characters.
    #[serde(default)]
    pub reason: String,
}

/// What is to change; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeIncidentRequest {
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// When the event was discovered, ms since 1970; not in the future.
    #[serde(default)]
    pub discovered_at_ms: Option<i64>,
    /// What is known of the harm, all of it.
    #[serde(default)]
    pub figures: Option<FiguresView>,
    /// The grade.
    #[serde(default)]
    pub grade: Option<GradeRequest>,
}

/// A note.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentNoteRequest {
    /// 1 to 2,000 characters, with line breaks.
    pub text: String,
}

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentTaskRequest {
    /// What is to be done, 1 to 2,000 characters.
    pub text: String,
    /// By whom, 1 to 64 characters.
    pub owner: String,
    /// Until when, ms since 1970.
    #[serde(default)]
    pub due_ms: Option<i64>,
}

/// A task is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskDoneRequest {
    /// At most 2,000 characters.
    #[serde(default)]
    pub note: String,
}

/// A duty was met.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetRequest {
    /// When the report was made, ms since 1970; now where it is left out.
    #[serde(default)]
    pub at_ms: Option<i64>,
    /// The number of the report or of the call, at most 200 characters.
    #[serde(default)]
    pub reference: String,
}

/// The end of an incident.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseIncidentRequest {
    /// What caused it, at most 2,000 characters.
    pub cause: String,
    /// What is learned from it, at most 2,000 characters.
    pub lessons: String,
    /// Why a duty was not met, by its id.
    #[serde(default)]
    pub unmet: BTreeMap<String, String>,
}

/// An incident is opened again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenIncidentRequest {
    /// Why, 1 to 2,000 characters.
    pub reason: String,
}
