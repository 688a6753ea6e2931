//! A person has the next step of a ladder taken before its time: two at once take one step, who is
//! on duty is called, and the record says who asked.

use std::sync::Barrier;
use std::thread;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::modbus::State;
use e2e::moment;
use e2e::site::YELLOW_PPM;
use e2e::station::Station;
use serde_json::{Value, json};

use super::{Park, SOON, put_contacts, relieved};

/// No step comes by time while the test runs.
const LADDER: &str = "\n[[escalation]]\ntier = \"yellow\"\nsteps = [\
    { after_s = 7200, to = \"leader\" }, { after_s = 10800, to = \"bureau\" }]\n";

/// Both ask at the same moment for the step after `told`: their answers, the one that went through
/// first.
fn both(station: &Station, id: &str, told: u64) -> Result<[(String, u16, Value); 2]> {
    let together = Barrier::new(2);
    let url = format!("{}/api/v1/warnings/{id}/escalate", station.url());
    let ask = |by: &str, bearer: String| {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.build().new_agent();
        let body = json!({ "told": told, "note": format!("{by}: 浓度上升很快") });
        together.wait();
        let mut answer = agent.post(&url).header("authorization", bearer).send_json(&body)?;
        let status = answer.status().as_u16();
        anyhow::Ok((by.to_owned(), status, answer.body_mut().read_json()?))
    };
    let bearers = (station.bearer(FIRST)?, station.bearer(SECOND)?);
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| ask(FIRST, bearers.0));
        let other = scope.spawn(|| ask(SECOND, bearers.1));
        (one.join(), other.join())
    });
    let broken = |_| anyhow::anyhow!("an asker broke off");
    let mut answers = [one.map_err(broken)??, other.map_err(broken)??];
    answers.sort_by_key(|(_, status, _)| *status);
    Ok(answers)
}

#[test]
fn of_two_who_escalate_at_once_one_is_told_that_the_other_was_first() -> Result<()> {
    let mut park = Park::with(LADDER)?;
    let station = park.start()?;
    put_contacts(&station)?;
    // Li leads for the next hours.
    relieved(&station, moment::now_ms() + 1_800_000)?;
    park.devices.set("at-1", YELLOW_PPM + 0.3, State::Monitor)?;
    let warning =
        station.until("a warning", SOON, |station| Ok(station.get("warnings")?.get(0).cloned()))?;
    let id = warning["id"].as_str().context("no id")?.to_owned();
    let [(first, status, done), (second, refused, problem)] = both(&station, &id, 0)?;
    ensure!((status, refused) == (200, 409), "{done} {problem}");
    let passing = &done["warning"]["passing"];
    ensure!(passing["told"] == json!(["leader"]) && passing["next_to"] == "bureau", "{passing}");
    let call = &passing["calls"][0];
    ensure!(call["by"] == first && call["found"] == "on-duty", "{call}");
    ensure!(call["people"][0]["phone"] == "8101", "{call}");
    ensure!(problem["type"] == "/problems/ladder-has-moved", "{problem}");
    for language in ["detail", "detail_zh"] {
        let text = problem[language].as_str().context("no text")?;
        ensure!(text.contains(&first) && !text.contains(&second), "{text}");
    }
    let events = station.get(&format!("warnings/{id}/events"))?;
    let passed = events.as_array().context("no list")?;
    let passed: Vec<_> = passed.iter().filter(|event| event["change"] == "passed-on").collect();
    ensure!(passed.len() == 1 && passed[0]["by"] == first, "{events}");
    ensure!(passed[0]["note"] == format!("{first}: 浓度上升很快"), "{events}");
    let audit = station.get("audit")?.to_string();
    ensure!(audit.matches("warning.escalate").count() == 1, "{audit}");
    // The second one decides again; then nobody is left, and an acknowledged ladder is over.
    let path = format!("warnings/{id}/escalate");
    let (status, done) = station.post_by(&second, &path, &json!({ "told": 1 }))?;
    ensure!(status == 200 && done["warning"]["passing"]["next_to"].is_null(), "{done}");
    let (status, none) = station.post(&path, &json!({ "told": 2 }))?;
    ensure!(status == 409 && none["type"] == "/problems/no-step-left", "{none}");
    ensure!(station.acknowledge(&id, FIRST, "")?.0 == 200);
    let (status, over) = station.post_by(SECOND, &path, &json!({ "told": 2 }))?;
    ensure!(status == 409 && over["type"] == "/problems/already-acknowledged", "{over}");
    ensure!(over["detail_zh"].as_str().is_some_and(|zh| zh.contains(FIRST)), "{over}");
    station.stop()
}
