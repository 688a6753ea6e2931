//! Small sites for tests: chlorine analyzers over Modbus or MQTT, each in a named area.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use tempfile::TempDir;

/// Rule `chlorine-yellow` raises here, in ppm; it clears at nine tenths of it, as all do.
pub const YELLOW_PPM: f32 = 1.0;
/// Rule `chlorine-orange`.
pub const ORANGE_PPM: f32 = 2.0;
/// Rule `chlorine-red`.
pub const RED_PPM: f32 = 5.0;
/// End of the measuring range.
pub const RANGE_PPM: f32 = 50.0;
/// Rule `no-data` raises after this much silence unless a test wants it otherwise.
pub const NO_DATA_MS: i64 = 3000;

/// How an analyzer is reached.
#[derive(Debug, Clone, Copy)]
pub enum Link {
    /// A Honeywell Midas at this port of 127.0.0.1.
    Modbus(u16),
    /// `siskin-json` on the topic `park/<id>/reading`.
    Mqtt,
    /// The profile of [`crate::gateway`] on the same topic.
    Gateway,
}

/// An analyzer with the one channel `<id>-cl2`.
#[derive(Debug, Clone)]
pub struct Analyzer<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its area, made with it.
    pub area: &'a str,
    /// How it is reached.
    pub link: Link,
}

/// What a test may want otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Time between two polls.
    pub poll_ms: u32,
    /// How long red must hold before it is raised.
    pub red_on_delay_s: u32,
    /// The broker's port.
    pub broker_port: Option<u16>,
    /// Rule `no-data` raises after this much silence; without it no rule looks for silence.
    pub no_data_ms: Option<i64>,
    /// Rule `no-data` looks in this area only; without it everywhere.
    pub watched_area: Option<&'static str>,
    /// The reorder window of every analyzer. Without it none for [`Link::Mqtt`], and the default of
    /// the profile for the others.
    pub reorder_window_s: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            poll_ms: 200,
            red_on_delay_s: 0,
            broker_port: None,
            no_data_ms: Some(NO_DATA_MS),
            watched_area: None,
            reorder_window_s: None,
        }
    }
}

/// A site folder and a data folder that go with the test.
#[derive(Debug)]
pub struct SiteFolder {
    folder: TempDir,
}

impl SiteFolder {
    /// Writes the files.
    pub fn write(analyzers: &[Analyzer<'_>], options: Options) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("rules"))?;
        fs::write(site.join("site.toml"), site_text(options)?)?;
        fs::write(site.join("areas.toml"), areas_text(analyzers)?)?;
        fs::write(site.join("analyzers.toml"), analyzers_text(analyzers, options)?)?;
        fs::write(site.join("rules/chlorine.toml"), rules_text(options)?)?;
        Ok(Self { folder })
    }

    /// The site's folder.
    pub fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// The folder of its stores.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where other files of the test may go.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Tiers fall at once and nothing latches: these tests are about readings, not about people.
fn site_text(options: Options) -> Result<String> {
    let mut text = String::from(
        "id = \"e2e\"\n\
         name = { zh = \"测试园区\", en = \"Test park\" }\n\
         utc_offset = \"+08:00\"\n\
         tiers = [\"yellow\", \"orange\", \"red\"]\n\n\
         [station]\n\
         listen = \"127.0.0.1:0\"\n\n\
         [warnings]\n\
         lower_after_s = 0\n\
         latched_tiers = []\n",
    );
    if let Some(port) = options.broker_port {
        writeln!(text, "\n[mqtt]\nhost = \"127.0.0.1\"\nport = {port}")?;
        writeln!(text, "client_id = \"siskin-e2e\"")?;
    }
    Ok(text)
}

fn areas_text(analyzers: &[Analyzer<'_>]) -> Result<String> {
    let mut areas: Vec<_> = analyzers.iter().map(|analyzer| analyzer.area).collect();
    areas.sort_unstable();
    areas.dedup();
    let mut text = String::new();
    for (west, area) in (0..).step_by(100).zip(areas) {
        let east = west + 80;
        writeln!(
            text,
            "[[area]]\n\
             id = \"{area}\"\n\
             name = {{ zh = \"{area}\", en = \"{area}\" }}\n\
             kind = \"unit\"\n\
             outline = [\n\
             \x20 {{ x_m = {west}.0, y_m = 0.0 }},\n\
             \x20 {{ x_m = {east}.0, y_m = 0.0 }},\n\
             \x20 {{ x_m = {east}.0, y_m = 80.0 }},\n\
             ]\n"
        )?;
    }
    Ok(text)
}

fn analyzers_text(analyzers: &[Analyzer<'_>], options: Options) -> Result<String> {
    let mut text = String::new();
    for (x_m, analyzer) in (10..).step_by(10).zip(analyzers) {
        let Analyzer { id, area, link } = analyzer;
        let is_watched = options.no_data_ms.is_some()
            && options.watched_area.is_none_or(|watched| watched == *area);
        let unwatched = "unwatched = true\nunwatched_reason = \"made for tests\"\n";
        let watched = if is_watched { "" } else { unwatched };
        let (profile, connection, point) = match link {
            Link::Modbus(port) => (
                "honeywell-midas",
                format!("modbus = {{ host = \"127.0.0.1\", port = {port}, unit = 1 }}"),
                "gas",
            ),
            Link::Mqtt => ("siskin-json", topic(id), "value"),
            Link::Gateway => ("gateway-json", topic(id), "value"),
        };
        // Unless a test is about order, it does not wait for the default window.
        let window_s = options.reorder_window_s.or(matches!(link, Link::Mqtt).then_some(0));
        let reorder = window_s.map_or_else(String::new, |s| format!("reorder_window_s = {s}\n"));
        let poll_ms = options.poll_ms;
        writeln!(
            text,
            "[[analyzer]]\n\
             id = \"{id}\"\n\
             name = {{ zh = \"{id}\", en = \"{id}\" }}\n\
             area = \"{area}\"\n\
             position = {{ x_m = {x_m}.0, y_m = 40.0 }}\n\
             height_m = 1.5\n\
             profile = \"{profile}\"\n\
             {connection}\n\
             poll_ms = {poll_ms}\n\
             timeout_ms = 500\n\
             {reorder}\n\
             [[analyzer.channel]]\n\
             id = \"{id}-cl2\"\n\
             gas = \"chlorine\"\n\
             unit = \"ppm\"\n\
             point = \"{point}\"\n\
             range = {{ low = 0.0, high = {RANGE_PPM:?} }}\n\
             resolution = 0.01\n\
             {watched}"
        )?;
    }
    Ok(text)
}

fn topic(analyzer: &str) -> String {
    format!("mqtt = {{ topic = \"park/{analyzer}/reading\" }}")
}

fn rules_text(options: Options) -> Result<String> {
    let mut text = String::new();
    let delay_s = options.red_on_delay_s;
    for (tier, raise_at, on_delay_s) in
        [("yellow", YELLOW_PPM, 0), ("orange", ORANGE_PPM, 0), ("red", RED_PPM, delay_s)]
    {
        writeln!(
            text,
            "[[rule]]\n\
             id = \"chlorine-{tier}\"\n\
             name = {{ zh = \"氯气\", en = \"Chlorine\" }}\n\
             kind = \"threshold\"\n\
             gas = \"chlorine\"\n\
             tier = \"{tier}\"\n\
             unit = \"ppm\"\n\
             raise_at = {raise_at:?}\n\
             clear_below = {:?}\n\
             on_delay_s = {on_delay_s}.0\n\
             off_delay_s = 0.0\n\
             source = \"made for tests\"\n",
            raise_at * 0.9,
        )?;
    }
    if let Some(no_data_ms) = options.no_data_ms {
        writeln!(
            text,
            "[[rule]]\n\
             id = \"no-data\"\n\
             name = {{ zh = \"无数据\", en = \"No data\" }}\n\
             kind = \"no-data\"\n\
             {}\n\
             after_s = {}\n\
             source = \"made for tests\"",
            options.watched_area.map_or("all = true".to_owned(), |a| format!("areas = [\"{a}\"]")),
            no_data_ms / 1000
        )?;
    }
    Ok(text)
}
