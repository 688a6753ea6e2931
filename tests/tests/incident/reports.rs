//! Reports with a real station: what the data fill, what people add, what is signed and kept, read
//! back by other people's programs.

use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::binary;
use e2e::site::RED_PPM;
use e2e::station::Station;
use serde_json::{Value, json};

use crate::park::{CHANNEL, Park, act, acts, opened, unpacked};

/// A document, as `python-docx` and `pypdf` read it.
fn read(path: &Path) -> Result<Value> {
    let script = binary::root().join("tests/python/read_report.py");
    let done = Command::new(binary::python()?).arg(script).arg(path).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

pub(crate) fn says(document: &Value, text: &str) -> Result<()> {
    // Where lines break is a matter of the paper.
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let found = plain(document["text"].as_str().context("a text")?);
    ensure!(found.contains(&plain(text)), "no `{text}` in {found}");
    Ok(())
}

fn field<'a>(draft: &'a Value, id: &str) -> Result<&'a Value> {
    let fields = draft["fields"].as_array().context("fields")?;
    fields.iter().find(|field| field["id"] == id).with_context(|| format!("no {id}: {draft}"))
}

fn missing(draft: &Value) -> Vec<&str> {
    draft["missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A version on disk in both forms, and what others read there.
pub(crate) fn documents(
    park: &Park,
    station: &Station,
    id: &str,
    version: &str,
) -> Result<[Value; 2]> {
    let get = |format: &str| -> Result<Value> {
        let path = park.path(&format!("{}.{format}", version.replace('/', "-")));
        let url = format!("incidents/{id}/reports/{version}?format={format}");
        std::fs::write(&path, station.bytes(&url)?)?;
        read(&path)
    };
    Ok([get("docx")?, get("pdf")?])
}

#[test]
fn a_report_from_the_red_warning_to_the_signature() -> Result<()> {
    let mut park = Park::new()?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let id = opened(&station)?;

    // The data say what they can, and nothing that they cannot.
    let draft = station.get(&format!("incidents/{id}/reports/first/draft"))?;
    let source = field(&draft, "information_source")?;
    let line = source["lines"][0].as_str().context("a line")?;
    ensure!(source["state"] == "value" && line.contains(CHANNEL), "{source}");
    ensure!(field(&draft, "pollutants")?["lines"][0].as_str().is_some_and(|l| l.contains("氯")));
    for unknown in ["cause", "deaths", "quantity", "signer"] {
        ensure!(field(&draft, unknown)?["state"] == "missing", "{unknown}");
        ensure!(missing(&draft).contains(&unknown), "{unknown}");
    }

    // People fill in; a field that the report does not have is refused, whole.
    let strange = json!({ "fields": { "cause": { "value": "阀门" }, "loss": { "value": "1" } } });
    let fields = format!("incidents/{id}/reports/first/fields");
    let (status, refused) = station.post(&fields, &strange)?;
    ensure!(status == 422 && refused["type"] == "/problems/no-such-field", "{refused}");
    let said = json!({ "fields": {
        "cause": { "value": "2 号罐出口法兰泄漏" },
        "evacuated": { "not_applicable": "无需疏散" },
    } });
    let filled = act(&station, &id, "reports/first/fields", &said)?;
    ensure!(field(&filled, "cause")?["sources"][0]["what"] == FIRST, "{filled}");
    ensure!(field(&filled, "evacuated")?["reason"] == "无需疏散", "{filled}");

    // Signed only with what is missing known, and only the version that was seen.
    let signed = signing(&station, &id, &draft, &filled)?;
    let before = documents(&park, &station, &id, "first/1")?;
    for document in &before {
        says(document, "突发环境事件信息报告（初报）")?;
        says(document, "2 号罐出口法兰泄漏")?;
        says(document, "不适用：无需疏散")?;
        says(document, "【待补】")?;
        says(document, CHANNEL)?;
    }
    let marked = before[0]["highlighted"].as_array().context("highlights")?;
    ensure!(marked.iter().any(|text| text == "【待补】"), "{marked:?}");
    ensure!(before[0]["pictures"].as_u64() > Some(0), "{}", before[0]);

    // A later version, over a kill, replaces none.
    station.kill()?;
    let station = park.start()?;
    let said = json!({ "fields": { "cause": { "value": "法兰垫片老化" } } });
    act(&station, &id, "reports/first/fields", &said)?;
    two_sign_at_once(&station, &id)?;
    ensure!(documents(&park, &station, &id, "first/1")? == before);
    says(&documents(&park, &station, &id, "first/2")?[1], "法兰垫片老化")?;
    let follow_up = station.get(&format!("incidents/{id}/reports/follow-up/draft"))?;
    ensure!(field(&follow_up, "cause")?["lines"][0] == "法兰垫片老化", "{follow_up}");
    let reports = station.get(&format!("incidents/{id}/reports"))?;
    ensure!(reports["signed"].as_array().is_some_and(|all| all.len() == 2), "{reports}");
    ensure!(reports["signed"][0]["data"] == signed["data"], "{reports}");
    ensure!(reports["next_versions"] == json!({ "first": 3, "follow-up": 1, "final": 1 }));
    let told = station.get(&format!("incidents/{id}"))?;
    let own: Vec<_> = acts(&told).into_iter().filter(|act| act.starts_with("report.")).collect();
    ensure!(own == ["report.fill", "report.sign", "report.fill", "report.sign"], "{own:?}");

    by_command(&park, &station, &id, &before[1])?;
    station.stop()
}

/// The signature of a draft.
fn of(draft: &Value, version: u32) -> Value {
    json!({ "version": version, "draft_sha256": draft["sha256"], "with_missing": true })
}

/// Signed only with what is missing known, and only what was looked at.
fn signing(station: &Station, id: &str, old: &Value, draft: &Value) -> Result<Value> {
    let refuse = |body: &Value, kind: &str| -> Result<Value> {
        let sign = format!("incidents/{id}/reports/first/sign");
        let (status, refused) = station.post(&sign, body)?;
        ensure!(status == 409 && refused["type"] == format!("/problems/{kind}"), "{refused}");
        Ok(refused)
    };
    let changed = refuse(&of(old, 1), "report-changed")?;
    ensure!(changed["detail_zh"].as_str().is_some_and(|said| said.contains("已有变更")));
    refuse(&of(draft, 2), "incident-refused")?;
    let lacks =
        refuse(&json!({ "version": 1, "draft_sha256": draft["sha256"] }), "report-incomplete")?;
    let said = lacks["detail_zh"].as_str().context("in Chinese")?;
    ensure!(said.contains("事件性质、") && !said.contains("nature"), "{said}");
    // Who signs is no question any more.
    let mut left = missing(draft);
    left.retain(|field| *field != "signer");
    ensure!(lacks["fields"] == json!(left), "{lacks}");
    let signed = act(station, id, "reports/first/sign", &of(draft, 1))?;
    ensure!(signed["by"] == FIRST && signed["missing"].as_u64() > Some(0), "{signed}");
    ensure!(signed["draft_sha256"] == draft["sha256"], "{signed}");
    let late = refuse(&of(draft, 1), "report-changed")?;
    ensure!(late["detail"].as_str().is_some_and(|said| said.contains("has signed version 1")));
    Ok(signed)
}

/// Two sign the same draft at once: one has signed it, the other one is told so.
fn two_sign_at_once(station: &Station, id: &str) -> Result<()> {
    let draft = station.get(&format!("incidents/{id}/reports/first/draft"))?;
    let url = format!("{}/api/v1/incidents/{id}/reports/first/sign", station.url());
    let body = of(&draft, 2);
    let sign = |by: &str| -> Result<thread::JoinHandle<Result<(u16, Value)>>> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = ureq::Agent::from(config.build());
        let request = agent.post(&url).header("authorization", station.bearer(by)?);
        let body = body.clone();
        Ok(thread::spawn(move || {
            let mut answer = request.send_json(&body)?;
            Ok((answer.status().as_u16(), answer.body_mut().read_json()?))
        }))
    };
    let both = [sign(FIRST)?, sign(SECOND)?];
    let answers: Result<Vec<_>> = both
        .into_iter()
        .map(|one| one.join().unwrap_or_else(|_| bail!("a signer panicked")))
        .collect();
    let mut answers = answers?;
    answers.sort_by_key(|(status, _)| *status);
    let [(won, signed), (lost, refused)] = &answers[..] else { bail!("{answers:?}") };
    ensure!(*won == 200 && signed["version"] == 2, "{answers:?}");
    ensure!(*lost == 409 && refused["type"] == "/problems/report-changed", "{refused}");
    let winner = signed["by"].as_str().context("who signed")?;
    let told = format!("`{winner}` has signed version 2");
    ensure!(refused["detail"].as_str().is_some_and(|said| said.contains(&told)), "{refused}");
    Ok(())
}

/// The command beside the running station, and the pack.
fn by_command(park: &Park, station: &Station, id: &str, signed: &Value) -> Result<()> {
    let (draft, first) = (park.path("draft.docx"), park.path("first.pdf"));
    park.report(id, &["--kind", "final", "--format", "docx"], &draft)?;
    says(&read(&draft)?, "处理结果报告")?;
    park.report(id, &["--kind", "first", "--version", "1"], &first)?;
    ensure!(read(&first)? == *signed, "the command made another document of version 1");
    let archive = park.path("reports.zip");
    std::fs::write(&archive, station.bytes(&format!("incidents/{id}/evidence"))?)?;
    let unpacked = unpacked(&archive)?;
    let names: Vec<_> = unpacked["names"].as_array().context("names")?.iter().collect();
    for version in [1, 2] {
        for extension in ["json", "docx", "pdf"] {
            let name = json!(format!("reports/{id}-first-{version}.{extension}"));
            ensure!(names.contains(&&name), "no {name} in {names:?}");
        }
    }
    Ok(())
}
