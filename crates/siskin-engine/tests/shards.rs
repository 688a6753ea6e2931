//! A site in shards gives what one engine gives: the same effects in the same order, call by call.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/arrivals.rs"]
mod arrivals;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use arrivals::{Row, WINDOW_MS, arriving, channel, late, within_the_window};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use random_rules::{linked_rules, on_all};
use siskin_engine::rule::{Contrast, Recent, Span, WindGate};
use siskin_engine::{Effects, Engine, Rule, RuleKind, RuleSet, Shard, Shards};
use siskin_model::site::{Position, Quantity};
use siskin_model::{AreaId, GasId, Reading, RuleId, Site, Tier};
use support::{rule, site, site_reordering};

/// A place of a channel: which area and which gas.
type Home = (u8, u8);

/// Some areas and gases; half of the analyzers reorder.
fn at_home(channels: &[Vec<Row>], homes: &[Home]) -> Site {
    let count = u32::try_from(channels.len()).unwrap();
    let mut site = site_reordering(count, WINDOW_MS);
    let mut prompt = site.analyzers[0].clone();
    prompt.reorder_window_ms = 0;
    prompt.position = Position { x_m: 100.0, y_m: 0.0 };
    site.analyzers.push(prompt);
    for (place, (channel, (area, gas))) in site.channels.iter_mut().zip(homes).enumerate() {
        channel.area = AreaId::new(&format!("area-{area}")).unwrap();
        let gas = GasId::new(["chlorine", "ammonia"][usize::from(*gas)]).unwrap();
        channel.quantity = Quantity::Gas(gas);
        channel.analyzer = place % 2;
    }
    site
}

/// Rules over several channels, one within areas and one over the whole site.
fn over_channels(of: &RuleId) -> Vec<Rule> {
    let recent = Recent { window_ms: 120_000, quantile: 0.9, times: 1.2 };
    let contrast = Contrast {
        step_ms: 5_000,
        baseline_ms: 60_000,
        steps_min: 3,
        mean_steps: 2,
        own: recent,
        group: recent,
    };
    let contrast =
        RuleKind::Contrast { contrast, span: Span::Area, raise_at: 2.0, clear_below: 1.0 };
    let vote = RuleKind::Vote {
        of: vec![of.clone()],
        needs: 2,
        span: Span::Site,
        within_m: None,
        memory_ms: 20_000,
        wind: Some(WindGate { speed_min_m_s: 1.0, half_angle_deg: 60.0 }),
    };
    vec![
        rule("contrast", Some(Tier::Orange), contrast, 5, 10),
        rule("vote-over-site", Some(Tier::Red), vote, 0, 10),
    ]
}

fn one_after_other(shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
    shards.iter_mut().for_each(work);
}

fn on_threads(shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
    std::thread::scope(|scope| {
        for shard in shards {
            scope.spawn(|| work(shard));
        }
    });
}

/// What shards tell: the lives of alarms about equipment are not among it.
fn told(effects: &Effects) -> Effects {
    Effects { equipment: Vec::new(), ..effects.clone() }
}

/// Every call gives the same effects.
fn check(site: &Site, rules: &RuleSet, readings: &[Reading], group: usize) -> TestCaseResult {
    for count in 1..=3 {
        let mut one = Engine::new(site, rules).unwrap();
        let mut shards = Shards::new(site, rules, count).unwrap();
        prop_assert!((1..=count).contains(&shards.count()));
        let (mut want, mut got) = (Effects::default(), Effects::default());
        for (place, batch) in readings.chunks(group).enumerate() {
            one.readings(batch, &mut want);
            if place % 2 == 0 {
                shards.readings(batch, &mut got, one_after_other);
            } else {
                shards.readings(batch, &mut got, on_threads);
            }
            prop_assert_eq!(told(&got), told(&want), "batch {} in {} shards", place, count);
            if place % 3 == 2 {
                let now = batch.last().unwrap().received_at.plus_ms(1_500);
                one.tick(now, &mut want);
                shards.tick(now, &mut got);
                prop_assert_eq!(
                    told(&got),
                    told(&want),
                    "tick after {} in {} shards",
                    place,
                    count
                );
            }
        }
        one.finish(&mut want);
        shards.finish(&mut got);
        prop_assert_eq!(told(&got), told(&want), "finish in {} shards", count);
        prop_assert_eq!(shards.counters(), one.counters(), "{} shards", count);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn shards_give_what_one_engine_gives(
        channels in prop::collection::vec(channel(), 4..10),
        homes in prop::collection::vec((0u8..4, 0u8..2), 10),
        rules in linked_rules(),
        has_more in any::<bool>(),
        fates in prop_oneof![within_the_window(), late()],
        group in prop::sample::select(vec![7usize, 64, 300, 1_000]),
    ) {
        let site = at_home(&channels, &homes);
        let mut rules = rules;
        if has_more {
            let more = over_channels(&rules[0].id);
            rules.extend(more);
        }
        let rules = on_all(rules, channels.len());
        check(&site, &rules, &arriving(&channels, &fates), group)?;
    }
}

#[test]
fn the_wind_stays_with_the_votes_that_ask_for_it() {
    let mut site = site(6);
    site.channels[5].quantity = Quantity::WindSpeed;
    for (place, channel) in site.channels.iter_mut().enumerate() {
        channel.area = AreaId::new(&format!("area-{place}")).unwrap();
    }
    let over = over_channels(&RuleId::new("high").unwrap());
    let high = RuleKind::Threshold {
        side: siskin_engine::rule::Side::High,
        raise_at: 10.0,
        clear_at: 9.0,
    };
    let rules = vec![rule("high", None, high, 0, 0), over[1].clone()];
    let mut set = on_all(rules, 6);
    // The votes of 0 and 1 count the alarms of all five; the wind belongs to them.
    set.bindings.retain(|b| b.channel.get() < 5 && (b.rule == 0 || b.channel.get() < 2));
    assert_eq!(Shards::new(&site, &set, 6).unwrap().count(), 1);
    set.bindings.retain(|b| b.rule == 0);
    assert_eq!(Shards::new(&site, &set, 6).unwrap().count(), 6);
}
