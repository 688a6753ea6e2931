//! A park with one analyzer, and the bureau that it tells.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::modbus::{Devices, State};
use e2e::process::Process;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::{binary, certificates, wait};
use serde_json::Value;

/// Longest wait for what follows a poll or two, and some tries.
pub(crate) const SOON: Duration = Duration::from_secs(40);
/// How Siskin proves itself to the bureau.
pub(crate) const IDENTITY: &str = "certificate_file = \"../certs/siskin.crt\"\n\
                                   key_file = \"../certs/siskin.key\"\n";
/// Where the site is.
const ORIGIN: &str = "\n[origin]\nlatitude_deg = 37.87\nlongitude_deg = 112.55\n";

/// Devices and folders that outlive the stations.
pub(crate) struct Park {
    devices: Devices,
    folder: SiteFolder,
}

impl Park {
    pub(crate) fn new() -> Result<Self> {
        let devices = Devices::start(&["at-1"])?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzers = [Analyzer { id: "at-1", area: "tank-farm", link }];
        let options = Options { poll_ms: 100, ..Options::default() };
        let folder = SiteFolder::write(&analyzers, options)?;
        let site = folder.site().join("site.toml");
        // Gas that comes and goes is what these tests make: its end must not be held back.
        let calm = "latched_tiers = []\nchatter_guard = false\n";
        let text = fs::read_to_string(&site)?.replace("latched_tiers = []\n", calm);
        fs::write(&site, text + ORIGIN)?;
        prepare(folder.path())?;
        Ok(Self { devices, folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.folder.site()
    }

    /// Writes recipients.toml as it is given.
    pub(crate) fn tell_text(&self, text: &str) -> Result<()> {
        Ok(fs::write(self.site().join("recipients.toml"), text)?)
    }

    pub(crate) fn start(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }

    pub(crate) fn gas(&mut self, ppm: f32) -> Result<()> {
        self.devices.set("at-1", ppm, State::Monitor).map(drop)
    }

    /// The site tells this bureau.
    pub(crate) fn tell(&self, bureau: &Bureau) -> Result<()> {
        self.write(bureau, IDENTITY, 180)
    }

    pub(crate) fn tell_without_certificate(&self, bureau: &Bureau) -> Result<()> {
        self.write(bureau, "", 10)
    }

    fn write(&self, bureau: &Bureau, identity: &str, unreceipted_after_s: u32) -> Result<()> {
        let text = told(bureau, identity, unreceipted_after_s);
        Ok(fs::write(self.folder.site().join("recipients.toml"), text)?)
    }
}

/// What the bureau and the way to it need.
pub(crate) fn prepare(path: &Path) -> Result<()> {
    let certificates = path.join("certs");
    certificates::make(&certificates, &["127.0.0.1"])?;
    certificates::make(&certificates, &["--client", "siskin"])?;
    Ok(fs::create_dir(path.join("taken"))?)
}

/// recipients.toml that tells this bureau.
pub(crate) fn told(bureau: &Bureau, identity: &str, unreceipted_after_s: u32) -> String {
    let port = bureau.port;
    format!(
        "[notify]\nsender = \"siskin@e2e.example\"\n\
         unreceipted_after_s = {unreceipted_after_s}\n\n\
         [[recipient]]\nid = \"bureau\"\nname = {{ zh = \"县局\", en = \"County bureau\" }}\n\
         kind = \"bureau\"\ntier_min = \"yellow\"\n\
         accounts = [\"wang\"]\n\n\
         [[recipient.way]]\ntype = \"cap-push\"\nurl = \"https://127.0.0.1:{port}/cap\"\n\
         ca_file = \"../certs/ca.crt\"\n{identity}"
    )
}

/// The bureau's server.
pub(crate) struct Bureau {
    _process: Process,
    port: u16,
    folder: PathBuf,
}

impl Bureau {
    pub(crate) fn start(park: &Park, script: &str) -> Result<Self> {
        Self::start_in(park.path(), script)
    }

    /// Beside the folders `certs` and `taken`.
    pub(crate) fn start_in(path: &Path, script: &str) -> Result<Self> {
        let certificates = path.join("certs");
        let folder = path.join("taken");
        let mut command = Command::new(binary::python()?);
        command.arg(binary::root().join("tests/python/bureau.py"));
        for name in ["server.crt", "server.key", "ca.crt"] {
            command.arg(certificates.join(name));
        }
        let process = Process::start("bureau.py", command.arg(&folder).arg(script))?;
        let port = process.line(Duration::from_secs(20))?.trim().parse()?;
        Ok(Self { _process: process, port, folder })
    }

    /// The files of what it took, in order.
    pub(crate) fn taken(&self) -> Result<Vec<PathBuf>> {
        let files = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path()));
        let mut files = files.collect::<Result<Vec<_>>>()?;
        files.retain(|path| path.extension().is_some_and(|end| end == "xml"));
        files.sort();
        Ok(files)
    }

    pub(crate) fn until_taken(&self, count: usize) -> Result<Vec<PathBuf>> {
        wait::poll(&format!("{count} messages at the bureau"), SOON, || {
            let taken = self.taken()?;
            Ok((taken.len() >= count).then_some(taken))
        })
    }

    /// The keys of all requests, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("requests")).unwrap_or_default();
        let key = |line: &str| line.split(' ').nth(1).unwrap_or_default().to_owned();
        text.lines().map(key).collect()
    }
}

/// Acknowledges until no warning is open.
pub(crate) fn close_all(station: &Station) -> Result<()> {
    station.until("no open warning", SOON, |station| {
        let warnings = station.get("warnings")?;
        let open = warnings.as_array().cloned().unwrap_or_default();
        for id in open.iter().filter_map(|one| one["id"].as_str()) {
            // Acknowledged already while the gas falls: the next look sees.
            let _answer = station.acknowledge(id, FIRST, "")?;
        }
        Ok(open.is_empty().then_some(()))
    })
}

/// Waits until every message has its receipt; gives how many there are, and their keys in order.
pub(crate) fn settled(station: &Station) -> Result<(usize, Vec<String>)> {
    station.until("all receipts", SOON, |station| {
        let answer = station.get("messages?recipient=bureau&limit=1000")?;
        let all = answer["deliveries"].as_array().cloned().unwrap_or_default();
        let is_done = all.iter().all(|one| one["state"] == "accepted");
        let key = |one: &Value| {
            let (warning, number) = (one["warning"].as_str()?, one["transition"].as_u64()?);
            Some(format!("{warning}.{number}.bureau"))
        };
        let keys = || all.iter().rev().filter_map(key).collect::<Vec<_>>();
        Ok((is_done && !all.is_empty()).then(|| (all.len(), keys())))
    })
}

/// Holds files against the schema of OASIS.
pub(crate) fn validate(files: &[PathBuf]) -> Result<()> {
    let schema = binary::root().join("tests/fixtures/cap/CAP-v1.2.xsd");
    let mut command = Command::new("xmllint");
    let command = command.args(["--nonet", "--noout", "--schema"]).arg(schema).args(files);
    let output = command.output().context("cannot start xmllint; hint: install libxml2-utils")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{told}");
    Ok(())
}

/// Reads files by a parser that others wrote.
pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<Value>> {
    let script = binary::root().join("tests/python/cap_check.py");
    let output = Command::new(binary::python()?).arg(script).args(files).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{told}");
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
