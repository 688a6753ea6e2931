//! Tests as written, against the demo park and a site with a template: what they become and what is
//! refused, with its place.

use std::path::Path;

use siskin_model::{Edge, Quality};

use super::*;
use crate::{Inputs, load};

/// The TOML files of a folder and those below it.
fn files(root: &Path, folder: &Path) -> Vec<SourceFile> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(root, &path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root).unwrap().display().to_string();
            found.push(SourceFile { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn settings(site: &str) -> Settings {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let all = |folder: &str| files(&root.join(folder), &root.join(folder));
    let mut inputs = Inputs {
        site: all(site),
        gases: all("firmware-configs/gases"),
        devices: all("firmware-configs/devices"),
        ..Inputs::default()
    };
    inputs.site.retain(|file| !file.path.starts_with(FOLDER));
    load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()))
}

const DEMO: &str = "firmware-configs/sites/demo-park";
const NAME: &str = "[[test]]\nname = { zh = '一', en = 'one' }\n";

fn read_one(site: &str, text: &str) -> Result<RuleTest, String> {
    let file = SourceFile { path: "tests/a.toml".into(), text: format!("{NAME}{text}\n") };
    match read(&[file], &settings(site)) {
        Ok(tests) => Ok(tests.into_iter().next().unwrap()),
        Err(report) => Err(report
            .problems
            .iter()
            .map(|p| {
                let spot = p.spots.first().unwrap();
                format!("{}:{} {}; hint: {}", spot.line, spot.column, p.message, p.hint)
            })
            .collect::<Vec<_>>()
            .join("\n")),
    }
}

/// What is refused, from line 3 on: the name takes two.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let told = read_one(DEMO, text).expect_err(text);
    assert!(told.contains(expected), "{text}\ntold:     {told}\nexpected: {expected}");
    assert!(told.lines().all(|line| line.contains("; hint: ")), "{told}");
}

/// A series on which the chlorine rules can be expected.
const SERIES: &str = "series = { at-101-cl2 = '0.1 x60, 5 x60' }";

#[test]
fn a_test_becomes_readings_and_steps() {
    let written = "step_s = 2\nuntil = '30s'\nonly = ['chlorine-yellow']\n\
                series = { at-101-cl2 = '0.1 x2, 5 x3' }\n\
                extra = [{ channel = 'at-101-cl2', at = 1, arrives = '20s', values = '9' }]\n\
                expect = ['6s raise chlorine-yellow']\n\
                warnings = ['6s raised yellow']\n\
                corrections = ['6s removed raise chlorine-yellow at-101-cl2']";
    let test = read_one(DEMO, written).unwrap();
    assert_eq!((test.line, test.file.as_str()), (1, "tests/a.toml"));
    let told = |r: &Reading| {
        let at = |t: Timestamp| t.since_ms(START) / 1000;
        (at(r.measured_at), at(r.received_at), r.value.unwrap(), r.quality)
    };
    let good = |at, arrives, value| (at, arrives, value, Quality::Good);
    assert_eq!(
        test.readings.iter().map(told).collect::<Vec<_>>(),
        [
            good(0, 0, 0.1),
            good(2, 2, 0.1),
            good(4, 4, 5.0),
            good(6, 6, 5.0),
            good(8, 8, 5.0),
            good(1, 20, 9.0),
        ]
    );
    assert_eq!(test.until, START.plus_ms(30_000));
    assert_eq!(test.expected.alarms.len(), 1);
    assert_eq!((test.expected.alarms[0].at_ms, test.expected.alarms[0].edge), (6000, Edge::Raise));
    let said = |steps: &[String]| steps.join("; ");
    let warnings = test.expected.warnings.unwrap();
    assert_eq!(
        said(&warnings.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "6s raised yellow chlorine chlorine-tank-farm"
    );
    assert_eq!(test.expected.corrections.len(), 1);
    assert_eq!(test.expected.record, None);
}

#[test]
fn a_site_with_a_template_has_the_channels_that_a_test_names() {
    let site = "tests/fixtures/sites/standard-workload";
    let test = read_one(site, "series = { a = '1', b = '2' }\nexpect = []").unwrap();
    let (park, rules) = test.park(&settings(site));
    assert_eq!(park.channels.len(), 2);
    assert_eq!(test.readings.iter().map(|r| r.channel.0).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(rules.bindings.len(), 12);
}

#[test]
fn faults_inside_a_text_are_told_at_their_word() {
    let series = |text: &str| format!("series = {{ at-101-cl2 = '{text}' }}\nexpect = []");
    refused(&series("0.1 x60, 12 ovr x3"), "3:38 there is no number or word `ovr`");
    let lines = "expect = []\n[test.series]\nat-101-cl2 = \"\"\"\n0.1 x5,\n0.2 y5\n\"\"\"";
    refused(lines, "7:5 there is no number or word `y5`");
    let expect = |line: &str| format!("{SERIES}\nexpect = ['{line}']");
    refused(&expect("1m raise chlorine-yelow"), "4:21 there is no rule `chlorine-yelow`");
    refused(&expect("1m rise chlorine-yellow"), "4:15 there is no edge of an alarm `rise`");
    refused(&expect("soon raise chlorine-yellow"), "4:12 `soon` is no time");
    refused(&expect("3m raise chlorine-yellow"), "4:12 `3m` lies after the test's end at 2m");
    refused(&expect("1m"), "4:12 a line of 1 words cannot be understood");
    refused(
        &expect("1m raise chlorine-yellow at-102-cl2"),
        "4:37 there is no series of the channel `at-102-cl2`",
    );
    refused(
        &expect("1m raise benzene-yellow at-101-cl2"),
        "4:36 the rule `benzene-yellow` does not judge `at-101-cl2`",
    );
    refused(&expect("1m raise benzene-yellow"), "judges no channel of this test");
}

#[test]
fn times_in_the_wrong_order_are_refused() {
    let text = "expect = ['1m5s raise chlorine-yellow', '1m2s raise chlorine-orange']";
    refused(&format!("{SERIES}\n{text}"), "4:42 `1m2s` stands behind 1m5s");
    refused(
        &format!(
            "{SERIES}\nexpect = []\n\
             delivery = [{{ from = '1m', to = '30s', arrives = '2m' }}]"
        ),
        "`to` lies not after `from`",
    );
    refused(
        &format!("until = '1m'\n{SERIES}\nexpect = []"),
        "readings arrive after the test's end",
    );
}

#[test]
fn a_test_that_cannot_fail_is_refused() {
    refused(SERIES, "a test that does not say what to expect");
    refused("series = { at-999 = '1' }\nexpect = []", "there is no channel `at-999`");
    refused("series = { }\nexpect = []", "a test without a series");
    refused("expect = []", "a test without a table of series");
    let only = |rule: &str| format!("{SERIES}\nonly = ['{rule}']\nexpect = []");
    refused(&only("benzene-yellow"), "the rule `benzene-yellow` judges no channel of this test");
    refused(&only("benzene-yelow"), "there is no rule `benzene-yelow`");
    refused(&format!("{SERIES}\nonly = []\nexpect = []"), "`only` names no rule");
    let file = SourceFile { path: "tests/a.toml".into(), text: "# nothing\n".into() };
    let report = read(&[file], &settings(DEMO)).unwrap_err();
    assert_eq!(report.problems[0].message, "tests/a.toml has no test");
}

#[test]
fn unknown_keys_are_refused_everywhere() {
    refused(&format!("{SERIES}\nexpected = []"), "unknown key `expected` in [[test]]");
    let extra = "extra = [{ channel = 'at-101-cl2', at = 1, arrives = 2, values = '1', late = 1 }]";
    refused(&format!("{SERIES}\n{extra}\nexpect = []"), "unknown key `late` in [[test.extra]]");
    let delivery = "delivery = [{ arives = '4m' }]";
    refused(&format!("{SERIES}\n{delivery}\nexpect = []"), "unknown key `arives`");
}

#[test]
fn deliveries_must_do_something_and_be_repeatable() {
    let delivery = |text: &str| format!("{SERIES}\nexpect = []\ndelivery = [{{ {text} }}]");
    refused(&delivery("from = '1m'"), "a delivery that changes nothing");
    refused(&delivery("shuffle_s = 8"), "a delivery by chance has no seed");
    refused(&delivery("from = '5m', arrives = '6m'"), "a delivery that concerns no reading");
    refused(&delivery("repeat_percent = 500, seed = 1"), "must be from 0 to 100");
}

#[test]
fn warnings_name_what_a_test_can_cause() {
    let warnings = |line: &str| format!("{SERIES}\nexpect = []\nwarnings = ['{line}']");
    refused(&warnings("1m updated yellow"), "`updated` is not compared");
    refused(&warnings("1m closed yellow"), "nobody acts in a test");
    refused(&warnings("1m raised purple"), "there is no tier `purple`");
    refused(&warnings("1m raised red ammonia tank"), "there is no gas `ammonia`");
    refused(&warnings("1m raised red chlorine tank"), "there is no area `tank`");
}
