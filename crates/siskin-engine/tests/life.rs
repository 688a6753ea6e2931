//! The lives of warnings under every order of readings, acts, restarts and steps of the clock, held
//! against a plain model; and floods of alarms with bounded memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use siskin_engine::life::{Act, Acting};
use siskin_engine::rule::Side;
use siskin_engine::{Effects, Engine, Rehearsal, Rule, RuleKind, RuleSet};
use siskin_model::life::{Desk, Ladder, Rung};
use siskin_model::{
    ChannelId, ChannelIndex, Hold, HoldKind, LifePolicy, Quality, Reading, Site, Subject, Text,
    Tier, Timestamp, Warning, WarningChange, WarningEvent, WarningId, WarningState,
};
use support::{rule, site};

const START_MS: i64 = 1_767_225_600_000;
const CHANNELS: u32 = 3;
const LOWER_MS: i64 = 20_000;
const PEOPLE: [&str; 2] = ["王芳", "李雷"];

fn policy() -> LifePolicy {
    let rung = |after_s: i64, to: &str| Rung { after_ms: after_s * 1000, to: to.to_owned() };
    let ladder = |tier| Ladder { tier, rungs: vec![rung(15, "leader"), rung(40, "bureau")] };
    LifePolicy {
        lower_after_ms: LOWER_MS,
        latched: vec![Tier::Red],
        chatter_raises: 3,
        shelf_ms_max: vec![(Tier::Yellow, 60_000), (Tier::Red, 30_000)],
        ladders: vec![ladder(Tier::Yellow), ladder(Tier::Red)],
        desks: vec![Desk { id: "all".into(), name: Text::new("", ""), areas: Vec::new() }],
    }
}

fn high(id: &str, tier: Tier, limit: f64) -> Rule {
    let kind = RuleKind::Threshold { side: Side::High, raise_at: limit, clear_at: limit };
    rule(id, Some(tier), kind, 0, 0)
}

fn made(channels: u32) -> (Site, RuleSet) {
    let site = Site { life: policy(), ..site(channels) };
    let rules = vec![high("yellow", Tier::Yellow, 10.0), high("red", Tier::Red, 30.0)];
    let bindings = (0..rules.len()).flat_map(|rule| {
        (0..channels).map(move |channel| siskin_engine::Binding {
            rule,
            channel: ChannelIndex(channel),
            factor: 1.0,
        })
    });
    let bindings = bindings.collect();
    (site, RuleSet { rules, bindings })
}

fn reading(channel: u32, at_ms: i64, value: f64) -> Reading {
    let at = Timestamp::from_millis(at_ms);
    Reading {
        channel: ChannelIndex(channel),
        measured_at: at,
        received_at: at,
        value: Some(value),
        quality: Quality::Good,
    }
}

/// What comes next.
#[derive(Debug, Clone)]
enum Next {
    /// All channels say these levels.
    Levels([u8; CHANNELS as usize]),
    /// Time passes, in ms.
    Clock(i64),
    Acknowledge(usize),
    Shelve(usize, i64),
    Confirm(usize),
    Lift(usize),
    Reset(usize),
    TakeOut(u32, i64),
    Comment,
    Restart,
}

fn next() -> impl Strategy<Value = Next> {
    let level = || prop::sample::select(vec![0u8, 0, 20, 20, 50]);
    let person = || 0..PEOPLE.len();
    prop_oneof![
        8 => [level(), level(), level()].prop_map(Next::Levels),
        4 => prop::sample::select(vec![1i64, 500, 5_000, 21_000, 70_000]).prop_map(Next::Clock),
        3 => person().prop_map(Next::Acknowledge),
        2 => (person(), 1i64..60_000).prop_map(|(who, ms)| Next::Shelve(who, ms)),
        2 => person().prop_map(Next::Confirm),
        1 => person().prop_map(Next::Lift),
        2 => person().prop_map(Next::Reset),
        1 => (0..CHANNELS, 1i64..60_000).prop_map(|(on, ms)| Next::TakeOut(on, ms)),
        1 => Just(Next::Comment),
        2 => Just(Next::Restart),
    ]
}

/// What a plain reader of the readings and of the told events knows.
#[derive(Debug, Default)]
struct Model {
    levels: [u8; CHANNELS as usize],
    /// The last told state of every warning.
    warnings: BTreeMap<WarningId, Warning>,
    told: usize,
    /// Every hold, and how often it was told to end.
    holds: BTreeMap<String, usize>,
    holds_told: usize,
}

impl Model {
    /// Reads what was told since the last time: every step must follow from the one before.
    fn hear(&mut self, effects: &Effects) {
        for event in &effects.warnings[self.told..] {
            let before = self.warnings.get(&event.warning.id).cloned();
            step_is_sound(before.as_ref(), event);
            self.warnings.insert(event.warning.id.clone(), event.warning.clone());
        }
        self.told = effects.warnings.len();
        for hold in &effects.holds[self.holds_told..] {
            let ends = self.holds.entry(hold.id.clone()).or_default();
            *ends += usize::from(hold.ended.is_some());
            assert!(*ends <= 1, "{} ended twice", hold.id);
        }
        self.holds_told = effects.holds.len();
    }

    /// What the engine shows is what was told, and every active alarm is where it belongs.
    fn compare(&self, engine: &Engine, now_ms: i64) {
        let plain = |warning: &Warning| (warning.id.clone(), without_over(warning, now_ms));
        let open: BTreeMap<_, _> = engine.warnings().map(plain).collect();
        let told = self.warnings.values().filter(|w| w.state.is_open());
        let told: BTreeMap<_, _> = told.map(plain).collect();
        assert_eq!(open, told, "shown and told differ");
        let out: BTreeSet<ChannelId> = engine.holds().filter_map(out_of_service).collect();
        for (channel, level) in (0..).zip(self.levels) {
            for (rule, limit, tier) in [("yellow", 10, Tier::Yellow), ("red", 30, Tier::Red)] {
                let id = ChannelId::new(&format!("{channel}")).unwrap();
                let feeds = |w: &&Warning| {
                    w.alarms.iter().any(|a| a.rule.as_str() == rule && a.channel == id)
                };
                let fed = engine.warnings().find(feeds);
                let (is_active, is_out) = (level >= limit, out.contains(&id));
                match (is_active && !is_out, fed) {
                    (true, fed) => is_seen(fed.expect("an active alarm feeds a warning"), tier),
                    (false, Some(fed)) => {
                        let held = fed.chattering.iter().any(|c| c.channel == id);
                        assert!(!is_out && held, "{rule} on {channel} feeds and is over");
                    }
                    (false, None) => {}
                }
            }
        }
        for hold in engine.holds() {
            assert!(hold.until.as_millis() > now_ms, "{} is over and holds", hold.id);
        }
    }
}

/// A held tier whose time is over says nothing any more, and is not told when it goes.
fn without_over(warning: &Warning, now_ms: i64) -> Warning {
    let mut held = warning.held.clone();
    held.retain(|held| held.until.as_millis() > now_ms);
    Warning { held, ..warning.clone() }
}

fn out_of_service(hold: &Hold) -> Option<ChannelId> {
    match &hold.subject {
        Subject::Channel(channel) => Some(channel.clone()),
        Subject::Warning(_) | Subject::Equipment(..) => None,
    }
}

/// People see an active alarm of this tier, or put it aside themselves.
fn is_seen(warning: &Warning, tier: Tier) {
    assert!(warning.tier >= tier, "{warning:?}");
    match warning.state {
        WarningState::ActiveUnacknowledged => assert!(!warning.is_owed),
        WarningState::ActiveAcknowledged => {}
        WarningState::Shelved => {
            assert!(warning.shelf.as_ref().unwrap().tier >= Some(tier), "{warning:?}");
        }
        other => panic!("an active alarm and {other:?}"),
    }
}

/// The plain rules that no step may break, whatever the table says.
fn step_is_sound(before: Option<&Warning>, event: &WarningEvent) {
    let after = &event.warning;
    let was = before.map_or(WarningState::Normal, |w| w.state);
    let what = format!("{was:?} {:?} {:?}", event.change, after.state);
    let is_new = before.is_none_or(|w| !w.state.is_open());
    assert_eq!(is_new, event.change == WarningChange::Raised, "{what}");
    let is_done = matches!(
        after.state,
        WarningState::ActiveAcknowledged | WarningState::LatchedAcknowledged | WarningState::Normal
    );
    if was.is_waiting() && is_done {
        assert!(event.said.is_some(), "the system acknowledged: {what}");
    }
    if is_done {
        let act = after.acknowledged.as_ref().expect("somebody acknowledged");
        assert!(Some(act.at) >= after.announced_at, "acknowledged before the last call: {what}");
    }
    if was == WarningState::LatchedAcknowledged && after.state == WarningState::Normal {
        assert_eq!(event.change, WarningChange::Reset, "{what}");
    }
    match (event.change, before) {
        (WarningChange::Escalated, Some(before)) => {
            assert!(after.tier > before.tier || was == WarningState::Shelved, "{what}");
        }
        (WarningChange::Reannounced, _) => {
            assert!(was != WarningState::Normal, "announced twice: {what}");
            assert!(was != WarningState::ReturnedUnacknowledged || !after.alarms.is_empty());
        }
        (WarningChange::Deescalated, Some(before)) => assert!(after.tier < before.tier, "{what}"),
        (WarningChange::PassedOn, Some(before)) => {
            let told = |w: &Warning| w.passing.as_ref().map_or(0, |p| p.told.len());
            assert_eq!(told(after), told(before) + 1, "{what}");
            let due = before.passing.as_ref().and_then(|p| p.next.as_ref()).map(|n| n.due_at);
            assert_eq!(due, Some(event.at), "{what}");
        }
        _ => {}
    }
    assert!(after.passing.is_none() || after.state.is_waiting(), "{what}");
}

/// The parts that play, and the model that watches.
struct Play {
    site: Site,
    rules: RuleSet,
    rehearsal: Rehearsal,
    model: Model,
    now_ms: i64,
}

impl Play {
    fn new() -> Self {
        let (site, rules) = made(CHANNELS);
        let rehearsal = Rehearsal::new(&site, &rules).unwrap();
        let mut play = Self { site, rules, rehearsal, model: Model::default(), now_ms: START_MS };
        play.levels([0; CHANNELS as usize]);
        play
    }

    fn levels(&mut self, levels: [u8; CHANNELS as usize]) {
        self.now_ms += 1_000;
        self.model.levels = levels;
        let now_ms = self.now_ms;
        let readings = (0..).zip(levels).map(|(on, level)| reading(on, now_ms, f64::from(level)));
        self.rehearsal.arrive(&readings.collect::<Vec<_>>());
        self.rehearsal.tick(Timestamp::from_millis(now_ms));
    }

    fn act(&mut self, who: usize, act: &Act) {
        let at = Timestamp::from_millis(self.now_ms);
        let who = Acting { by: PEOPLE[who].to_owned(), note: "查看".to_owned(), at };
        // What is refused changes nothing: the model sees that.
        let _refused = self.rehearsal.act(act, &who);
    }

    fn play(&mut self, next: &Next) {
        let warning = self.rehearsal.engine().warnings().next().map(|w| (w.id.clone(), w.tier));
        let id = warning.as_ref().map(|(id, _)| id.clone());
        let id = id.unwrap_or_else(|| WarningId::from_text("nobody"));
        let seen = warning.map(|(_, tier)| tier);
        let hold = |kind: Option<HoldKind>| {
            let mut holds = self.rehearsal.engine().holds();
            let found = holds.find(|hold| kind.is_none_or(|kind| hold.kind == kind));
            found.map_or(String::new(), |hold| hold.id.clone())
        };
        match next {
            Next::Levels(levels) => self.levels(*levels),
            Next::Clock(ms) => {
                self.now_ms += ms;
                self.rehearsal.tick(Timestamp::from_millis(self.now_ms));
            }
            Next::Acknowledge(who) => {
                self.act(*who, &Act::Acknowledge(id, seen, String::new()));
            }
            Next::Shelve(who, ms) => {
                self.act(*who, &Act::Shelve(Subject::Warning(id), seen, *ms));
            }
            Next::Confirm(who) => self.act(*who, &Act::Confirm(hold(Some(HoldKind::Proposal)))),
            Next::Lift(who) => self.act(*who, &Act::Lift(hold(None))),
            Next::Reset(who) => self.act(*who, &Act::Reset(id)),
            Next::TakeOut(on, ms) => {
                let until = Timestamp::from_millis(self.now_ms + ms);
                let channel = ChannelId::new(&on.to_string()).unwrap();
                self.act(0, &Act::TakeOut(channel, "W-1".into(), PEOPLE[0].into(), until));
            }
            Next::Comment => self.act(1, &Act::Comment(Subject::Warning(id))),
            Next::Restart => self.restart(),
        }
    }

    /// A restart takes a moment, changes nothing and tells nothing.
    fn restart(&mut self) {
        self.now_ms += 1;
        self.rehearsal.tick(Timestamp::from_millis(self.now_ms));
        self.check();
        let (told, holds) = (self.rehearsal.effects().warnings.len(), self.model.holds.len());
        let now_ms = self.now_ms;
        let shown = |rehearsal: &Rehearsal| -> Vec<Warning> {
            rehearsal.engine().warnings().map(|w| without_over(w, now_ms)).collect()
        };
        let before = shown(&self.rehearsal);
        let old = std::mem::replace(
            &mut self.rehearsal,
            Rehearsal::new(&self.site, &self.rules).unwrap(),
        );
        self.rehearsal = old.restarted(&self.site, &self.rules).unwrap();
        assert_eq!(shown(&self.rehearsal), before, "a restart changed a warning");
        assert_eq!(self.rehearsal.effects().warnings.len(), told, "a restart told something");
        assert_eq!(self.model.holds.len(), holds);
    }

    fn check(&mut self) {
        self.model.hear(self.rehearsal.effects());
        self.model.compare(self.rehearsal.engine(), self.now_ms);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_transition_is_lost_none_is_told_twice_and_the_system_acknowledges_nothing(
        all in prop::collection::vec(next(), 1..120),
    ) {
        let mut play = Play::new();
        for one in &all {
            play.play(one);
            play.check();
        }
        // Everything comes to rest, and people bring it to its end.
        play.levels([0; CHANNELS as usize]);
        // Longer than a proposal waits.
        play.play(&Next::Clock(700_000));
        play.check();
        play.play(&Next::Acknowledge(0));
        play.play(&Next::Reset(1));
        play.check();
        let open: Vec<&Warning> = play.rehearsal.engine().warnings().collect();
        prop_assert!(open.is_empty(), "{open:?}");
        prop_assert_eq!(play.rehearsal.engine().holds().count(), 0);
        prop_assert!(play.model.holds.values().all(|ends| *ends == 1));
    }
}

/// Yellow is suppressed while red is active in its area: it calls nobody, and comes back with the
/// end of red if it still stands.
#[test]
fn what_is_suppressed_by_design_is_recorded_and_announced_when_it_still_stands() {
    let (site, mut rules) = made(2);
    rules.rules[0].suppressed_by = Some(rules.rules[1].id.clone());
    let mut engine = Engine::new(&site, &rules).unwrap();
    let mut told = Vec::new();
    for (s, levels) in [(0, [20.0, 0.0]), (1, [20.0, 50.0]), (2, [20.0, 0.0]), (30, [20.0, 0.0])] {
        let at_ms = START_MS + s * 1000;
        let mut effects = Effects::default();
        let readings = [reading(0, at_ms, levels[0]), reading(1, at_ms, levels[1])];
        engine.readings(&readings, &mut effects);
        let alarms = effects.alarms.len();
        let changes = effects.warnings.iter();
        let changes: Vec<String> = changes
            .map(|e| {
                format!("{:?} {} {}", e.change, e.warning.tier.as_str(), e.warning.alarms.len())
            })
            .collect();
        told.push(format!("{alarms}: {} muted {}", changes.join(", "), engine.muted().count()));
    }
    assert_eq!(
        told,
        [
            "1: Raised yellow 1 muted 0",
            "2: Updated yellow 2, Escalated red 3, Updated red 2, Updated red 1 muted 2",
            "2: Reannounced red 2, Updated red 1 muted 0",
            "0: Deescalated yellow 1 muted 0",
        ]
    );
    assert_eq!(engine.suppressed(), 2);
}

/// 1,000 channels in 100 areas raise and clear for ten minutes.
#[test]
fn ten_thousand_alarms_in_ten_minutes_are_all_recorded_and_the_first_out_stays_on_top() {
    const MANY: u32 = 1_000;
    let (mut site, rules) = made(MANY);
    site.life.chatter_raises = 0;
    let mut engine = Engine::new(&site, &rules).unwrap();
    let mut effects = Effects::default();
    let (mut raised, mut events, mut floods) = (0, 0, Vec::new());
    for s in 0..600i64 {
        let now_ms = START_MS + s * 1000;
        // Each channel is up for thirty seconds of every minute, each at its own time.
        let level = |n: u32| if (s + i64::from(n)) % 60 < 30 { 20.0 } else { 0.0 };
        let readings: Vec<_> = (0..MANY).map(|n| reading(n, now_ms, level(n))).collect();
        engine.readings(&readings, &mut effects);
        engine.tick(Timestamp::from_millis(now_ms), &mut effects);
        raised += effects.alarms.iter().filter(|e| e.edge == siskin_model::Edge::Raise).count();
        events += effects.warnings.len();
        floods.extend(effects.floods.iter().map(|flood| flood.change));
        effects.clear();
    }
    assert!(raised >= 10_000, "{raised} alarms");
    assert!(events >= 2 * raised - MANY as usize, "{events} steps of warnings");
    assert_eq!(floods, [siskin_model::FloodChange::Began]);
    // What is kept is as large as the site, whatever came.
    assert_eq!(engine.warnings().count(), 100);
    assert!(engine.warnings().all(|w| w.channels.len() <= 10 && w.alarms.len() <= 10));
    let first = engine.warnings().min_by_key(|w| w.raised_at).unwrap();
    assert_eq!(first.raised_at.as_millis(), START_MS);
    // Acknowledgements are served in it.
    let who = Acting {
        by: PEOPLE[0].to_owned(),
        note: String::new(),
        at: Timestamp::from_millis(START_MS + 600_000),
    };
    let act = Act::Acknowledge(first.id.clone(), Some(Tier::Yellow), String::new());
    engine.act(&act, &who, &mut effects).unwrap();
    assert_eq!(effects.warnings[0].change, WarningChange::Acknowledged);
}

/// Levels that come and go a second each, far behind the clock; given in groups of `group`, with a
/// tick after each.
fn told_in_groups(levels: &[u8], group: usize) -> Vec<WarningEvent> {
    let (site, rules) = made(1);
    let mut engine = Engine::new(&site, &rules).unwrap();
    let mut effects = Effects::default();
    let mut now_ms = START_MS + 600_000;
    engine.expect_since(Timestamp::from_millis(now_ms));
    let readings: Vec<Reading> =
        (0..).zip(levels).map(|(s, l)| reading(0, START_MS + s * 1_000, f64::from(*l))).collect();
    for readings in readings.chunks(group) {
        engine.readings(readings, &mut effects);
        now_ms += 500;
        engine.tick(Timestamp::from_millis(now_ms), &mut effects);
    }
    let bare = |mut event: WarningEvent| {
        // Ladders are in the time of the station.
        event.warning.passing = None;
        event
    };
    let told = effects.warnings.into_iter();
    told.filter(|event| event.change != WarningChange::PassedOn).map(bare).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn far_behind_the_clock_the_grouping_of_readings_changes_nothing(
        levels in prop::collection::vec(prop::sample::select(vec![0u8, 0, 20, 50]), 1..120),
        group in 1usize..40,
    ) {
        let levels: Vec<u8> = levels.into_iter().chain([0; 130]).collect();
        prop_assert_eq!(told_in_groups(&levels, group), told_in_groups(&levels, 250));
    }
}
