//! The bundled rule sets, `firmware-configs/rule-sets/`: each is loaded alone in a small park that
//! measures its gases, and the set points it comes to are held against the catalogue and against
//! the table in `firmware-configs/README.md`. Writes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use siskin_config::{Inputs, Settings, SourceFile, load};
use siskin_engine::{Rule, RuleKind};
use siskin_model::{AlarmKind, Tier};

/// Every set there must be, in the order of their names.
const SETS: [&str; 12] = [
    "ammonia",
    "benzene",
    "carbon-monoxide",
    "chlorine",
    "combustibles",
    "hydrogen-chloride",
    "hydrogen-cyanide",
    "hydrogen-fluoride",
    "hydrogen-sulfide",
    "phosgene",
    "sulfur-dioxide",
    "voc",
];
/// 25 °C at the sea.
const REFERENCE: &str = "temperature_c = 25.0\npressure_hpa = 1013.25";
/// A mole takes half as much room again: ppm and mg/m³ lie differently to each other.
const PLATEAU: &str = "temperature_c = 15.0\npressure_hpa = 650.0";
/// What a source may rest on. A number that no standard states says so.
const SOURCES: [&str; 9] = [
    "GB/T 50493-2019 clause",
    "GBZ 2.1-2019 table",
    "HJ 169-2018 table",
    "GB 37822-2019 table",
    "NIOSH IDLH",
    "EPA/NRC AEGL-",
    "NAMUR NE ",
    "Siskin's own default, no standard",
    "Siskin's own step, no standard",
];

/// A row of the table: a set, one of its gases, and what it comes to.
#[derive(Debug)]
struct Row {
    set: String,
    gas: String,
    unit: String,
    tiers: Vec<String>,
    range_from: f64,
    source: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs")
}

/// The TOML files of a folder, without those of folders in it.
fn files(folder: &str) -> Vec<SourceFile> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        entries.filter(|path| path.extension() == Some("toml".as_ref())).collect();
    paths.sort();
    let file = |path: PathBuf| SourceFile {
        path: path.file_name().unwrap().to_str().unwrap().to_owned(),
        text: fs::read_to_string(&path).unwrap(),
    };
    paths.into_iter().map(file).collect()
}

/// The rows of the table under the heading of the rule sets.
fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = text.split_once("\n## A rule set\n").expect("the section is there");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|c| c.trim().replace('`', "")).collect();
        assert_eq!(cells.len(), 9, "{line}");
        Row {
            set: cells[0].clone(),
            gas: cells[1].clone(),
            unit: cells[2].clone(),
            tiers: cells[3..7].to_vec(),
            range_from: cells[7].parse().unwrap_or_else(|e| panic!("{line}: {e}")),
            source: cells[8].clone(),
        }
    })
    .collect()
}

/// A park with one channel for each gas of `rows`, read every 10 s, that uses `sets`.
fn park(sets: &[&str], rows: &[&Row], conditions: &str) -> Settings {
    let sets: Vec<String> = sets.iter().map(|set| format!("\"{set}\"")).collect();
    let site = format!(
        "id = \"park\"\nname = {{ zh = \"园区\", en = \"Park\" }}\n\
         tiers = [\"blue\", \"yellow\", \"orange\", \"red\"]\nrule_sets = [{}]\n\
         [mqtt]\nhost = \"127.0.0.1\"\nport = 1883\n[conditions]\n{conditions}\n",
        sets.join(", ")
    );
    let areas = "[[area]]\nid = \"unit\"\nname = { zh = \"装置\", en = \"Unit\" }\n\
                 kind = \"unit\"\noutline = [{ x_m = 0, y_m = 0 }, { x_m = 100, y_m = 0 }, \
                 { x_m = 100, y_m = 100 }]\n";
    let mut analyzers = String::new();
    for Row { gas, unit, range_from, .. } in rows {
        write!(
            analyzers,
            "[[analyzer]]\nid = \"at-{gas}\"\nname = {{ zh = \"探测器\", en = \"Detector\" }}\n\
             area = \"unit\"\nposition = {{ x_m = 50, y_m = 10 }}\nprofile = \"siskin-json\"\n\
             mqtt = {{ topic = \"park/{gas}\" }}\npoll_ms = 10000\n\
             [[analyzer.channel]]\nid = \"{gas}\"\ngas = \"{gas}\"\nunit = \"{unit}\"\n\
             point = \"value\"\nrange = {{ low = 0, high = {range_from} }}\nresolution = 0.001\n"
        )
        .unwrap();
    }
    let file = |path: &str, text: String| SourceFile { path: path.to_owned(), text };
    let inputs = Inputs {
        site: vec![
            file("site.toml", site),
            file("areas.toml", areas.to_owned()),
            file("analyzers.toml", analyzers),
        ],
        gases: files("gases"),
        devices: files("devices"),
        rule_sets: files("rule-sets"),
        environment: Vec::new(),
    };
    load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()))
}

/// Each set alone at both states of the air, with its gases.
fn alone() -> Vec<(&'static str, Settings)> {
    let rows = rows();
    let of = |set| rows.iter().filter(|row| row.set == set).collect::<Vec<_>>();
    let both =
        |set| [(set, park(&[set], &of(set), REFERENCE)), (set, park(&[set], &of(set), PLATEAU))];
    SETS.into_iter().flat_map(both).collect()
}

/// The rules that judge a gas's channel, whose id is the gas's.
fn rules_of<'a>(settings: &'a Settings, gas: &str) -> Vec<&'a Rule> {
    let (channel, _) = settings.site.indexed().find(|(_, c)| c.id.as_str() == gas).unwrap();
    let bindings = settings.rules.bindings.iter().filter(|b| b.channel == channel);
    bindings.map(|b| &settings.rules.rules[b.rule]).collect()
}

/// Where the thresholds of a gas raise and clear, by tier, and how long they wait.
fn thresholds(settings: &Settings, gas: &str) -> BTreeMap<Tier, (f64, f64, i64, i64)> {
    let mut found = BTreeMap::new();
    for rule in rules_of(settings, gas) {
        if let RuleKind::Threshold { raise_at, clear_at, .. } = rule.kind {
            let times = (rule.on_delay_ms, rule.off_delay_ms);
            let old = found.insert(rule.tier.unwrap(), (raise_at, clear_at, times.0, times.1));
            assert_eq!(old, None, "{gas}: two thresholds of one tier");
        }
    }
    found
}

/// Three significant digits, without zeros at the end.
fn shown(value: f64) -> String {
    let digits = format!("{value:.2e}").parse::<f64>().unwrap();
    digits.to_string()
}

#[test]
fn the_twelve_sets_are_there_and_in_the_table() {
    let names: Vec<String> =
        files("rule-sets").iter().map(|f| f.path.trim_end_matches(".toml").to_owned()).collect();
    assert_eq!(names, SETS);
    let told: BTreeSet<String> = rows().into_iter().map(|row| row.set).collect();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), SETS);
}

#[test]
fn all_sets_together_load_and_no_id_stands_twice() {
    let rows = rows();
    let settings = park(&SETS, &rows.iter().collect::<Vec<_>>(), REFERENCE);
    let ids: BTreeSet<_> = settings.rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), settings.rules.rules.len());
    let alone: usize = alone().iter().map(|(_, settings)| settings.rules.rules.len()).sum();
    // Each set was loaded alone at two states of the air.
    assert_eq!(2 * ids.len(), alone);
}

#[test]
fn tiers_strictly_rise_clear_at_nine_tenths_and_red_waits_for_nothing() {
    for (set, settings) in alone() {
        for channel in &settings.site.channels {
            let steps = thresholds(&settings, channel.id.as_str());
            let raises: Vec<f64> = steps.values().map(|step| step.0).collect();
            assert!(raises.len() >= 2, "{set}: only {raises:?}");
            assert!(raises.is_sorted_by(|a, b| a < b), "{set}: {raises:?}");
            for (tier, (raise, clear, on_ms, off_ms)) in steps {
                assert!((clear / raise - 0.9).abs() < 1e-9, "{set} {tier:?}: {clear} of {raise}");
                let waits = if tier == Tier::Red { 0..=0 } else { 3_000..=5_000 };
                assert!(waits.contains(&on_ms), "{set} {tier:?}: waits {on_ms} ms");
                assert_eq!(off_ms, 30_000, "{set} {tier:?}");
            }
        }
    }
}

#[test]
fn every_channel_is_watched_for_silence_standing_still_range_and_trend() {
    for (set, settings) in alone() {
        for channel in &settings.site.channels {
            let rules = rules_of(&settings, channel.id.as_str());
            let kinds: Vec<AlarmKind> = rules.iter().map(|rule| rule.kind.alarm_kind()).collect();
            for kind in [AlarmKind::NoData, AlarmKind::Stuck, AlarmKind::OutOfRange] {
                let count = kinds.iter().filter(|found| **found == kind).count();
                assert_eq!(count, 1, "{set}, {}: {kind:?}", channel.id);
            }
            let yellow = thresholds(&settings, channel.id.as_str())[&Tier::Yellow].0;
            let targets: Vec<f64> = rules
                .iter()
                .filter_map(|rule| match rule.kind {
                    RuleKind::Trend { target, .. } => Some(target),
                    _ => None,
                })
                .collect();
            assert_eq!(targets, [yellow], "{set}, {}: the trend goes to yellow", channel.id);
        }
    }
}

#[test]
fn every_rule_names_its_source_and_what_is_unverified() {
    for (set, settings) in alone() {
        let rules: BTreeMap<&str, &str> =
            settings.rules.rules.iter().map(|r| (r.id.as_str(), r.source.as_str())).collect();
        for (id, source) in &rules {
            assert!(SOURCES.iter().any(|known| source.contains(known)), "{id}: `{source}`");
        }
        for note in &settings.notes {
            let about = note.message.strip_prefix("rule `");
            let Some((id, _)) = about.and_then(|rest| rest.split_once("` rests on ")) else {
                continue;
            };
            // A trend says only what it warns of; the tier it leads to names the limit.
            let is_own = rules[id].contains("Siskin's own default");
            assert!(is_own || rules[id].contains("(unverified)"), "{set}: {note}");
        }
    }
    for file in files("rule-sets") {
        let head: String = file.text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(head.contains("# Unverified: "), "{}: the head does not say", file.path);
    }
}

#[test]
fn doses_are_those_of_the_catalogue() {
    let mut seen = 0;
    for (set, settings) in alone() {
        for rule in &settings.rules.rules {
            let RuleKind::Dose { points, .. } = &rule.kind else { continue };
            let (gas, level) = rule.id.as_str().split_once("-aegl-").unwrap();
            let gas = settings.site.gases.iter().find(|g| g.id.as_str() == gas).unwrap();
            let level: u8 = level.parse().unwrap();
            let table = gas.acute.aegl.iter().filter(|row| row.level == level);
            let table: Vec<(i64, f64)> =
                table.map(|row| (i64::from(row.minutes) * 60_000, row.ppm)).collect();
            let points: Vec<(i64, f64)> = points.iter().map(|p| (p.duration_ms, p.limit)).collect();
            assert_eq!(points, table, "{set}: {}", rule.id);
            let verified = gas.acute.aegl_verified;
            let status = gas.acute.aegl_status.as_deref().unwrap();
            let told =
                if verified { format!("{status};") } else { format!("{status} (unverified);") };
            assert!(rule.source.contains(&told), "{}: {}", rule.id, rule.source);
            seen += 1;
        }
    }
    // Two for each toxic gas, one for sulfur dioxide, at two states of the air.
    assert_eq!(seen, 2 * (9 * 2 + 1));
}

#[test]
fn the_table_says_what_is_loaded() {
    for row in rows() {
        let settings = park(&[row.set.as_str()], &[&row], REFERENCE);
        let steps = thresholds(&settings, &row.gas);
        let loaded: Vec<String> = Tier::ALL
            .iter()
            .map(|tier| steps.get(tier).map_or("–".to_owned(), |step| shown(step.0)))
            .collect();
        assert_eq!(row.tiers, loaded, "{}, {}", row.set, row.gas);
        for rule in rules_of(&settings, &row.gas) {
            let is_threshold = matches!(rule.kind, RuleKind::Threshold { .. });
            assert!(!is_threshold || rule.unit.as_str() == row.unit, "{}", rule.id);
        }
        assert!(row.source.len() > 8, "{}: no source", row.gas);
    }
}
