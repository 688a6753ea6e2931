//! A park in which there is one of everything that the paths of the API name, and schemathesis
//! before its door.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, PASSWORD, SECOND};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::process::say;
use e2e::site::{Analyzer, Link, Options, RED_PPM, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);
const CHANNEL: &str = "at-1-cl2";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,\
                      allow_header_conformance";
/// The live stream does not end.
const ENDLESS: &str = "events";

/// Who asks, and for what.
pub(crate) struct Asks<'a> {
    pub(crate) who: &'a str,
    pub(crate) headers: Vec<String>,
    /// Operations that would take away what the others are asked with.
    pub(crate) leave_out: &'a [&'a str],
    /// Whether paths name what there is; else they name what comes to mind.
    pub(crate) real_ids: bool,
}

pub(crate) struct Park {
    folder: SiteFolder,
    station: Station,
    _devices: Devices,
}

impl Park {
    /// A park with a red warning and the incident that it opened.
    pub(crate) fn start() -> Result<Self> {
        let mut devices = Devices::start(&["at-1"])?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzer = Analyzer { id: "at-1", area: "tank-farm", link };
        let folder = SiteFolder::write(&[analyzer], Options::default())?;
        let station = Station::run(&folder.site(), &folder.data())?;
        devices.set("at-1", RED_PPM + 1.0, State::Monitor)?;
        station.until("an incident", SOON, |station| {
            Ok(station.get("incidents")?["incidents"][0]["id"].as_str().map(drop))
        })?;
        let person = json!({
            "name": "han", "display": "韩梅梅", "role": "operator", "password": PASSWORD
        });
        let (status, answer) = station.post("people", &person)?;
        ensure!(status == 200, "{status} {answer}");
        Ok(Self { folder, station, _devices: devices })
    }

    pub(crate) fn token(&self) -> Result<Vec<String>> {
        Ok(vec![format!("Authorization: {}", self.station.bearer(FIRST)?)])
    }

    /// Signs somebody in; the headers of their page.
    pub(crate) fn session(&self) -> Result<Vec<String>> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.build().new_agent();
        let url = format!("{}/api/v1/session", self.station.url());
        let mut answer =
            agent.post(url).send_json(json!({ "name": SECOND, "password": PASSWORD }))?;
        let cookie = answer.headers().get("set-cookie").context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let me: Value = answer.body_mut().read_json()?;
        let csrf = me["csrf"].as_str().context("no csrf")?;
        Ok(vec![format!("Cookie: {cookie}"), format!("X-Siskin-Csrf: {csrf}")])
    }

    /// What the paths name, as schemathesis reads it: a pattern of paths, and their parameters.
    /// It finds names by itself too: without one it would disable the people that it asks as.
    fn ids(&self, real_ids: bool) -> Result<String> {
        let id = |path: &str, pointer: &str| -> Result<String> {
            let found = self.station.get(path)?;
            let id = found.pointer(pointer).and_then(Value::as_str);
            Ok(id.with_context(|| format!("no {pointer} in {path}: {found}"))?.to_owned())
        };
        let warning = id("warnings", "/0/id")?;
        let incident = id("incidents", "/incidents/0/id")?;
        let mut text = String::new();
        let paths = [
            ("/people/\\\\{name\\\\}", "\"path.name\" = \"han\"".to_owned()),
            ("/warnings/\\\\{id\\\\}", format!("\"path.id\" = \"{warning}\"")),
            ("/channels/\\\\{id\\\\}", format!("\"path.id\" = \"{CHANNEL}\"")),
            ("/versions/\\\\{number\\\\}", "\"path.number\" = 1".to_owned()),
            (
                "/incidents/\\\\{id\\\\}",
                format!("\"path.id\" = \"{incident}\", \"path.warning\" = \"{warning}\""),
            ),
        ];
        let count = if real_ids { paths.len() } else { 1 };
        for (paths, parameters) in paths.iter().take(count) {
            writeln!(text, "[[operations]]\ninclude-path-regex = \"{paths}\"")?;
            writeln!(text, "parameters = {{ {parameters} }}\n")?;
        }
        Ok(text)
    }

    /// Lets schemathesis ask; what it finds is in the error.
    pub(crate) fn held_to_its_document(
        &self,
        asks: &Asks<'_>,
        examples: u64,
        seed: u64,
    ) -> Result<()> {
        let at = |name: &str| self.folder.path().join(name);
        let (document, config) = (at("openapi.json"), at("schemathesis.toml"));
        fs::write(&document, self.station.bytes("openapi.json")?)?;
        fs::write(&config, self.ids(asks.real_ids)?)?;
        let mut command = Command::new(binary::python()?);
        command.current_dir(self.folder.path()).args(["-m", "schemathesis.cli"]);
        command.arg("--config-file").arg(&config).arg("run").arg(&document);
        command.args(["--url", self.station.url(), "--checks", CHECKS]);
        command.args(["--phases", "coverage,fuzzing", "--continue-on-failure"]);
        command.args(["--max-examples", &examples.to_string(), "--seed", &seed.to_string()]);
        command.args(["--generation-database", "none", "--no-color", "--warnings", "off"]);
        command.args(["--request-timeout", "30", "--exclude-operation-id", ENDLESS]);
        for one in asks.leave_out {
            command.args(["--exclude-operation-id", one]);
        }
        for header in &asks.headers {
            command.args(["--header", header]);
        }
        let done = command.output()?;
        let text = String::from_utf8_lossy(&done.stdout);
        let errors = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "as {}, seed {seed}:\n{text}{errors}", asks.who);
        let sum = text.lines().find(|line| line.contains(" generated, "));
        say(&format!("as {}: {}", asks.who, sum.context("schemathesis gives no sum")?.trim()));
        Ok(())
    }

    /// What somebody did, by the audit.
    pub(crate) fn acts_of(&self, name: &str) -> Result<BTreeSet<String>> {
        let found = self.station.get(&format!("audit?by={name}&limit=1000"))?;
        let entries = found["entries"].as_array().context("no entries")?;
        Ok(entries.iter().filter_map(|one| one["act"].as_str().map(str::to_owned)).collect())
    }

    pub(crate) fn stop(self) -> Result<()> {
        self.station.stop()
    }
}
