//! The examples of `docs/rules.md` are rules: read together in one site they load, and every kind
//! has one.

use std::collections::BTreeSet;

use siskin_config::{Inputs, Settings, SourceFile, load, rule_text};
use siskin_engine::RuleKind;
use siskin_engine::rule::{Side, TrendMethod};
use siskin_model::Tier;

use crate::reading;

/// Every kind of rule.
const KINDS: [&str; 14] = [
    "threshold",
    "window-mean",
    "rate-of-rise",
    "trend",
    "baseline",
    "cusum",
    "contrast",
    "dose",
    "vote",
    "boolean",
    "no-data",
    "stuck",
    "jump",
    "out-of-range",
];
/// The catalogue has no oxygen: it is no toxic gas.
const OXYGEN: &str = "id = 'oxygen'\nname = { zh = '氧', en = 'Oxygen' }\nformula = 'O2'\n\
                      molar_mass_g_mol = 31.998\nsource = 'made for tests'\n";

/// The fenced blocks of TOML that hold rules.
fn examples(document: &str) -> Vec<&str> {
    let blocks = document.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| block.contains("[[rule]]")).collect()
}

fn settings() -> Settings {
    let above = reading::root().join("../..");
    let document = std::fs::read_to_string(above.join("docs/rules.md")).unwrap();
    let mut inputs = Inputs {
        site: reading::folder(&reading::root().join("tests/documented")),
        gases: reading::folder(&above.join("firmware-configs/gases")),
        devices: reading::folder(&above.join("firmware-configs/devices")),
        ..Inputs::default()
    };
    let oxygen = SourceFile { path: "oxygen.toml".into(), text: OXYGEN.into() };
    if !inputs.gases.iter().any(|file| file.path == oxygen.path) {
        inputs.gases.push(oxygen);
    }
    let text = examples(&document).join("\n");
    inputs.site.push(SourceFile { path: "rules/documented.toml".into(), text });
    load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()))
}

#[test]
fn the_examples_load_and_every_kind_has_one() {
    let rules = settings().rules.rules;
    let found: BTreeSet<&str> = rules.iter().map(|rule| rule.kind.as_str()).collect();
    assert_eq!(found, BTreeSet::from(KINDS));
}

#[test]
fn the_examples_mean_what_they_say() {
    let Settings { rules, site, .. } = settings();
    let find = |id: &str| rules.rules.iter().find(|rule| rule.id.as_str() == id).unwrap();
    let low = find("oxygen-orange");
    assert_eq!(low.tier, Some(Tier::Orange));
    let expected = RuleKind::Threshold { side: Side::Low, raise_at: 19.5, clear_at: 20.0 };
    assert_eq!(low.kind, expected);
    let trend = &find("chlorine-robust-trend").kind;
    assert!(matches!(trend, RuleKind::Trend { method: TrendMethod::TheilSen, .. }), "{trend:?}");
    let RuleKind::Dose { points, exponent, .. } = &find("chlorine-aegl-2").kind else {
        panic!("no dose");
    };
    assert_eq!((points.len(), points[0].duration_ms, points[0].limit), (5, 600_000, 2.8));
    assert_eq!(*exponent, None);
    let RuleKind::Baseline { baseline, .. } = find("chlorine-above-baseline").kind else {
        panic!("no baseline");
    };
    assert_eq!((baseline.step_ms, baseline.quantile), (60_000, 0.2));
    // A rule that only feeds a vote has no tier.
    assert_eq!(find("chlorine-above-baseline").tier, None);
    let windows: Vec<u32> = site.analyzers.iter().map(|a| a.reorder_window_ms).collect();
    assert_eq!(windows, [10_000, 10_000, 10_000, 2_500, 0]);
}

#[test]
fn every_example_has_a_text_of_its_own() {
    let rules = settings().rules.rules;
    let texts: BTreeSet<String> = rules.iter().map(rule_text).collect();
    assert_eq!(texts.len(), rules.len());
}
