//! Hand-made stories of rules over several alarms and channels.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use siskin_engine::rule::{Expr, Side, Span, WindGate};
use siskin_engine::{Binding, Rehearsal, Rule, RuleKind, RuleSet};
use siskin_model::site::{Position, Quantity};
use siskin_model::{
    AlarmEvent, ChannelIndex, Edge, Quality, Reading, RuleId, Site, Tier, Timestamp,
};
use support::{GAP_MS, rule, site};

const START_MS: i64 = 1_767_225_600_000;

fn reading(channel: u32, s: i64, value: f64) -> Reading {
    let at = Timestamp::from_millis(START_MS + s * 1_000);
    Reading::new(ChannelIndex(channel), at, at, Some(value), Quality::Good)
}

fn high() -> Rule {
    let kind = RuleKind::Threshold { side: Side::High, raise_at: 10.0, clear_at: 9.0 };
    rule("high", Some(Tier::Blue), kind, 0, 0)
}

fn all_of(rules: Vec<Rule>, channels: u32) -> RuleSet {
    let of = |rule: usize| {
        (0..channels).map(move |c| Binding { channel: ChannelIndex(c), rule, factor: 1.0 })
    };
    let bindings = (0..rules.len()).flat_map(of).collect();
    RuleSet { rules, bindings }
}

/// Seconds, channel and edge of one rule.
fn of_rule(alarms: &[AlarmEvent], rule: &str) -> Vec<(i64, String, Edge)> {
    let own = alarms.iter().filter(|event| event.alarm.rule.as_str() == rule);
    let s = |event: &AlarmEvent| (event.at.as_millis() - START_MS) / 1_000;
    own.map(|event| (s(event), event.alarm.channel.to_string(), event.edge)).collect()
}

/// Judges readings in order, restarted before the reading at `cut`.
fn judged(site: &Site, rules: &RuleSet, readings: &[Reading], cut: usize) -> Vec<AlarmEvent> {
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    rehearsal.arrive(&readings[..cut]);
    rehearsal = rehearsal.restarted(site, rules).unwrap();
    rehearsal.arrive(&readings[cut..]);
    rehearsal.finish().alarms
}

/// A delay that runs when the channel falls silent begins anew with the first reading after it,
/// wherever in the silence or after it the engine is made anew.
#[test]
fn a_delay_begins_anew_after_a_silence_also_after_a_restart() {
    let when = Expr::Rule(RuleId::new("high").unwrap());
    let both = rule("both", Some(Tier::Yellow), RuleKind::Boolean { when }, 15, 0);
    let (site, rules) = (site(1), all_of(vec![high(), both], 1));
    // Longer than restarts look back.
    let gap_s = 10 * GAP_MS / 1_000;
    let speaks = |s: &i64| *s < 10 || (10 + gap_s..60 + gap_s).contains(s);
    let mut readings: Vec<_> =
        (0..60 + gap_s).filter(speaks).map(|s| reading(0, s, 20.0)).collect();
    readings.push(reading(0, 60 + gap_s, 0.0));
    let wanted =
        [(25 + gap_s, "0".to_owned(), Edge::Raise), (60 + gap_s, "0".to_owned(), Edge::Clear)];
    for cut in 0..readings.len() {
        let found = of_rule(&judged(&site, &rules, &readings, cut), "both");
        assert_eq!(found, wanted, "restarted before row {cut}");
    }
}

/// Two channels 100 m apart, west and east, and the wind.
fn park() -> Site {
    let mut site = site(4);
    let mut east = site.analyzers[0].clone();
    east.position = Position { x_m: 100.0, y_m: 0.0 };
    site.analyzers.push(east);
    site.channels[1].analyzer = 1;
    site.channels[2].quantity = Quantity::WindSpeed;
    site.channels[3].quantity = Quantity::WindDirection;
    site
}

/// The wind turns while a channel says nothing: nothing is raised there in the silence, and with
/// the channel's next reading the vote is counted anew.
#[test]
fn a_wind_that_turned_in_a_silence_counts_when_the_channel_speaks_again() {
    let vote = RuleKind::Vote {
        of: vec![RuleId::new("high").unwrap()],
        needs: 2,
        span: Span::Site,
        within_m: None,
        memory_ms: 0,
        wind: Some(WindGate { speed_min_m_s: 1.0, half_angle_deg: 30.0 }),
    };
    let rules = vec![high(), rule("vote", Some(Tier::Red), vote, 0, 0)];
    let mut set = all_of(rules, 1);
    set.bindings.push(Binding { channel: ChannelIndex(1), rule: 0, factor: 1.0 });
    let minute = 60;
    let (silent_s, turns_s, speaks_s) = (20 * minute, 25 * minute, 50 * minute + 30);
    let mut readings = Vec::new();
    for s in 0..60 * minute {
        if !(silent_s..speaks_s).contains(&s) {
            readings.push(reading(0, s, 20.0));
        }
        readings.push(reading(1, s, 20.0));
        readings.push(reading(2, s, 3.0));
        // From the south, across; then from the east, along.
        readings.push(reading(3, s, if s < turns_s { 180.0 } else { 90.0 }));
    }
    // Before the first minute is over the wind is not known and takes no corroboration away.
    let wanted = [(0, Edge::Raise), (minute, Edge::Clear), (speaks_s, Edge::Raise)]
        .map(|(s, edge)| (s, "0".to_owned(), edge));
    for cut in [0, readings.len() / 2, readings.len()] {
        let found = of_rule(&judged(&park(), &set, &readings, cut), "vote");
        assert_eq!(found, wanted, "restarted before row {cut}");
    }
}
