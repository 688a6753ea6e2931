//! A site with one HJ 212 logger that measures chlorine, and bureaus that are told of it.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use anyhow::{Result, ensure};
use e2e::binary;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;

/// Between two readings of the logger.
pub(crate) const POLL_MS: u32 = 15_000;
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
        let analyzer = Analyzer { id: "at-1", area: "tank-farm", link: Link::Mqtt };
        let options = Options { no_data_ms: None, poll_ms: POLL_MS, ..Options::default() };
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
        let secrets = self.folder.site().join("secrets");
        fs::create_dir_all(&secrets)?;
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
            let secret = secrets.join(format!("{id}.pw"));
            fs::write(&secret, "123456\n")?;
            fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
        }
        Ok(fs::write(self.folder.site().join("uplinks.toml"), text)?)
    }
}
