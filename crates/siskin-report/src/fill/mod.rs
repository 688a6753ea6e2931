//! Fills a report: what a person said goes before what the data say, and what neither says is
//! missing. Must never guess a value, nor take a figure that is not known for zero.

mod course;
mod measured;
mod place;

use siskin_model::Text;
use siskin_model::incident::{FilledField, Filling, ReportKind};

use crate::facts::Facts;
use crate::fields::{self, FieldSpec};
use crate::report::{Field, FieldValue, Report, Source};
use crate::words;

/// What the data say of a field: its paragraphs, and which data.
type Found = Option<(Vec<String>, &'static str)>;

/// The report of `facts`, not signed.
pub fn fill(facts: &Facts<'_>, kind: ReportKind) -> Report {
    let (incident, site) = (facts.incident, facts.site);
    let (monitoring, charts, channels_left_out) = measured::all(facts);
    let map = place::map(facts);
    let field = |spec: &'static FieldSpec| {
        let said = incident.filled(kind, spec.id);
        let found = if spec.id == "map" {
            map.as_ref().map(|_| (vec!["见附图。".to_owned()], "站点文件"))
        } else {
            from_data(facts, spec.id)
        };
        of_spec(facts, spec, said, found)
    };
    Report {
        kind,
        version: incident.next_version(kind),
        site: site.name.zh.clone(),
        utc_offset_s: site.utc_offset_s,
        incident: incident.id.to_string(),
        title: incident.title.zh().to_owned(),
        made_at: facts.made_at,
        fields: fields::of(kind).map(field).collect(),
        monitoring,
        channels_left_out,
        charts,
        map,
        signed: None,
    }
}

fn of_spec(facts: &Facts<'_>, spec: &FieldSpec, said: Option<&FilledField>, found: Found) -> Field {
    let by = |said: &FilledField| vec![Source::Person { name: said.by.clone(), at: said.at }];
    let (value, sources) = match (said, found) {
        (Some(said), _) => match &said.filling {
            Filling::Value(text) => {
                let lines = text.lines().map(str::to_owned).collect();
                (FieldValue::Value { lines }, by(said))
            }
            Filling::NotApplicable(reason) => {
                (FieldValue::NotApplicable { reason: reason.clone() }, by(said))
            }
        },
        (None, Some((lines, what))) => {
            let source = Source::Data { what: what.to_owned(), at: facts.made_at };
            (FieldValue::Value { lines }, vec![source])
        }
        (None, None) => (FieldValue::Missing, Vec::new()),
    };
    let text = |[zh, en]: [&str; 2]| Text::new(zh, en);
    Field {
        id: spec.id.to_owned(),
        clause: spec.part.clause().to_owned(),
        name: text(spec.name),
        question: text(spec.question),
        value,
        sources,
    }
}

/// What the station itself knows of a field.
fn from_data(facts: &Facts<'_>, id: &str) -> Found {
    let incident = facts.incident;
    let figures = &incident.figures;
    let closure = incident.closure.as_ref();
    match id {
        "occurred_at" => Some((course::occurred(facts), "事件与预警记录")),
        "place" => place::place(facts).map(|lines| (lines, "站点文件")),
        "information_source" => course::information_source(facts).map(|l| (l, "预警记录")),
        "cause" => closure.and_then(|one| text(&one.cause)).map(|lines| (lines, "结案记录")),
        "grade" => grade(facts).map(|lines| (lines, "定级记录")),
        "course" => course::course(facts).map(|lines| (lines, "处置记录与预警")),
        "pollutants" => measured::pollutants(facts).map(|lines| (lines, "预警与气体目录")),
        "monitoring" => measured::monitoring(facts).map(|lines| (lines, "在线监测读数")),
        "deaths" => count(figures.deaths, "人"),
        "poisoned" => count(figures.poisoned, "人"),
        "evacuated" => count(figures.evacuated, "人"),
        "loss" => count(figures.loss_yuan, "元"),
        "trend" => measured::trend(facts).map(|lines| (lines, "在线监测读数")),
        "handling" | "final_measures" => course::tasks(facts, true).map(|l| (l, "任务记录")),
        "measures_planned" => course::tasks(facts, false).map(|lines| (lines, "任务记录")),
        "progress" => course::since_last_report(facts).map(|lines| (lines, "处置记录")),
        "final_course" => course::course(facts)
            .filter(|_| closure.is_some())
            .map(|lines| (lines, "处置记录与预警")),
        "unit" => office(facts.office.unit.as_ref()),
        "contact" => office(facts.office.contact.as_ref()),
        "phone" => office(facts.office.phone.as_ref()),
        "attachments" => files(facts).map(|lines| (lines, "附件记录")),
        // Only persons can say these: nature, quantity, sensitive points, advice, results, harm,
        // effects, what is left over, accountability; and the signer signs.
        _ => None,
    }
}

fn text(text: &str) -> Option<Vec<String>> {
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    (!text.trim().is_empty()).then_some(lines)
}

fn count(number: Option<u64>, unit: &str) -> Found {
    number.map(|number| (vec![format!("{number} {unit}")], "事件数字（人工登记）"))
}

fn office(line: Option<&String>) -> Found {
    line.map(|line| (vec![line.clone()], "站点文件"))
}

fn grade(facts: &Facts<'_>) -> Option<Vec<String>> {
    let judged = facts.incident.grades.last()?;
    let grade = words::grade(judged.grade?);
    let at = words::moment(judged.at, facts.site.utc_offset_s);
    let reason = if judged.reason.is_empty() { "未写明理由" } else { &judged.reason };
    Some(vec![format!("{grade}，{at} 由 {} 判定：{reason}", judged.by)])
}

fn files(facts: &Facts<'_>) -> Option<Vec<String>> {
    let line = |file: &siskin_model::incident::FileRef| {
        let sum = file.sha256.get(..16).unwrap_or(&file.sha256);
        format!("{}（{} 字节，SHA-256 {sum}…）", file.name, file.bytes)
    };
    let lines: Vec<_> = facts.incident.files.iter().map(line).collect();
    (!lines.is_empty()).then_some(lines)
}
