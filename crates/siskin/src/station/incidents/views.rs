//! Incidents as the API gives them: one function per thing, no decisions.

use siskin_api::contract::{
    ClockView, ClosureView, FiguresView, GradeView, IncidentEntryView, IncidentFileView,
    IncidentSummaryView, IncidentTaskView, JudgementView, MetCriterionView, MetView,
    SuggestionView,
};
use siskin_model::incident::{
    Act, Clock, Closure, Entry, Figures, FileRef, Grade, Incident, Judgement, Met, MetCriterion,
    Suggestion, Task,
};

use crate::station::views;

pub(super) fn grade(grade: Grade) -> GradeView {
    match grade {
        Grade::IV => GradeView::IV,
        Grade::III => GradeView::III,
        Grade::II => GradeView::II,
        Grade::I => GradeView::I,
    }
}

/// The grade that a person judged.
pub(super) fn grade_of(grade: GradeView) -> Grade {
    match grade {
        GradeView::IV => Grade::IV,
        GradeView::III => Grade::III,
        GradeView::II => Grade::II,
        GradeView::I => Grade::I,
    }
}

pub(super) fn summary(incident: &Incident, offset_s: i32) -> IncidentSummaryView {
    IncidentSummaryView {
        id: incident.id.to_string(),
        title: incident.title.to_string(),
        title_text: views::text(&incident.title.text()),
        state: if incident.is_open() { "open" } else { "closed" }.to_owned(),
        opened_at: incident.opened_at.rfc3339(offset_s),
        opened_by: incident.opened_by.clone(),
        discovered_at: incident.discovered_at.rfc3339(offset_s),
        areas: incident.areas.iter().map(ToString::to_string).collect(),
        gases: incident.gases.iter().map(ToString::to_string).collect(),
        grade: incident.grade().map(grade),
        warnings: incident.warnings.keys().map(ToString::to_string).collect(),
        entries: incident.entries,
    }
}

pub(super) fn figures(figures: &Figures) -> FiguresView {
    let Figures { deaths, poisoned, evacuated, loss_yuan, other } = figures.clone();
    FiguresView { deaths, poisoned, evacuated, loss_yuan, other }
}

pub(super) fn suggestion(found: &Suggestion, source: &str) -> SuggestionView {
    let met = |met: &MetCriterion| MetCriterionView {
        criterion: met.criterion.clone(),
        value: met.value,
        from: met.from,
        name: met.name.as_ref().map(views::text),
        verified: met.verified,
    };
    SuggestionView {
        grade: grade(found.grade),
        met: found.met.iter().map(met).collect(),
        unknown: found.unknown.iter().map(|name| (*name).to_owned()).collect(),
        source: source.to_owned(),
    }
}

pub(super) fn judgement(judged: &Judgement, offset_s: i32) -> JudgementView {
    JudgementView {
        grade: judged.grade.map(grade),
        at: judged.at.rfc3339(offset_s),
        by: judged.by.clone(),
        reason: judged.reason.clone(),
    }
}

fn met(met: &Met, offset_s: i32) -> MetView {
    MetView {
        at: met.at.rfc3339(offset_s),
        by: met.by.clone(),
        recorded_at: met.recorded_at.rfc3339(offset_s),
        reference: met.reference.clone(),
    }
}

pub(super) fn clock(clock: &Clock<'_>, offset_s: i32) -> ClockView {
    let duty = clock.duty;
    ClockView {
        duty: duty.id.clone(),
        name: views::text(&duty.name),
        who: views::text(&duty.who),
        to: views::text(&duty.to),
        state: clock.state.as_str().to_owned(),
        from: clock.from.map(|at| at.rfc3339(offset_s)),
        due: clock.due.map(|at| at.rfc3339(offset_s)),
        left_ms: clock.left_ms,
        provisional: clock.provisional,
        rings: clock.rings.iter().map(|at| at.rfc3339(offset_s)).collect(),
        met: clock.met.map(|one| met(one, offset_s)),
        source: duty.source.clone(),
        verified: duty.verified,
    }
}

pub(super) fn task(task: &Task, offset_s: i32) -> IncidentTaskView {
    IncidentTaskView {
        number: task.number,
        text: task.text.clone(),
        owner: task.owner.clone(),
        due: task.due.map(|at| at.rfc3339(offset_s)),
        done_at: task.done.as_ref().map(|(at, _)| at.rfc3339(offset_s)),
        done_by: task.done.as_ref().map(|(_, by)| by.clone()),
    }
}

pub(super) fn file(file: &FileRef) -> IncidentFileView {
    IncidentFileView { name: file.name.clone(), bytes: file.bytes, sha256: file.sha256.clone() }
}

pub(super) fn closure(closure: &Closure, offset_s: i32) -> ClosureView {
    ClosureView {
        at: closure.at.rfc3339(offset_s),
        by: closure.by.clone(),
        cause: closure.cause.clone(),
        lessons: closure.lessons.clone(),
        unmet: closure.unmet.clone(),
    }
}

pub(super) fn entry(entry: &Entry, offset_s: i32) -> IncidentEntryView {
    let (about, text, moment) = parts(&entry.act);
    IncidentEntryView {
        number: entry.number,
        at: entry.at.rfc3339(offset_s),
        by: entry.by.clone(),
        act: entry.act.audit_name().to_owned(),
        about,
        text,
        moment: moment.map(|at| at.rfc3339(offset_s)),
    }
}

/// What an act is about, what people wrote, and the moment it speaks of.
fn parts(act: &Act) -> (Option<String>, Option<String>, Option<siskin_model::Timestamp>) {
    match act.clone() {
        Act::Open { title, discovered_at, .. } => {
            (None, Some(title.to_string()), Some(discovered_at))
        }
        Act::Note { text } => (None, Some(text), None),
        Act::Task { text, owner, due } => (Some(owner), Some(text), due),
        Act::TaskDone { task, note } => (Some(task.to_string()), Some(note), None),
        Act::File { file } => (Some(file.sha256), Some(file.name), None),
        Act::Join { warning, .. } | Act::Leave { warning } => {
            (Some(warning.to_string()), None, None)
        }
        Act::Change { title, discovered_at, figures } => {
            let known = |(name, n): (&str, Option<u64>)| n.map(|n| format!("{name} {n}"));
            let figures = figures.map(|figures| {
                let numbers = figures.numbers().into_iter().filter_map(known);
                numbers.chain(figures.other.iter().cloned()).collect::<Vec<_>>().join(", ")
            });
            (figures, title, discovered_at)
        }
        Act::Grade { grade, reason } => {
            (grade.map(|grade| grade.as_str().to_owned()), Some(reason), None)
        }
        Act::Met { duty, at, reference } => (Some(duty), Some(reference), Some(at)),
        Act::Rung { duty, due, .. } => (Some(duty), None, Some(due)),
        Act::ReportFill { report, fields } => {
            let fields: Vec<_> = fields.into_keys().collect();
            (Some(report.as_str().to_owned()), Some(fields.join(", ")), None)
        }
        Act::ReportSign { report } => {
            let about = format!("{} {}", report.kind.as_str(), report.version);
            (Some(about), Some(report.data.sha256), Some(report.at))
        }
        Act::Close { cause, lessons, .. } => (Some(cause), Some(lessons), None),
        Act::Reopen { reason } => (None, Some(reason), None),
    }
}
