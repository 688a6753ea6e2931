//! One run of the demo from start to Ctrl-C, recorded once and looked at by every test.

use std::process::{Command, ExitStatus};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e::binary;
use e2e::process::{Process, say};
use e2e::procfs::{self, Stat};
use e2e::station::Station;
use e2e::stream::Event;
use serde_json::Value;

use crate::AREA;

/// From the start until everything that the scenario promises has happened.
const STORY_MAX: Duration = Duration::from_secs(100);
/// From there until the browser is done with its last step.
const BROWSER_MAX: Duration = Duration::from_mins(1);
/// How long an interrupted demo is waited for; the test's own bound is lower.
const STOP_WAIT: Duration = Duration::from_secs(20);
/// The seed of the watched park.
const SEED: u64 = 7;

/// The record.
#[derive(Debug)]
pub(crate) struct Story {
    /// `warning` events of the chlorine leak, in order.
    pub(crate) leak_events: Vec<Value>,
    /// Channels of its warning.
    pub(crate) leak_channels: Value,
    /// All `alarm` events.
    pub(crate) alarm_events: Vec<Value>,
    /// What the API said at the end.
    pub(crate) health: Value,
    pub(crate) channels: Value,
    pub(crate) alarms: Value,
    pub(crate) warnings: Value,
    /// What the browser script told, step by step.
    pub(crate) browser: Vec<Value>,
    pub(crate) browser_status: ExitStatus,
    /// Processes below the demo before Ctrl-C, and those of them that outlived it.
    pub(crate) children: Vec<Stat>,
    pub(crate) left_over: Vec<Stat>,
    pub(crate) stopped_in: Duration,
    pub(crate) stop_status: ExitStatus,
}

static STORY: OnceLock<Result<Story, String>> = OnceLock::new();

/// The record; made by whoever asks first.
pub(crate) fn story() -> Result<&'static Story> {
    let story = STORY.get_or_init(|| record().map_err(|error| format!("{error:#}")));
    story.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

/// What is taken from the live stream.
#[derive(Debug, Default)]
struct Watch {
    leak_events: Vec<Value>,
    alarm_events: Vec<Value>,
    second_leak: bool,
}

impl Watch {
    fn take(&mut self, event: &Event) {
        let warning = &event.data["warning"];
        let leak = warning["gas"] == "chlorine" && warning["area"] == AREA;
        self.second_leak |= warning["gas"] == "hydrogen-sulfide";
        match event.name.as_str() {
            "warning" if leak => self.leak_events.push(event.data.clone()),
            "alarm" => self.alarm_events.push(event.data.clone()),
            _ => {}
        }
    }

    fn channels(&self) -> Value {
        let last = self.leak_events.last();
        last.map_or(Value::Null, |event| event["warning"]["channels"].clone())
    }

    /// Whether red, both protocols, the dead analyzer's alarm and the second leak were seen.
    fn is_complete(&self) -> bool {
        let red = self.leak_events.iter().any(|e| e["warning"]["tier"] == "red");
        let channels = self.channels().to_string();
        let dead = self.alarm_events.iter().any(|e| e["alarm"]["channel"] == "at-201-co");
        red && dead && self.second_leak && channels.contains("at-10") && channels.contains("at-40")
    }
}

fn record() -> Result<Story> {
    let mut station = Station::demo(&binary::siskin()?, SEED)?;
    let mut stream = station.stream(Some(0))?;
    let id = station.process().id();
    let mut browser = browser(station.url(), id)?;
    let mut watch = Watch::default();
    let told = stream.until("red by both protocols and the dead one's alarm", STORY_MAX, |event| {
        watch.take(event);
        watch.is_complete().then_some(())
    });
    if let Err(error) = told {
        // Each test says for itself what is missing.
        say(&format!("{error:#}"));
    }
    let steps = steps(&browser);
    let browser_status = browser.ended(BROWSER_MAX)?;
    stream.pending().iter().for_each(|event| watch.take(event));
    let (health, channels) = (station.get("health")?, station.get("channels")?);
    let (alarms, warnings) = (station.get("alarms")?, station.get("warnings?scope=all")?);
    let children = procfs::descendants(id)?;
    let began = Instant::now();
    station.process().signal("INT")?;
    let stop_status = station.process().ended(STOP_WAIT)?;
    let stopped_in = began.elapsed();
    say(&format!("stopped in {stopped_in:?}; browser: {steps:?}"));
    let is_left = |child: &&Stat| procfs::stat(child.id).is_some_and(|now| now.name == child.name);
    Ok(Story {
        leak_channels: watch.channels(),
        leak_events: watch.leak_events,
        alarm_events: watch.alarm_events,
        health,
        channels,
        alarms,
        warnings,
        browser: steps,
        browser_status,
        left_over: children.iter().filter(is_left).cloned().collect(),
        children,
        stopped_in,
        stop_status,
    })
}

fn browser(url: &str, station: u32) -> Result<Process> {
    let folder = binary::root().join("tests/browser");
    anyhow::ensure!(
        folder.join("node_modules/playwright-core").is_dir(),
        "playwright-core is not there; hint: run `make tests/browser/node_modules/ready`"
    );
    let mut command = Command::new("node");
    command.arg(folder.join("watch.mjs")).arg(url);
    Process::start("watch.mjs", command.arg(station.to_string())).context("the browser test")
}

/// The lines of the browser script up to its end.
fn steps(browser: &Process) -> Vec<Value> {
    let mut steps = Vec::new();
    let deadline = Instant::now() + BROWSER_MAX;
    while let Ok(line) = browser.line(deadline.saturating_duration_since(Instant::now())) {
        steps.extend(serde_json::from_str::<Value>(&line));
    }
    steps
}
