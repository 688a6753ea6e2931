//! A site whose analyzers are loggers, with a profile that reads the factors of the fixtures. What
//! the factors really measure does not matter here: all are taken for chlorine in ppm.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::symlink;

use anyhow::{Result, ensure};
use e2e::binary;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;

/// Analyzer, connection and factor.
const LOGGERS: [(&str, &str, &str); 5] = [
    ("at-1", "mn = \"Y80110010000010\", password = \"123456\"", "a21007"),
    ("at-2", "mn = \"88888880000001\", version = \"2005\", crc = \"modbus\"", "808"),
    ("at-3", "mn = \"010000A8900016F000169DC0\"", "w01008"),
    ("at-4", "mn = \"E2E_0004\", password = \"123456\"", "a21007"),
    (
        "at-5",
        "mn = \"E2E_0005\", version = \"2025\", sm4 = { text = \"hex\", fill = \"zero\" }",
        "a21007",
    ),
];
/// The one whose profile fills gaps.
const FILLED: &str = "at-4";
/// The key of the one that encrypts.
const KEYS: &str = "[hj212_keys]\nat-5 = \"0123456789abcdeffedcba9876543210\"";

/// The site; it outlives its stations.
#[derive(Debug)]
pub(crate) struct Place {
    folder: SiteFolder,
    port: u16,
}

impl Place {
    pub(crate) fn new() -> Result<Self> {
        let analyzer = |id| Analyzer { id, area: "tank-farm", link: Link::Mqtt };
        let analyzers = LOGGERS.map(|(id, _, _)| analyzer(id));
        // Readings of other years are a silence of years.
        let options = Options { no_data_ms: None, ..Options::default() };
        let folder = SiteFolder::write(&analyzers, options)?;
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = held.local_addr()?.port();
        let place = Self { folder, port };
        place.rewrite_site()?;
        place.write_configs()?;
        Ok(place)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn station(&self) -> Result<Station> {
        let configs = self.folder.path().join("firmware-configs");
        Station::run_with(&self.folder.site(), &self.folder.data(), &configs)
    }

    fn rewrite_site(&self) -> Result<()> {
        let path = self.folder.site().join("site.toml");
        let mut text = fs::read_to_string(&path)?;
        writeln!(text, "\n[hj212]\nlisten = \"127.0.0.1:{}\"\n\n{KEYS}", self.port)?;
        fs::write(&path, text)?;
        let path = self.folder.site().join("analyzers.toml");
        let mut text = fs::read_to_string(&path)?;
        for (id, agreed, _) in LOGGERS {
            let topic = format!("mqtt = {{ topic = \"park/{id}/reading\" }}");
            ensure!(text.contains(&topic), "the site reads otherwise:\n{text}");
            text = text.replace(&topic, &format!("hj212 = {{ {agreed} }}"));
            text = text.replacen("\"siskin-json\"", &format!("\"logger-{id}\""), 1);
        }
        Ok(fs::write(&path, text)?)
    }

    fn write_configs(&self) -> Result<()> {
        let configs = self.folder.path().join("firmware-configs");
        fs::create_dir_all(configs.join("devices"))?;
        for name in ["gases", "rule-sets"] {
            symlink(binary::root().join("firmware-configs").join(name), configs.join(name))?;
        }
        for (id, _, factor) in LOGGERS {
            let fill = if id == FILLED { "fill = \"2051\"\n" } else { "" };
            let text = format!(
                "id = \"logger-{id}\"\n\
                 version = 1\n\
                 status = \"documented\"\n\
                 vendor = \"seen\"\n\
                 model = \"in the field\"\n\
                 transport = \"hj212\"\n\
                 source = {{ doc = \"tests/fixtures/hj212\", pages = \"all\" }}\n\
                 [hj212]\n\
                 backlog_max_s = 4000000000\n\
                 {fill}\
                 [hj212.values.value]\n\
                 factor = \"{factor}\"\n\
                 unit = \"ppm\"\n"
            );
            fs::write(configs.join(format!("devices/logger-{id}.toml")), text)?;
        }
        Ok(())
    }
}
