//! Drills: what is laid over real readings, what comes out marked, and the report afterwards.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use proptest::prelude::*;
use siskin_engine::drill::{DrillEngine, Overlay, Report, ScenarioError, Wish, WishedChannel};
use siskin_engine::life::{Act, ActError, Acting, Done};
use siskin_engine::rule::Side;
use siskin_engine::{Effects, Engine, RuleKind, RuleSet};
use siskin_model::life::{Ladder, Rung};
use siskin_model::site::{Area, AreaKind, Position};
use siskin_model::{
    AreaId, ChannelId, ChannelIndex, Drill, DrillEnd, DrillEndReason, DrillId, DrilledChannel, Gas,
    GasId, LifePolicy, NewDrill, Quality, Reading, Scenario, Site, Subject, Text, Tier, Timestamp,
    Unit, WarningChange, WarningEvent, WarningId, WarningState,
};
use support::rule;

const START_MS: i64 = 1_767_225_600_000;
const ID: DrillId = DrillId(7);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + ms)
}

fn channel(id: u32) -> ChannelId {
    ChannelId::new(&id.to_string()).unwrap()
}

fn chlorine() -> Gas {
    Gas {
        id: GasId::new("chlorine").unwrap(),
        name: Text::new("氯气", "chlorine"),
        cas: None,
        formula: "Cl2".to_owned(),
        molar_mass_g_mol: Some(70.906),
        hj_code: None,
        source: "test".to_owned(),
        oel: siskin_model::gas::OccupationalLimits::default(),
        hj169: siskin_model::gas::EndPoints::default(),
        acute: siskin_model::Toxicity::default(),
    }
}

/// Channels 0 to 9 in `area-0`, the others in `area-1`.
fn site(channels: u32) -> Site {
    let area = |id: &str| Area {
        id: AreaId::new(id).unwrap(),
        name: Text::new(id, id),
        kind: AreaKind::Unit,
        outline: Vec::new(),
    };
    let rung = |after_ms, to: &str| Rung { after_ms, to: to.to_owned() };
    let life = LifePolicy {
        latched: vec![Tier::Red],
        shelf_ms_max: vec![(Tier::Yellow, 60_000), (Tier::Red, 30_000)],
        ladders: vec![Ladder {
            tier: Tier::Red,
            rungs: vec![rung(15_000, "leader"), rung(40_000, "bureau")],
        }],
        ..LifePolicy::default()
    };
    let site = support::site(channels);
    Site { areas: vec![area("area-0"), area("area-1")], gases: vec![chlorine()], life, ..site }
}

fn rules(channels: u32) -> RuleSet {
    let high = |id, tier, limit| {
        let kind = RuleKind::Threshold { side: Side::High, raise_at: limit, clear_at: limit };
        rule(id, Some(tier), kind, 0, 0)
    };
    let rules = vec![high("yellow", Tier::Yellow, 10.0), high("red", Tier::Red, 30.0)];
    let each = (0..rules.len()).flat_map(|rule| {
        (0..channels).map(move |on| siskin_engine::Binding {
            rule,
            channel: ChannelIndex(on),
            factor: 1.0,
        })
    });
    let bindings = each.collect();
    RuleSet { rules, bindings }
}

fn reading(on: u32, ms: i64, value: Option<f64>, quality: Quality) -> Reading {
    Reading::new(ChannelIndex(on), at(ms), at(ms), value, quality)
}

fn scenario(peak: f64, unit: Unit) -> Scenario {
    Scenario {
        area: AreaId::new("area-0").unwrap(),
        gas: GasId::new("chlorine").unwrap(),
        peak,
        unit,
        rise_ms: 10_000,
        hold_ms: 60_000,
        decay_ms: 10_000,
        release_at: at(0),
        channels: vec![
            DrilledChannel { channel: channel(0), factor: 1.0, delay_ms: 0 },
            DrilledChannel { channel: channel(1), factor: 0.5, delay_ms: 5_000 },
        ],
    }
}

fn laid(scenario: &Scenario, reading: Reading) -> (Option<f64>, Quality) {
    let laid = Overlay::new(&site(12), scenario).over(&[reading]);
    assert_eq!(laid.len(), 1);
    assert_eq!((laid[0].channel, laid[0].measured_at), (reading.channel, reading.measured_at));
    (laid[0].value, laid[0].quality)
}

#[test]
fn the_release_is_added_where_and_when_it_is() {
    let one = scenario(20.0, Unit::Ppm);
    let check = |on, ms, expected: f64| {
        let (value, quality) = laid(&one, reading(on, ms, Some(1.5), Quality::Good));
        assert!((value.unwrap() - expected).abs() < 1e-9, "{value:?} on {on} at {ms}");
        assert_eq!(quality, Quality::Good);
    };
    check(0, -1, 1.5);
    check(0, 5_000, 11.5);
    check(0, 30_000, 21.5);
    check(0, 75_000, 11.5);
    check(0, 80_000, 1.5);
    check(1, 5_000, 1.5);
    check(1, 10_000, 6.5);
    check(2, 30_000, 1.5);
}

#[test]
fn the_unit_of_the_channel_counts() {
    let (value, _) =
        laid(&scenario(70.906, Unit::MilligramPerM3), reading(0, 30_000, Some(0.0), Quality::Good));
    assert!((value.unwrap() - 24.465).abs() < 0.001, "{value:?}");
}

#[test]
fn what_is_not_measured_air_stays_what_it_is() {
    let one = scenario(20.0, Unit::Ppm);
    for quality in Quality::ALL {
        let value = quality.is_heard().then_some(3.0);
        let real = reading(0, 30_000, value, quality);
        let (found, now) = laid(&one, real);
        assert_eq!(now, real.quality, "{quality:?}");
        let is_laid = found != real.value;
        assert_eq!(is_laid, quality.is_judged(), "{quality:?}");
    }
    let empty = reading(0, 30_000, None, Quality::OverRange);
    assert_eq!(laid(&one, empty), (None, Quality::OverRange));
}

#[test]
fn a_device_shows_no_more_than_it_can() {
    let real = reading(0, 30_000, Some(3.0), Quality::Good);
    assert_eq!(laid(&scenario(5_000.0, Unit::Ppm), real), (Some(1_000.0), Quality::OverRange));
}

fn wish() -> Wish {
    Wish {
        area: AreaId::new("area-0").unwrap(),
        gas: GasId::new("chlorine").unwrap(),
        peak: 20.0,
        unit: Unit::Ppm,
        rise_ms: 10_000,
        hold_ms: 60_000,
        decay_ms: 10_000,
        channels: Vec::new(),
        source: None,
        release_at: None,
        length_ms: None,
        note: "季度演练".to_owned(),
    }
}

fn planned(change: impl FnOnce(&mut Wish)) -> Result<NewDrill, ScenarioError> {
    let mut wish = wish();
    change(&mut wish);
    wish.plan(&site(12), at(0), "li", Some(4.0))
}

fn wished(id: u32, delay_ms: Option<i64>) -> WishedChannel {
    WishedChannel { channel: channel(id), factor: 2.0, delay_ms }
}

#[test]
fn a_wish_becomes_a_plan() {
    let plan = planned(|_| ()).unwrap();
    assert_eq!(plan.scenario.channels.len(), 10, "all of the area");
    assert_eq!((plan.begun_at, plan.ends_at), (at(0), at(680_000)), "ten minutes after the gas");
    assert_eq!(plan.begun_by, "li");
    let plan = planned(|wish| {
        wish.channels = vec![wished(0, Some(7_000)), wished(11, None)];
        wish.source = Some(Position { x_m: 0.0, y_m: 40.0 });
        wish.release_at = Some(at(60_000));
        wish.length_ms = Some(100_000);
    })
    .unwrap();
    let delays: Vec<_> = plan.scenario.channels.iter().map(|one| one.delay_ms).collect();
    assert_eq!(delays, [7_000, 10_000], "forty metres at 4 m/s");
    assert_eq!((plan.scenario.release_at, plan.ends_at), (at(60_000), at(100_000)));
    let slow = |wind| {
        let mut wish = wish();
        wish.source = Some(Position { x_m: 40.0, y_m: 0.0 });
        wish.plan(&site(12), at(0), "li", wind).unwrap().scenario.channels[0].delay_ms
    };
    assert_eq!((slow(None), slow(Some(0.0)), slow(Some(f64::NAN))), (20_000, 80_000, 20_000));
}

#[test]
fn a_wish_that_cannot_be_played_says_why() {
    let check = |change: &dyn Fn(&mut Wish), expected: &str| {
        let error = planned(|wish| change(wish)).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("hint: "), "{error}, not {expected}");
    };
    check(&|w| w.area = AreaId::new("moon").unwrap(), "no area `moon`");
    check(&|w| w.gas = GasId::new("phosgene").unwrap(), "no channel measures `phosgene`");
    check(&|w| w.channels = vec![wished(99, None)], "channel `99`");
    check(&|w| w.channels = vec![wished(1, None), wished(1, None)], "named twice");
    check(&|w| w.unit = Unit::Degree, "`deg` cannot be turned");
    check(&|w| w.peak = 0.0, "`peak`");
    check(&|w| w.peak = f64::NAN, "`peak`");
    check(&|w| w.rise_ms = -1, "`rise_s`");
    check(&|w| (w.rise_ms, w.hold_ms, w.decay_ms) = (0, 0, 0), "`rise_s + hold_s + decay_s`");
    check(&|w| w.length_ms = Some(0), "`length_s`");
    check(&|w| w.length_ms = Some(14_401_000), "`length_s`");
    check(&|w| w.release_at = Some(at(14_400_000)), "would last 14480 s");
    check(&|w| w.release_at = Some(at(-1)), "in the past");
    check(&|w| w.channels = vec![wished(1, Some(-5))], "`delay_s`");
}

/// A drill over clean air, and what it told.
struct Played {
    engine: DrillEngine,
    told: Vec<(Timestamp, WarningEvent)>,
}

impl Played {
    fn new(peak: f64) -> Self {
        let site = site(12);
        let live = Engine::new(&site, &rules(12)).unwrap();
        let engine = DrillEngine::new(ID, live, &site, &scenario(peak, Unit::Ppm));
        Self { engine, told: Vec::new() }
    }

    /// One reading of each channel a second, then a tick.
    fn seconds(&mut self, span: std::ops::Range<i64>, real: impl Fn(u32) -> f64) {
        for s in span {
            let ms = s * 1_000;
            let one = |on| reading(on, ms, Some(real(on)), Quality::Good);
            let readings: Vec<_> = (0..12).map(one).collect();
            let mut told = Vec::new();
            self.engine.readings(&readings, &mut told);
            self.engine.tick(at(ms), &mut told);
            self.told.extend(told.into_iter().map(|event| (at(ms + 100), event)));
        }
    }

    fn act(&mut self, act: &Act, by: &str, s: i64) -> Result<Done, ActError> {
        let who = Acting { by: by.to_owned(), note: "演练".to_owned(), at: at(s * 1_000) };
        let mut told = Vec::new();
        let done = self.engine.act(act, &who, &mut told);
        self.told.extend(told.into_iter().map(|event| (at(s * 1_000), event)));
        done
    }

    fn id(&self) -> WarningId {
        self.told[0].1.warning.id.clone()
    }
}

#[test]
fn what_a_drill_raises_is_marked_and_nothing_else_is_told() {
    let mut played = Played::new(20.0);
    // Real gas in another area is the live engine's to tell.
    played.seconds(0..30, |on| if on == 11 { 50.0 } else { 0.0 });
    assert!(!played.told.is_empty());
    for (_, event) in &played.told {
        assert_eq!(event.warning.exercise, Some(ID));
        assert!(event.warning.id.as_str().starts_with("drill-7.area-0.chlorine."), "{event:?}");
    }
}

#[test]
fn people_act_on_a_drill_as_in_earnest() {
    let mut played = Played::new(40.0);
    played.seconds(0..20, |_| 0.0);
    let id = played.id();
    let plain = WarningId::from_text(id.as_str().strip_prefix("drill-7.").unwrap());
    let unmarked = played.act(&Act::Acknowledge(plain, None, String::new()), "li", 20);
    assert!(matches!(unmarked, Err(ActError::NotOpen(_))), "{unmarked:?}");
    let low = Act::Acknowledge(id.clone(), Some(Tier::Yellow), String::new());
    let risen = ActError::Risen { id: id.to_string(), tier: Tier::Red };
    assert_eq!(played.act(&low, "li", 20), Err(risen));
    let shelve = Act::Shelve(Subject::Warning(id.clone()), Some(Tier::Red), 20_000);
    let Ok(Done::Hold(proposal)) = played.act(&shelve, "li", 20) else { panic!("no proposal") };
    assert!(proposal.id.starts_with("drill-7."), "{proposal:?}");
    assert_eq!(played.engine.holds(), std::slice::from_ref(&proposal));
    let same = played.act(&Act::Confirm(proposal.id.clone()), "li", 21);
    assert_eq!(same, Err(ActError::SamePerson("li".to_owned())));
    played.act(&Act::Confirm(proposal.id), "han", 21).unwrap();
    let shelf = &played.told.last().unwrap().1.warning;
    assert_eq!(shelf.state, WarningState::Shelved);
    assert_eq!(shelf.shelf.as_ref().unwrap().subject, Subject::Warning(id));
}

#[test]
fn a_drill_that_is_over_leaves_nothing_open() {
    let mut played = Played::new(40.0);
    played.seconds(0..20, |_| 0.0);
    let open = played.told.last().unwrap().1.warning.clone();
    assert!(open.state.is_open() && open.passing.is_some());
    let reason = DrillEndReason::Preempted;
    let end = DrillEnd { at: at(20_000), reason, by: None, note: String::new() };
    let last = siskin_engine::drill::ended(open, &end);
    assert_eq!((last.change, last.warning.state), (WarningChange::Ended, WarningState::Normal));
    assert_eq!((last.warning.exercise, &last.warning.passing), (Some(ID), &None));
    assert_eq!(last.said.unwrap().note, "preempted");
}

#[test]
fn the_report_has_the_times_of_people_and_of_the_ladder() {
    let mut played = Played::new(40.0);
    played.seconds(0..30, |_| 0.0);
    let id = played.id();
    played.act(&Act::Acknowledge(id.clone(), None, String::new()), "li", 30).unwrap();
    played.act(&Act::Comment(Subject::Warning(id.clone())), "han", 31).unwrap();
    played.seconds(31..120, |_| 0.0);
    played.act(&Act::Reset(id), "li", 120).unwrap();
    let plan = NewDrill {
        begun_at: at(0),
        begun_by: "li".to_owned(),
        note: String::new(),
        ends_at: at(200_000),
        scenario: scenario(40.0, Unit::Ppm),
    };
    let drill = Drill { id: ID, plan, ended: None };
    let report = Report::of(drill, &played.told, &site(12).life);
    let [story] = &report.warnings[..] else { panic!("{:?}", report.warnings) };
    // 10 ppm are there after 2.5 s, so the reading at 3 s raises; people are told 0.1 s later.
    assert_eq!(story.raised_after_ms, 3_000);
    assert_eq!(story.acknowledged_by.as_deref(), Some("li"));
    assert_eq!(story.acknowledged_after_ms, Some(30_000 - 3_100));
    assert_eq!(story.warning.tier_peak, Tier::Red);
    let red: Vec<_> =
        story.ladder.iter().map(|rung| (rung.to.as_str(), rung.due_ms, rung.called_ms)).collect();
    // Red at 8 s, told at 8.1 s; the leader is called at 23 s, told at 23.1 s.
    assert_eq!(red, [("leader", 15_000, Some(15_000)), ("bureau", 40_000, None)]);
    let to: Vec<_> = story.steps.iter().filter_map(|step| step.to.as_deref()).collect();
    assert_eq!(to, ["leader"]);
    let people: Vec<_> = report.people.iter().map(|one| (one.person.as_str(), one.acts)).collect();
    assert_eq!(people, [("han", 1), ("li", 2)]);
    let li = &report.people[1];
    let taken = Some(30_000 - 8_100);
    assert_eq!(
        (li.acknowledged, li.half_ms, li.nine_tenths_ms, li.longest_ms),
        (1, taken, taken, taken)
    );
}

fn quality() -> impl Strategy<Value = Quality> {
    prop::sample::select(Quality::ALL.to_vec())
}

proptest! {
    /// Whatever comes: outside of the release, and wherever a reading is not of the air, nothing
    /// is changed; inside, the value is never below the real one.
    #[test]
    fn an_overlay_only_adds(
        real in prop::collection::vec(
            (0u32..12, -20_000i64..120_000, 0.0f64..1_200.0, quality()),
            1..60,
        )
    ) {
        let one = scenario(20.0, Unit::Ppm);
        let made = |(on, ms, value, quality): &(u32, i64, f64, Quality)| {
            reading(*on, *ms, Some(*value), *quality)
        };
        let real: Vec<_> = real.iter().map(made).collect();
        let over = Overlay::new(&site(12), &one).over(&real);
        prop_assert_eq!(over.len(), real.len());
        for (laid, real) in over.iter().zip(&real) {
            let is_there = real.channel.get() < 2 && real.quality.is_judged();
            let ms = real.measured_at.as_millis() - START_MS;
            if !is_there || !(0..85_000).contains(&ms) {
                prop_assert_eq!(laid, real);
            }
            prop_assert!(laid.value >= real.value);
        }
    }

    /// A drill whose release raises nothing says nothing, and its copy is the live engine's twin:
    /// where both see the same, both raise the same.
    #[test]
    fn a_drill_without_gas_is_the_live_engine_marked(
        levels in prop::collection::vec((0u32..10, 0.0f64..60.0), 1..80)
    ) {
        let site = site(12);
        let mut live = Engine::new(&site, &rules(12)).unwrap();
        let mut late = scenario(20.0, Unit::Ppm);
        late.release_at = at(100_000_000);
        late.channels = (0..10).map(|on| DrilledChannel {
            channel: channel(on), factor: 1.0, delay_ms: 0,
        }).collect();
        let mut drill = DrillEngine::new(ID, live.clone(), &site, &late);
        let (mut effects, mut told) = (Effects::default(), Vec::new());
        for (s, (on, value)) in (0i64..).zip(levels) {
            let one = [reading(on, s * 1_000, Some(value), Quality::Good)];
            live.readings(&one, &mut effects);
            drill.readings(&one, &mut told);
        }
        let unmarked: Vec<_> = told.into_iter().map(|mut event: WarningEvent| {
            let id = event.warning.id.as_str().strip_prefix("drill-7.").unwrap().to_owned();
            event.warning.id = WarningId::from_text(&id);
            event.warning.exercise = None;
            event
        }).collect();
        prop_assert_eq!(unmarked, effects.warnings);
    }
}
