//! The file of reporting duties and grades: one shipped with the program, or the site's own.
//!
//! What was not read in its source says so, and a site that relies on it is told by a note.

use siskin_model::Text;
use siskin_model::incident::{CountedFrom, Criterion, Deadline, Duty, Grade, GradeRow};

use crate::fields::{Fields, FromNode, items};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::settings::Reporting;
use crate::sources::At;
use crate::values::PlainId;

const MINUTE_MS: i64 = 60_000;
/// The longest deadline: four weeks.
const WITHIN_MIN_MAX: u32 = 40_320;
/// What stands before the id of a duty that must be met first.
const AFTER: &str = "met:";

/// Reads the whole file.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Option<Reporting> {
    let mut fields = Fields::of(root, file, problems)?;
    let id: Option<At<PlainId>> = fields.required("id", problems);
    let name = fields.required("name", problems);
    let grades_source = fields.required("grades_source", problems);
    let duties = duties(items(&mut fields, "duty", problems), problems);
    let grades = grades(items(&mut fields, "grade", problems), problems);
    let place = fields.place();
    fields.finish(problems);
    let (duties, grades) = (duties?, grades?);
    let doubtful = duties.iter().filter(|duty| !duty.verified).count();
    let others = grades.iter().flat_map(|row: &GradeRow| &row.other);
    let doubtful_criteria = others.filter(|criterion| !criterion.verified).count();
    if doubtful + doubtful_criteria > 0 {
        let message = format!(
            "{doubtful} of {} reporting duties and {doubtful_criteria} criteria of grades were \
             not read in their source",
            duties.len()
        );
        let hint = "compare them with the plan of the park, see docs/incidents.md";
        problems.note(Draft::new(message, hint).at(place, ""));
    }
    let id = id?.value.0;
    Some(Reporting { id, name: name?, grades_source: grades_source?, duties, grades })
}

fn duties(nodes: &[Node], problems: &mut Problems) -> Option<Vec<Duty>> {
    let mut seen: Vec<At<String>> = Vec::new();
    let mut found = Vec::new();
    for node in nodes {
        found.push(duty(node, &mut seen, problems));
    }
    found.into_iter().collect()
}

fn duty(node: &Node, seen: &mut Vec<At<String>>, problems: &mut Problems) -> Option<Duty> {
    let mut fields = Fields::of(node, "[[duty]]", problems)?;
    let id: Option<At<PlainId>> = fields.required("id", problems);
    let name = fields.required("name", problems);
    let who = fields.required("who", problems);
    let to = fields.required("to", problems);
    let counted_from: Option<At<String>> = fields.required("counted_from", problems);
    let within: Option<Within> = fields.required("within_min", problems);
    let percent: Option<At<u8>> = fields.optional("ring_at_percent", problems);
    let before_min: Option<u16> = fields.optional("ring_before_min", problems);
    let source = fields.required("source", problems);
    let verified = fields.required("verified", problems);
    fields.finish(problems);
    if let Some(percent) = percent.filter(|percent| percent.value >= 100) {
        let message = format!("`ring_at_percent` is `{}`: nobody is warned by it", percent.value);
        problems.add(Draft::new(message, "write 0 to 99").at(percent.place, "too late"));
    }
    let counted_from = counted_from.and_then(|text| counted(&text, seen, problems));
    let id = id?;
    if let Some(first) = seen.iter().find(|other| other.value == id.value.0) {
        let draft = Draft::new(format!("duty `{}` is there twice", first.value), "rename one");
        problems.add(draft.at(id.place, "again here").at(first.place, "first here"));
    }
    seen.push(At { value: id.value.0.clone(), place: id.place });
    Some(Duty {
        id: id.value.0,
        name: name?,
        who: who?,
        to: to?,
        counted_from: counted_from?,
        deadlines: within?.0,
        ring_at_percent: percent.map(|percent| percent.value),
        ring_before_ms: before_min.map(|minutes| i64::from(minutes) * MINUTE_MS),
        source: source?,
        verified: verified?,
    })
}

/// Only a duty above can come first, so that no clock waits for itself.
fn counted(
    text: &At<String>,
    above: &[At<String>],
    problems: &mut Problems,
) -> Option<CountedFrom> {
    let found = match text.value.as_str() {
        "discovered" => Some(CountedFrom::Discovered),
        "opened" => Some(CountedFrom::Opened),
        "graded" => Some(CountedFrom::Graded),
        other => other
            .strip_prefix(AFTER)
            .filter(|first| above.iter().any(|duty| duty.value == *first))
            .map(|first| CountedFrom::Met(first.to_owned())),
    };
    if found.is_none() {
        let message = format!("`counted_from` cannot be `{}`", text.value);
        let hint = format!(
            "write \"discovered\", \"opened\", \"graded\", or \"{AFTER}\" and the id of a duty \
             that stands above"
        );
        problems.add(Draft::new(message, hint).at(text.place, "not a moment"));
    }
    found
}

/// `within_min`: minutes for all grades, or a table of those that have a deadline.
struct Within(Vec<Deadline>);

impl FromNode for Within {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let deadline = |grade, minutes: At<u32>, problems: &mut Problems| {
            if !(1..=WITHIN_MIN_MAX).contains(&minutes.value) {
                let message = format!("`{key}` is `{}`", minutes.value);
                let hint = format!("write minutes from 1 to {WITHIN_MIN_MAX}");
                problems.add(Draft::new(message, hint).at(minutes.place, "out of range"));
                return None;
            }
            Some(Deadline { grade, within_ms: i64::from(minutes.value) * MINUTE_MS })
        };
        if !matches!(node.value, Value::Table(_)) {
            let minutes = At::from_node(node, key, problems)?;
            // One deadline for each grade that is one time: `deadline` names a problem once.
            let first = deadline(Grade::IV, minutes, problems)?;
            return Some(Self(Grade::ALL.map(|grade| Deadline { grade, ..first }).to_vec()));
        }
        let mut fields = Fields::of(node, key, problems)?;
        let mut found = Vec::new();
        for grade in Grade::ALL {
            if let Some(minutes) = fields.optional(grade.as_str(), problems) {
                found.push(deadline(grade, minutes, problems)?);
            }
        }
        fields.finish(problems);
        if found.is_empty() {
            let draft =
                Draft::new(format!("`{key}` has no grade"), "write for example { I = 120 }");
            problems.add(draft.at(node.place, "nothing here"));
            return None;
        }
        Some(Self(found))
    }
}

fn grades(nodes: &[Node], problems: &mut Problems) -> Option<Vec<GradeRow>> {
    let mut seen = Vec::new();
    let found: Vec<_> = nodes.iter().map(|node| grade(node, &mut seen, problems)).collect();
    found.into_iter().collect()
}

fn grade(node: &Node, seen: &mut Vec<Grade>, problems: &mut Problems) -> Option<GradeRow> {
    let mut fields = Fields::of(node, "[[grade]]", problems)?;
    let grade: Option<At<Grade>> = fields.required("grade", problems);
    let row = [
        fields.optional("deaths_from", problems),
        fields.optional("poisoned_from", problems),
        fields.optional("evacuated_from", problems),
        fields.optional("loss_yuan_from", problems),
    ];
    let other: Vec<_> =
        items(&mut fields, "other", problems).iter().map(|n| criterion(n, problems)).collect();
    fields.finish(problems);
    let grade = grade?;
    if seen.contains(&grade.value) {
        let message = format!("grade `{}` is there twice", grade.value.as_str());
        problems.add(Draft::new(message, "join the two").at(grade.place, "again here"));
    }
    seen.push(grade.value);
    let [deaths_from, poisoned_from, evacuated_from, loss_yuan_from] = row;
    let other = other.into_iter().collect::<Option<_>>()?;
    let grade = grade.value;
    Some(GradeRow { grade, deaths_from, poisoned_from, evacuated_from, loss_yuan_from, other })
}

fn criterion(node: &Node, problems: &mut Problems) -> Option<Criterion> {
    let mut fields = Fields::of(node, "[[grade.other]]", problems)?;
    let id: Option<PlainId> = fields.required("id", problems);
    let name: Option<Text> = fields.required("name", problems);
    let verified = fields.required("verified", problems);
    fields.finish(problems);
    Some(Criterion { id: id?.0, name: name?, verified: verified? })
}
