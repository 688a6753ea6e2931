//! The text of a rule read back gives the rule.

use proptest::prelude::*;
use siskin_engine::rule::Contrast;
use siskin_model::{Conditions, Text, Tier, Unit};

use super::*;
use crate::checks::catalogue::Catalogue;
use crate::checks::{AllNames, Context, rule};
use crate::problems::Problems;
use crate::sources::Sources;
use crate::{node, written};

/// Reads the text of one rule about chlorine, as far as it can be without a site.
fn parse(text: &str) -> Result<Rule, String> {
    let text = format!("{text}gas = \"chlorine\"\n");
    let mut sources = Sources::default();
    let mut problems = Problems::default();
    let catalogue = Catalogue { broken: ["chlorine".to_owned()].into(), ..Catalogue::default() };
    let names = AllNames::default();
    let context = Context {
        catalogue: &catalogue,
        site: None,
        names: &names,
        tiers: &Tier::ALL,
        conditions: Conditions::REFERENCE,
        channels: &[],
        devices_broken: false,
    };
    let root = node::parse("r", &text, &mut sources, &mut problems);
    let read = root.map(|root| written::rules::read(&root, "r", &mut problems));
    let placed =
        read.iter().flatten().find_map(|written| rule::check(written, &context, &mut problems));
    match problems.finish(placed, &sources) {
        Ok((placed, _)) => Ok(placed.rule),
        Err(report) => Err(format!("{text}\n{}", report.render())),
    }
}

fn id() -> impl Strategy<Value = RuleId> {
    "[a-z][a-z0-9]{0,6}-[0-9]".prop_map(|text| RuleId::new(&text).unwrap())
}

/// Lengths of time in whole milliseconds up to a day.
fn ms() -> impl Strategy<Value = i64> {
    prop_oneof![1..86_400_000i64, (1..86_400i64).prop_map(|s| s * 1000)]
}

fn level() -> impl Strategy<Value = f64> {
    prop_oneof![1e-6..1e6f64, (1..1000u32).prop_map(f64::from)]
}

fn baseline() -> impl Strategy<Value = Baseline> {
    (1_000..90_000i64, 3..4096i64, 0.0..=0.5f64, 0..604_800_000i64, level()).prop_map(
        |(step_ms, steps, quantile, freeze_max_ms, noise_min)| Baseline {
            window_ms: step_ms * steps,
            step_ms,
            quantile,
            steps_min: 3,
            freeze_max_ms,
            noise_min,
        },
    )
}

fn expr() -> impl Strategy<Value = Expr> {
    id().prop_map(Expr::Rule).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn dose() -> impl Strategy<Value = RuleKind> {
    let points = prop::collection::vec((1..80u32, 0.0..5.0f64), 1..16);
    (points, prop::option::of(0.5..=8.0f64), level(), level()).prop_map(
        |(steps, exponent, raise_at, clear_below)| {
            let (mut minutes, mut limit) = (0, 1000.0);
            let next = |(more, less): (u32, f64)| {
                minutes += i64::from(more);
                limit -= less;
                DosePoint { duration_ms: minutes * 60_000, limit }
            };
            let points = steps.into_iter().map(next).collect();
            RuleKind::Dose { points, exponent, raise_at, clear_below }
        },
    )
}

fn contrast() -> impl Strategy<Value = RuleKind> {
    let recent =
        |step_ms: i64| {
            (3..4096i64, 0.0..=1.0f64, 0.0..9.0f64).prop_map(move |(steps, quantile, times)| {
                Recent { window_ms: step_ms * steps, quantile, times }
            })
        };
    let span = prop::sample::select(vec![Span::Area, Span::Site]);
    (1_000..90_000i64, span, level(), level()).prop_flat_map(
        move |(step_ms, span, raise_at, clear_below)| {
            (3..4096i64, 1..60u32, recent(step_ms), recent(step_ms)).prop_map(
                move |(steps, mean_steps, own, group)| RuleKind::Contrast {
                    contrast: Contrast {
                        step_ms,
                        baseline_ms: step_ms * steps,
                        steps_min: 3,
                        mean_steps,
                        own,
                        group,
                    },
                    span,
                    raise_at,
                    clear_below,
                },
            )
        },
    )
}

fn vote() -> impl Strategy<Value = RuleKind> {
    let wind = (0.0..9.0f64, 1.0..=90.0f64)
        .prop_map(|(speed_min_m_s, half_angle_deg)| WindGate { speed_min_m_s, half_angle_deg });
    let span = prop::sample::select(vec![Span::Area, Span::Site]);
    let of = prop::collection::vec(id(), 1..4);
    (of, 1..9u32, span, prop::option::of(level()), 0..86_400_000i64, prop::option::of(wind))
        .prop_map(|(of, needs, span, within_m, memory_ms, wind)| RuleKind::Vote {
            of,
            needs,
            span,
            within_m,
            memory_ms,
            wind,
        })
}

fn gas_kind() -> impl Strategy<Value = RuleKind> {
    let side = prop::sample::select(vec![Side::High, Side::Low]);
    let method = prop::sample::select(vec![TrendMethod::LeastSquares, TrendMethod::TheilSen]);
    let cusum = (baseline(), ms(), prop::option::of(0.0..=0.95f64), level(), level());
    prop_oneof![
        (side, level(), level()).prop_map(|(side, raise_at, clear_at)| RuleKind::Threshold {
            side,
            raise_at,
            clear_at
        }),
        (ms(), 1..99u32, level(), level()).prop_map(
            |(window_ms, samples_min, raise_at, clear_below)| RuleKind::WindowMean {
                window_ms,
                samples_min,
                raise_at,
                clear_below
            }
        ),
        (ms(), 2..99u32, level(), -1e3..1e3f64).prop_map(
            |(window_ms, samples_min, raise_per_min, clear_per_min)| RuleKind::RateOfRise {
                window_ms,
                samples_min,
                raise_per_min,
                clear_per_min
            }
        ),
        (method, ms(), 3..60u32, level(), ms(), level()).prop_map(
            |(method, window_ms, samples_min, target, horizon_ms, significance)| RuleKind::Trend {
                method,
                window_ms,
                samples_min,
                target,
                horizon_ms,
                significance
            }
        ),
        (baseline(), level(), level(), level()).prop_map(
            |(baseline, raise_by, clear_by, noise_times)| RuleKind::Baseline {
                baseline,
                raise_by,
                clear_by,
                noise_times
            }
        ),
        (cusum, level(), level()).prop_map(
            |((baseline, memory_ms, whiten, allowance, clip), raise_at, clear_below)| {
                RuleKind::Cusum {
                    baseline,
                    memory_ms,
                    whiten,
                    allowance,
                    clip,
                    raise_at,
                    clear_below,
                }
            }
        ),
        contrast(),
        dose(),
        vote(),
        expr().prop_map(|when| RuleKind::Boolean { when }),
    ]
}

fn equipment_kind() -> impl Strategy<Value = RuleKind> {
    prop_oneof![
        ms().prop_map(|after_ms| RuleKind::NoData { after_ms }),
        (ms(), 0.0..9.0f64, prop::option::of(level())).prop_map(
            |(after_ms, tolerance, ignore_to)| RuleKind::Stuck { after_ms, tolerance, ignore_to }
        ),
        (level(), ms()).prop_map(|(by, within_ms)| RuleKind::Jump { by, within_ms }),
        Just(RuleKind::OutOfRange),
    ]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let tier = prop::option::of(prop::sample::select(Tier::ALL.to_vec()));
    let kind = prop_oneof![
        3 => (gas_kind(), tier),
        1 => (equipment_kind(), Just(None)),
    ];
    let unit = prop::sample::select(vec![Unit::Ppm, Unit::MilligramPerM3, Unit::PercentLel]);
    let by = prop::option::of(id());
    let ms = [0..9_000i64, 0..9_000i64, 1..9_000i64];
    (id(), "[a-z氯\"\\\\\n\t]{1,6}x", kind, unit, ms, by).prop_map(
        |(id, words, (kind, tier), unit, [on_delay_ms, off_delay_ms, gap_ms], by)| {
            let is_gas = kind.alarm_kind() == siskin_model::AlarmKind::Gas;
            let is_no_data = matches!(kind, RuleKind::NoData { .. });
            let delay = |ms: i64| if is_no_data { 0 } else { ms };
            Rule {
                id,
                name: Text::new(words.clone(), words.clone()),
                unit: if has_unit(&kind) { unit } else { Unit::Ppm },
                kind,
                tier,
                on_delay_ms: delay(on_delay_ms),
                off_delay_ms: delay(off_delay_ms),
                gap_ms: if is_no_data { siskin_engine::rule::GAP_MS_DEFAULT } else { gap_ms },
                source: words,
                suppressed_by: if is_gas { by } else { None },
            }
        },
    )
}

proptest! {
    #[test]
    fn read_back_it_is_the_same_rule(rule in any_rule()) {
        let text = rule_text(&rule);
        prop_assert_eq!(parse(&text), Ok(rule), "{}", text);
    }
}

#[test]
fn the_text_is_short_and_in_order() {
    let rule = Rule {
        id: RuleId::new("cl2-red").unwrap(),
        name: Text::new("氯气", "Chlorine"),
        kind: RuleKind::Threshold { side: Side::High, raise_at: 20.0, clear_at: 18.25 },
        tier: Some(Tier::Red),
        unit: Unit::Ppm,
        on_delay_ms: 3_000,
        off_delay_ms: 2_500,
        gap_ms: 30_000,
        source: "made for \"tests\"".to_owned(),
        suppressed_by: None,
    };
    let expected = "[[rule]]\nid = \"cl2-red\"\nname = { zh = \"氯气\", en = \"Chlorine\" }\n\
                    kind = \"threshold\"\ntier = \"red\"\nunit = \"ppm\"\nraise_at = 20.0\n\
                    clear_below = 18.25\non_delay_s = 3\noff_delay_s = 2.5\ngap_s = 30\n\
                    source = \"made for \\\"tests\\\"\"\n";
    assert_eq!(rule_text(&rule), expected);
}

#[test]
fn a_condition_has_the_parentheses_it_needs() {
    let rule = |id: &str| Expr::Rule(RuleId::new(id).unwrap());
    let or = Expr::Or(vec![rule("b"), rule("c")]);
    let when = Expr::And(vec![rule("a"), Expr::Not(Box::new(or))]);
    assert_eq!(condition(&when), "a and not (b or c)");
}
