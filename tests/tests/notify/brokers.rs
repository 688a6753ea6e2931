//! A broker that is away, comes back, and has somebody who listens.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::broker::Broker;
use e2e::process::Process;
use e2e::site::RED_PPM;
use e2e::{binary, wait};

use crate::park::{Park, SOON};
use crate::people::{lines, notify_test, story, tell};

fn way(port: u16) -> String {
    format!(
        "\n[[recipient.way]]\ntype = \"mqtt\"\nhost = \"127.0.0.1\"\nport = {port}\n\
         topic = \"siskin/{{site}}/{{gas}}/{{status}}\"\n"
    )
}

fn listen(park: &Park, port: u16) -> Result<Process> {
    let mut command = Command::new(binary::python()?);
    command.arg(binary::root().join("tests/python/mqtt_listener.py")).arg(port.to_string());
    let process = Process::start("mqtt_listener.py", command.arg(park.path().join("heard")))?;
    process.line(Duration::from_secs(20))?;
    Ok(process)
}

#[test]
fn a_broker_that_was_away_gets_the_message_once() -> Result<()> {
    let mut park = Park::new()?;
    let mut broker = Broker::start()?;
    tell(&park, &way(broker.port()))?;
    broker.kill()?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    station.until("a try that failed", SOON, |station| {
        let health = station.get("health")?;
        let first = &health["messages"]["recipients"][0];
        Ok((first["failures_in_a_row"].as_u64() > Some(0)).then_some(()))
    })?;
    broker.restart()?;
    let (happened, detail) = story(&station, "accepted")?;
    ensure!(happened.last().is_some_and(|word| word == "accept"), "{detail}");
    ensure!(detail.to_string().contains("PUBACK"), "{detail}");
    station.stop()
}

#[test]
fn who_listens_hears_a_test_that_is_marked_and_not_kept() -> Result<()> {
    let park = Park::new()?;
    let broker = Broker::start()?;
    tell(&park, &way(broker.port()))?;
    let _listener = listen(&park, broker.port())?;
    let (output, text) = notify_test(&park, &["--dry-run"])?;
    ensure!(output.status.success() && text.contains("/chlorine/test"), "{text}");
    let (output, text) = notify_test(&park, &[])?;
    ensure!(output.status.success() && text.contains("PUBACK"), "{text}");
    let heard = wait::poll("the message", SOON, || {
        let heard = lines(&park, "heard");
        Ok((!heard.is_empty()).then_some(heard))
    })?;
    let (message, body) = (&heard[0], &heard[0]["body"]);
    ensure!(heard.len() == 1 && message["qos"] == 1 && message["retain"] == 0, "{heard:?}");
    ensure!(message["topic"].as_str().is_some_and(|topic| topic.ends_with("/test")), "{message}");
    ensure!(body["status"] == "test" && body["gas"] == "chlorine", "{body}");
    Ok(())
}
