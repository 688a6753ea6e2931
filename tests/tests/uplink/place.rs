//! A site with one HJ 212 logger that measures chlorine, and bureaus that are told of it.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use anyhow::{Result, ensure};
use e2e::binary;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;

use crate::centre::Centre;

/// Between two readings of the logger where a test does not say otherwise.
const POLL_MS: u32 = 15_000;
pub(crate) const LOGGER_MN: &str = "E2E_0001";

/// A bureau: id, port, what its table has beside.
pub(crate) type Bureau<'a> = (&'a str, u16, &'a str);

/// The MN under which a bureau knows the station.
pub(crate) fn mn(bureau: &str) -> String {
    format!("UP_{}_01", bureau.to_uppercase())
}

/// The site; it outlives its stations.
#[derive(Debug)]
pub(crate) struct Place {
    folder: SiteFolder,
    port: u16,
}

impl Place {
    pub(crate) fn new(bureaus: &[Bureau<'_>]) -> Result<Self> {
        Self::polled(POLL_MS, bureaus)
    }

    /// With another time between two readings.
    pub(crate) fn polled(poll_ms: u32, bureaus: &[Bureau<'_>]) -> Result<Self> {
        let analyzer = Analyzer { id: "at-1", area: "tank-farm", link: Link::Mqtt };
        let options = Options { no_data_ms: None, poll_ms, ..Options::default() };
        let folder = SiteFolder::write(&[analyzer], options)?;
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let place = Self { folder, port: held.local_addr()?.port() };
        place.write_site()?;
        place.write_configs()?;
        place.write_uplinks(bureaus)?;
        Ok(place)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn station(&self) -> Result<Station> {
        let configs = self.folder.path().join("firmware-configs");
        Station::run_with(&self.folder.site(), &self.folder.data(), &configs)
    }

    /// A station that ran before the moments given and was off since: what each kind has to make up
    /// for. `station` is one that has just been at this place.
    pub(crate) fn off_since(
        &self,
        station: Station,
        centre: &Centre,
        since: &[(&str, i64)],
    ) -> Result<()> {
        station.stop()?;
        centre.hang_up();
        let script = binary::root().join("tests/python/uplink_off_since.py");
        let mut command = Command::new(binary::python()?);
        command.arg(script).arg(self.folder.data()).arg("town");
        for (kind, upto_ms) in since {
            command.arg(kind).arg(upto_ms.to_string());
        }
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Another line in `uplinks.toml`.
    pub(crate) fn edit(&self, from: &str, to: &str) -> Result<()> {
        let path = self.folder.site().join("uplinks.toml");
        let text = fs::read_to_string(&path)?;
        ensure!(text.contains(from), "no `{from}` in\n{text}");
        Ok(fs::write(&path, text.replace(from, to))?)
    }

    /// A file that only its owner may read.
    pub(crate) fn secret(&self, name: &str, text: &str) -> Result<()> {
        let path = self.folder.site().join("secrets").join(name);
        fs::write(&path, text)?;
        Ok(fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?)
    }

    /// What `siskin check` says of the site, and whether it takes it.
    pub(crate) fn check(&self) -> Result<(bool, String)> {
        let mut command = Command::new(binary::siskin()?);
        command.arg("check").arg(self.folder.site());
        command.arg("--firmware-configs").arg(self.folder.path().join("firmware-configs"));
        let output = command.output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
    }

    fn write_site(&self) -> Result<()> {
        let path = self.folder.site().join("site.toml");
        let mut text = fs::read_to_string(&path)?;
        writeln!(text, "\n[hj212]\nlisten = \"127.0.0.1:{}\"", self.port)?;
        fs::write(&path, text)?;
        let path = self.folder.site().join("analyzers.toml");
        let text = fs::read_to_string(&path)?;
        let topic = "mqtt = { topic = \"park/at-1/reading\" }";
        ensure!(text.contains(topic), "the site reads otherwise:\n{text}");
        let text = text.replace(topic, &format!("hj212 = {{ mn = \"{LOGGER_MN}\" }}"));
        Ok(fs::write(&path, text.replacen("\"siskin-json\"", "\"logger\"", 1))?)
    }

    fn write_configs(&self) -> Result<()> {
        let configs = self.folder.path().join("firmware-configs");
        fs::create_dir_all(configs.join("devices"))?;
        for name in ["gases", "rule-sets"] {
            symlink(binary::root().join("firmware-configs").join(name), configs.join(name))?;
        }
        let text = "id = \"logger\"\n\
            version = 1\n\
            status = \"documented\"\n\
            vendor = \"made\"\n\
            model = \"for tests\"\n\
            transport = \"hj212\"\n\
            source = { doc = \"tests/tests/uplink\", pages = \"all\" }\n\
            [hj212.values.value]\n\
            factor = \"a21022\"\n\
            unit = \"ppm\"\n";
        Ok(fs::write(configs.join("devices/logger.toml"), text)?)
    }

    fn write_uplinks(&self, bureaus: &[Bureau<'_>]) -> Result<()> {
        let mut text = String::new();
        fs::create_dir_all(self.folder.site().join("secrets"))?;
        for (id, port, more) in bureaus {
            let mn = mn(id);
            write!(
                text,
                "[[uplink]]\n\
                 id = \"{id}\"\n\
                 name = {{ zh = \"{id}生态环境局\", en = \"Bureau {id}\" }}\n\
                 host = \"127.0.0.1\"\n\
                 port = {port}\n\
                 mn = \"{mn}\"\n\
                 st = \"22\"\n\
                 password_file = \"secrets/{id}.pw\"\n\
                 real_time_s = 30\n\
                 over_time_s = 1\n\
                 re_count = 1\n\
                 backoff_min_s = 0.1\n\
                 backoff_max_s = 0.5\n\
                 settle_s = 0\n\
                 {more}\n\
                 [[uplink.factor]]\n\
                 channel = \"at-1-cl2\"\n\n"
            )?;
            self.secret(&format!("{id}.pw"), "123456\n")?;
        }
        Ok(fs::write(self.folder.site().join("uplinks.toml"), text)?)
    }
}
