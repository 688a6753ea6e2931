//! What is published and what reads it: devices with one value or with twenty, and their site.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use e2e::binary;
use tempfile::TempDir;

/// The shipped profile of the gateways with many tags; it says to copy it and list one's own.
const GATEWAY: &str = "emqx-neuron-values";
/// Its example, which the tags replace, and what follows it.
const EXAMPLE: (&str, &str) = ("[json.values.h2s]", "[json.time]");
/// The rules: the six of the standard workload.
const RULES: &str = "tests/fixtures/sites/standard-workload/rules/standard-6.toml";

/// So many devices, each with its own topic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Park {
    /// For the names of figures.
    pub(crate) name: &'static str,
    pub(crate) devices: usize,
    /// Values of a message; one is `siskin-json`, more are a gateway's tags.
    pub(crate) tags: usize,
}

/// The folders of one station; they go with it.
pub(crate) struct Folders(TempDir);

impl Folders {
    pub(crate) fn site(&self) -> PathBuf {
        self.0.path().join("site")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    pub(crate) fn configs(&self) -> PathBuf {
        self.0.path().join("firmware-configs")
    }
}

impl Park {
    /// Message `round` of a device: slow noise far below every limit.
    pub(crate) fn payload(&self, device: usize, round: usize, stamp_ms: i64) -> String {
        let value = |tag: usize| {
            let step = (device * 31 + tag * 17 + round * 7) % 40;
            format!("0.{:02}", 30 + step)
        };
        if self.tags == 1 {
            let value = value(0);
            return format!(r#"{{"ts":{stamp_ms},"value":{value},"unit":"ppm","status":"ok"}}"#);
        }
        let values: Vec<_> =
            (0..self.tags).map(|tag| format!("\"t{tag}\":{}", value(tag))).collect();
        let head = format!(r#""timestamp":{stamp_ms},"node":"modbus","group":"grp""#);
        format!(r#"{{{head},"values":{{{}}},"errors":{{}},"metas":{{}}}}"#, values.join(","))
    }

    /// Site, profiles and a place for the stores of a station that reads all of it.
    pub(crate) fn folders(&self, broker_port: u16) -> Result<Folders> {
        let folders = Folders(tempfile::tempdir()?);
        let (site, configs) = (folders.site(), folders.configs());
        fs::create_dir_all(site.join("rules"))?;
        fs::create_dir_all(configs.join("devices"))?;
        let shipped = binary::root().join("firmware-configs");
        for name in ["gases", "rule-sets"] {
            symlink(shipped.join(name), configs.join(name))?;
        }
        self.write_profile(&shipped.join("devices"), &configs.join("devices"))?;
        fs::copy(binary::root().join(RULES), site.join("rules/standard-6.toml"))?;
        fs::write(site.join("site.toml"), site_text(broker_port))?;
        fs::write(site.join("areas.toml"), AREAS)?;
        fs::write(site.join("analyzers.toml"), self.analyzers_text()?)?;
        Ok(folders)
    }

    fn write_profile(&self, shipped: &Path, own: &Path) -> Result<()> {
        if self.tags == 1 {
            fs::copy(shipped.join("siskin-json.toml"), own.join("siskin-json.toml"))?;
            return Ok(());
        }
        let file = format!("{GATEWAY}.toml");
        let text = fs::read_to_string(shipped.join(&file))?;
        let (head, rest) = text.split_once(EXAMPLE.0).context("the example tag is gone")?;
        let (_, tail) = rest.split_once(EXAMPLE.1).context("the time is gone")?;
        let mut text = head.to_owned();
        for tag in 0..self.tags {
            writeln!(
                text,
                "[json.values.t{tag}]\n\
                 pointer = \"/values/t{tag}\"\n\
                 unit = \"ppm\"\n\
                 status = {{ pointer = \"/errors/t{tag}\", words = {{ 0 = \"good\" }}, \
                 absent = \"good\", other = \"fault\" }}\n"
            )?;
        }
        fs::write(own.join(file), text + EXAMPLE.1 + tail)?;
        Ok(())
    }

    fn analyzers_text(&self) -> Result<String> {
        let profile = if self.tags == 1 { "siskin-json" } else { GATEWAY };
        let mut text = String::new();
        for device in 0..self.devices {
            let topic = topic(device);
            writeln!(
                text,
                "[[analyzer]]\n\
                 id = \"at-{device:03}\"\n\
                 name = {{ zh = \"{device:03}\", en = \"{device:03}\" }}\n\
                 area = \"everywhere\"\n\
                 position = {{ x_m = {device}.0, y_m = 40.0 }}\n\
                 height_m = 1.5\n\
                 profile = \"{profile}\"\n\
                 mqtt = {{ topic = \"{topic}\" }}\n\
                 poll_ms = 1000\n\
                 timeout_ms = 500\n\
                 reorder_window_s = 0\n"
            )?;
            for tag in 0..self.tags {
                let point = if self.tags == 1 { "value".to_owned() } else { format!("t{tag}") };
                writeln!(
                    text,
                    "[[analyzer.channel]]\n\
                     id = \"at-{device:03}-{tag}\"\n\
                     gas = \"chlorine\"\n\
                     unit = \"ppm\"\n\
                     point = \"{point}\"\n\
                     range = {{ low = 0.0, high = 1000.0 }}\n\
                     resolution = 0.01\n"
                )?;
            }
        }
        Ok(text)
    }
}

/// The topic of a device.
pub(crate) fn topic(device: usize) -> String {
    format!("park/at-{device:03}/reading")
}

const AREAS: &str = r#"
[[area]]
id = "everywhere"
name = { zh = "全部", en = "Everywhere" }
kind = "unit"
outline = [{ x_m = 0.0, y_m = 0.0 }, { x_m = 200.0, y_m = 0.0 }, { x_m = 100.0, y_m = 90.0 }]
"#;

fn site_text(broker_port: u16) -> String {
    format!(
        "id = \"intake\"\n\
         name = {{ zh = \"测量\", en = \"Measured\" }}\n\
         utc_offset = \"+08:00\"\n\n\
         [station]\n\
         listen = \"127.0.0.1:0\"\n\n\
         [mqtt]\n\
         host = \"127.0.0.1\"\n\
         port = {broker_port}\n\
         client_id = \"siskin-bench\"\n"
    )
}
