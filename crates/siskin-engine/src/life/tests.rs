//! Stories of single warnings: what happens, and what people are told.

use std::sync::Arc;

use siskin_model::duty::{self, CallFound, Contact, Roster, Shift};
use siskin_model::life::{CHATTER_MS, Desk, Ladder, Rung};
use siskin_model::{
    Alarm, AlarmKind, AreaId, ChannelId, ContactId, DutyRoleId, Edge, GasId, HoldKind, LifePolicy,
    RuleId, Subject, Text, Tier, Timestamp, Unit, Warning,
};

use super::{Act, ActError, Acting, Done, WarningBook};
use crate::engine::Effects;

const RED: (&str, Tier) = ("red", Tier::Red);
const ORANGE: (&str, Tier) = ("orange", Tier::Orange);
const YELLOW: (&str, Tier) = ("yellow", Tier::Yellow);

fn alarm((rule, tier): (&str, Tier), channel: &str) -> Alarm {
    Alarm {
        rule: RuleId::new(rule).unwrap(),
        channel: ChannelId::new(channel).unwrap(),
        kind: AlarmKind::Gas,
        tier: Some(tier),
        since: Timestamp::from_millis(0),
        value: Some(1.0),
        limit: Some(1.0),
        unit: Unit::Ppm,
        forecast: None,
    }
}

/// A book, the time, and what was told. Every act and edge comes a second after the one before.
struct Story {
    book: WarningBook,
    now_ms: i64,
    told: Vec<String>,
}

impl Story {
    fn new() -> Self {
        Self::with(&LifePolicy::default())
    }

    fn with(policy: &LifePolicy) -> Self {
        let book = WarningBook::new(policy, &Tier::ALL);
        Self { book, now_ms: 0, told: Vec::new() }
    }

    fn tell(&mut self, effects: &Effects) {
        for event in &effects.warnings {
            let (warning, change) = (&event.warning, event.change);
            let (tier, state) = (warning.tier.as_str(), warning.state.as_str());
            self.told.push(format!("{change:?} {tier} {state}"));
        }
        let ended = effects.holds.iter().filter_map(|hold| Some((hold, hold.ended.as_ref()?)));
        self.told.extend(
            ended.map(|(hold, end)| format!("{} {}", hold.kind.as_str(), end.how.as_str())),
        );
        let floods = effects.floods.iter();
        self.told.extend(floods.map(|flood| format!("{:?} {}", flood.change, flood.calls)));
    }

    fn edge(mut self, edge: Edge, rule: (&str, Tier), channel: &str) -> Self {
        self.now_ms += 1000;
        let about = (AreaId::new("tank-farm").unwrap(), GasId::new("chlorine").unwrap());
        let alarm = alarm(rule, channel);
        let at = Timestamp::from_millis(self.now_ms);
        self.book.is_now(self.now_ms);
        let mut effects = Effects::default();
        match edge {
            Edge::Raise => {
                let of = (&alarm, rule.1);
                self.book.began(at, (&about.0, &about.1), of, None, &mut effects);
            }
            Edge::Clear => self.book.ended(at, &alarm, &mut effects),
        }
        self.tell(&effects);
        self
    }

    fn raise(self, rule: (&str, Tier), channel: &str) -> Self {
        self.edge(Edge::Raise, rule, channel)
    }

    fn clear(self, rule: (&str, Tier), channel: &str) -> Self {
        self.edge(Edge::Clear, rule, channel)
    }

    /// Time passes up to this second, as the station sees it at every tick.
    fn until(mut self, s: i64) -> Self {
        while self.now_ms < s * 1000 {
            self.now_ms += 1000;
            self.look();
        }
        self
    }

    /// One look after a standstill.
    fn stood_still_until(mut self, s: i64) -> Self {
        self.now_ms = s * 1000;
        self.look();
        self
    }

    fn look(&mut self) {
        let mut effects = Effects::default();
        self.book.pass(self.now_ms, |_| i64::MAX, &mut effects);
        self.book.expire(Timestamp::from_millis(self.now_ms), &mut effects);
        self.book.clock(Timestamp::from_millis(self.now_ms), &mut effects);
        self.tell(&effects);
    }

    /// A book made again from what is on disk.
    fn restart(mut self) -> Self {
        let mut book = WarningBook::new(&self.book.policy, &Tier::ALL);
        let through = |warning: &Warning| -> Warning {
            serde_json::from_str(&serde_json::to_string(warning).unwrap()).unwrap()
        };
        book.seed(self.book.open().map(through).collect());
        book.seed_holds(self.book.holds().cloned().collect());
        book.seed_floods(self.book.floods().iter().cloned());
        self.book = book;
        self
    }

    fn warning(&self) -> &Warning {
        self.book.open().next().unwrap()
    }

    fn acknowledge(self) -> Self {
        self.acknowledge_having_seen(None)
    }

    fn acknowledge_having_seen(self, seen: Option<Tier>) -> Self {
        let id = self.warning().id.clone();
        self.act(&Act::Acknowledge(id, seen, String::new()), "王芳")
    }

    fn shelve(self, minutes: i64, by: &str) -> Self {
        let subject = Subject::Warning(self.warning().id.clone());
        self.act(&Act::Shelve(subject, None, minutes * 60_000), by)
    }

    fn lift(self, kind: HoldKind) -> Self {
        let id = self.hold(kind);
        self.act(&Act::Lift(id), "王芳")
    }

    fn hold(&self, kind: HoldKind) -> String {
        self.book.holds().find(|hold| hold.kind == kind).unwrap().id.clone()
    }

    fn act(mut self, act: &Act, by: &str) -> Self {
        self.now_ms += 1000;
        let at = Timestamp::from_millis(self.now_ms);
        self.book.is_now(self.now_ms);
        let who = Acting { by: by.into(), note: "泵检修".into(), at };
        let mut effects = Effects::default();
        let done = self.book.act(act, &who, &mut effects);
        self.tell(&effects);
        match done {
            Ok(Done::Hold(hold)) if hold.ended.is_none() => {
                self.told.push(format!("{} begun", hold.kind.as_str()));
            }
            Ok(_) => {}
            Err(error) => self.told.push(error.to_string()),
        }
        self
    }

    fn check(self, want: &[&str]) {
        assert_eq!(self.told, want);
    }
}

#[test]
fn a_warning_takes_the_highest_tier_and_steps_down_with_it() {
    Story::new().raise(YELLOW, "a").raise(RED, "b").clear(RED, "b").clear(YELLOW, "a").check(&[
        "Raised yellow active-unacknowledged",
        "Escalated red active-unacknowledged",
        "Deescalated yellow active-unacknowledged",
        "Returned yellow returned-unacknowledged",
    ]);
}

#[test]
fn a_rise_after_an_acknowledgement_needs_another_one() {
    Story::new().raise(YELLOW, "a").acknowledge().raise(YELLOW, "b").raise(RED, "a").check(&[
        "Raised yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
        "Updated yellow active-acknowledged",
        "Escalated red active-unacknowledged",
    ]);
}

#[test]
fn nobody_acknowledges_a_tier_that_they_have_not_seen() {
    let story = Story::new().raise(YELLOW, "a").raise(RED, "b");
    story.acknowledge_having_seen(Some(Tier::Yellow)).clear(RED, "b").check(&[
        "Raised yellow active-unacknowledged",
        "Escalated red active-unacknowledged",
        "warning `tank-farm.chlorine.19700101T000001.000Z` has risen to red; \
         hint: look at it again",
        "Deescalated yellow active-unacknowledged",
    ]);
    let story = Story::new().raise(YELLOW, "a").acknowledge_having_seen(Some(Tier::Red));
    story
        .check(&["Raised yellow active-unacknowledged", "Acknowledged yellow active-acknowledged"]);
}

#[test]
fn it_ends_only_when_acknowledged_and_returned_in_either_order() {
    Story::new().raise(RED, "a").acknowledge().clear(RED, "a").raise(RED, "a").check(&[
        "Raised red active-unacknowledged",
        "Acknowledged red active-acknowledged",
        "Closed red normal",
        "Raised red active-unacknowledged",
    ]);
    let ended = Story::new().raise(RED, "a").clear(RED, "a").acknowledge();
    assert_eq!(ended.book.open().count(), 0);
    ended.check(&[
        "Raised red active-unacknowledged",
        "Returned red returned-unacknowledged",
        "Acknowledged red normal",
    ]);
}

#[test]
fn an_alarm_that_comes_back_reactivates_the_same_warning() {
    let story = Story::new().raise(YELLOW, "a").clear(YELLOW, "a").raise(RED, "a");
    let warning = story.book.open().next().unwrap();
    assert_eq!(warning.id.as_str(), "tank-farm.chlorine.19700101T000001.000Z");
    assert_eq!((warning.raised_at.as_millis(), warning.returned_at), (1000, None));
    story.check(&[
        "Raised yellow active-unacknowledged",
        "Returned yellow returned-unacknowledged",
        "Reactivated red active-unacknowledged",
    ]);
}

#[test]
fn an_alarm_ends_the_warning_it_feeds_even_if_its_channel_has_moved() {
    let mut story = Story::new().raise(RED, "a");
    // The site was changed while the alarm was active: the channel's next alarms belong to
    // another area, and this end must not look for its warning there.
    let (area, gas) = (AreaId::new("jetty").unwrap(), GasId::new("chlorine").unwrap());
    let at = Timestamp::from_millis(5000);
    let mut effects = Effects::default();
    let moved = alarm(YELLOW, "a");
    story.book.began(at, (&area, &gas), (&moved, Tier::Yellow), None, &mut effects);
    story.tell(&effects);
    story.clear(RED, "a").check(&[
        "Raised red active-unacknowledged",
        "Raised yellow active-unacknowledged",
        "Returned red returned-unacknowledged",
    ]);
}

#[test]
fn the_same_tier_is_acknowledged_once() {
    Story::new().raise(RED, "a").acknowledge().acknowledge().check(&[
        "Raised red active-unacknowledged",
        "Acknowledged red active-acknowledged",
        "`tank-farm.chlorine.19700101T000001.000Z` is already acknowledged by `王芳`; \
         hint: nothing needs to be done",
    ]);
}

#[test]
fn an_alarm_of_a_rule_that_was_taken_out_does_not_hold_a_warning_open() {
    let mut story = Story::new().raise(RED, "a");
    let mut effects = Effects::default();
    story.book.ended(Timestamp::from_millis(9), &alarm(RED, "a"), &mut effects);
    story.book.ended(Timestamp::from_millis(9), &alarm(RED, "b"), &mut effects);
    story.tell(&effects);
    story.check(&["Raised red active-unacknowledged", "Returned red returned-unacknowledged"]);
}

fn lowering() -> LifePolicy {
    LifePolicy { lower_after_ms: 300_000, ..LifePolicy::default() }
}

#[test]
fn a_tier_falls_only_after_a_clean_time_and_flipping_tiers_do_not_flip_the_warning() {
    let flipping = Story::with(&lowering()).raise(YELLOW, "a").raise(RED, "b").clear(RED, "b");
    let flipping = flipping.until(200).raise(RED, "b").clear(RED, "b").until(501);
    assert_eq!(flipping.warning().tier, Tier::Red);
    flipping.until(502).check(&[
        "Raised yellow active-unacknowledged",
        "Escalated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Deescalated yellow active-unacknowledged",
    ]);
}

#[test]
fn tiers_fall_one_by_one_at_their_moments_however_seldom_anybody_looks() {
    let story = |looks: bool| {
        let begun = Story::with(&lowering()).raise(YELLOW, "a").raise(RED, "b");
        let begun = begun.raise(ORANGE, "c").clear(RED, "b").until(100).clear(ORANGE, "c");
        let restarted = begun.restart();
        if looks { restarted.until(900) } else { restarted.stood_still_until(900) }
    };
    let (often, once) = (story(true), story(false));
    let moments = |story: &Story| story.warning().changed_at.as_millis();
    assert_eq!((moments(&often), moments(&once)), (401_000, 401_000));
    assert_eq!(often.told, once.told);
    once.check(&[
        "Raised yellow active-unacknowledged",
        "Escalated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Updated red active-unacknowledged",
        "Deescalated orange active-unacknowledged",
        "Deescalated yellow active-unacknowledged",
    ]);
}

#[test]
fn what_latches_waits_for_a_reset_whatever_its_last_tier() {
    let policy = LifePolicy { latched: vec![Tier::Red], ..LifePolicy::default() };
    let story = Story::with(&policy).raise(YELLOW, "a").raise(RED, "b").clear(RED, "b");
    let story = story.clear(YELLOW, "a");
    let reset = Act::Reset(story.warning().id.clone());
    let story = story.act(&reset, "王芳").acknowledge().restart().act(&reset, "王芳");
    assert_eq!(story.book.open().count(), 0);
    story.check(&[
        "Raised yellow active-unacknowledged",
        "Escalated red active-unacknowledged",
        "Deescalated yellow active-unacknowledged",
        "Latched yellow latched-unacknowledged",
        "`tank-farm.chlorine.19700101T000001.000Z` is unacknowledged; hint: acknowledge it first",
        "Acknowledged yellow latched-acknowledged",
        "Reset yellow normal",
    ]);
}

fn shelving() -> LifePolicy {
    let shelf_ms_max = vec![(Tier::Yellow, 3_600_000), (Tier::Red, 1_800_000)];
    LifePolicy { shelf_ms_max, ..LifePolicy::default() }
}

#[test]
fn a_shelf_ends_once_and_what_is_still_active_is_announced_again() {
    let shelved = Story::with(&shelving()).raise(YELLOW, "a").acknowledge().shelve(30, "王芳");
    let shelved = shelved.restart().raise(YELLOW, "b").until(1803).restart().until(4000);
    shelved.check(&[
        "Raised yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
        "Shelved yellow shelved",
        "Updated yellow shelved",
        "Reannounced yellow active-unacknowledged",
        "shelf expired",
    ]);
}

#[test]
fn a_rise_breaks_a_shelf_at_once_and_a_return_to_its_tier_does_not() {
    let story = Story::with(&shelving()).raise(YELLOW, "a").shelve(30, "王芳");
    let story = story.clear(YELLOW, "a").raise(YELLOW, "b").raise(RED, "b").until(4000);
    assert_eq!(story.book.holds().count(), 0);
    story.check(&[
        "Raised yellow active-unacknowledged",
        "Shelved yellow shelved",
        "Updated yellow shelved",
        "Updated yellow shelved",
        "Escalated red active-unacknowledged",
        "shelf risen",
    ]);
}

#[test]
fn what_nobody_acknowledged_comes_back_from_a_shelf_unacknowledged() {
    let story = Story::with(&shelving()).raise(YELLOW, "a").shelve(30, "王芳").clear(YELLOW, "a");
    story.lift(HoldKind::Shelf).acknowledge().check(&[
        "Raised yellow active-unacknowledged",
        "Shelved yellow shelved",
        "Updated yellow shelved",
        "Returned yellow returned-unacknowledged",
        "shelf lifted",
        "Acknowledged yellow normal",
    ]);
    let story = Story::with(&shelving()).raise(YELLOW, "a").acknowledge().shelve(30, "王芳");
    story.clear(YELLOW, "a").lift(HoldKind::Shelf).check(&[
        "Raised yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
        "Shelved yellow shelved",
        "Updated yellow shelved",
        "Closed yellow normal",
        "shelf lifted",
    ]);
}

#[test]
fn the_highest_tier_is_shelved_by_two_persons_within_ten_minutes() {
    let proposed = || Story::with(&shelving()).raise(RED, "a").shelve(30, "王芳");
    let id = proposed().hold(HoldKind::Proposal);
    let confirm = Act::Confirm(id.clone());
    let story = proposed().act(&confirm, " 王芳").act(&confirm, "李雷").act(&confirm, "李雷");
    story.check(&[
        "Raised red active-unacknowledged",
        "proposal begun",
        "`王芳` proposed this; hint: another person must confirm it",
        "Shelved red shelved",
        "proposal confirmed",
        &format!("there is no `{id}`; hint: it may be over, look at the list again"),
    ]);
    proposed().until(700).act(&confirm, "李雷").check(&[
        "Raised red active-unacknowledged",
        "proposal begun",
        "proposal expired",
        &format!("there is no `{id}`; hint: it may be over, look at the list again"),
    ]);
}

#[test]
fn a_shelf_is_neither_longer_than_its_tier_allows_nor_empty() {
    let story = Story::with(&shelving()).raise(YELLOW, "a").shelve(61, "王芳").shelve(0, "王芳");
    story.raise(ORANGE, "a").shelve(1, "王芳").check(&[
        "Raised yellow active-unacknowledged",
        "a hold of 3660000 ms is not possible; hint: more than 0 and at most 3600000 ms",
        "a hold of 0 ms is not possible; hint: more than 0 and at most 3600000 ms",
        "Escalated orange active-unacknowledged",
        "a hold of 60000 ms is not possible; hint: more than 0 and at most 0 ms",
    ]);
}

fn ladder() -> LifePolicy {
    let rung = |after_s: i64, to: &str| Rung { after_ms: after_s * 1000, to: to.to_owned() };
    let rungs = vec![rung(60, "leader"), rung(180, "bureau")];
    let ladders = vec![Ladder { tier: Tier::Yellow, rungs: rungs.clone() }];
    let red = Ladder { tier: Tier::Red, rungs };
    LifePolicy { ladders: [ladders, vec![red]].concat(), ..LifePolicy::default() }
}

#[test]
fn a_ladder_goes_on_with_the_time_left_after_a_restart() {
    let story = Story::with(&ladder()).raise(YELLOW, "a").until(60);
    let due = |story: &Story| {
        let next = story.warning().passing.as_ref().and_then(|p| p.next.clone());
        next.map(|next| (next.to, next.due_at.as_millis()))
    };
    assert_eq!(due(&story), Some(("leader".to_owned(), 61_000)));
    let story = story.restart().until(61).restart();
    assert_eq!(due(&story), Some(("bureau".to_owned(), 181_000)));
    let told = story.warning().passing.as_ref().unwrap().told.clone();
    assert_eq!(told, ["leader"]);
    let story = story.stood_still_until(1000);
    assert_eq!(due(&story), None);
    story.acknowledge().until(2000).check(&[
        "Raised yellow active-unacknowledged",
        "PassedOn yellow active-unacknowledged",
        "PassedOn yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
    ]);
}

#[test]
fn a_step_reaches_who_is_on_duty_when_it_is_taken() {
    let on = |role: &str, who: &str, from_s: i64, to_s: i64| Shift {
        from: Timestamp::from_millis(from_s * 1000),
        to: Timestamp::from_millis(to_s * 1000),
        desk: duty::Desk { role: DutyRoleId::new(role).unwrap(), position: None },
        person: ContactId::new(who).unwrap(),
        substitutes: Vec::new(),
    };
    let contact = |who: &str| Contact {
        id: ContactId::new(who).unwrap(),
        name: who.to_uppercase(),
        organisation: String::new(),
        phones: vec!["8101".to_owned()],
        email: None,
        note: String::new(),
        account: None,
    };
    // The leader is relieved at 61 s, the moment of the first step; nobody is on for the second.
    let shifts = vec![on("leader", "li", 0, 61), on("leader", "han", 61, 120)];
    let roster =
        Roster { contacts: ["li", "han"].map(contact).into(), shifts, ..Roster::default() };
    let mut story = Story::with(&ladder()).raise(YELLOW, "a");
    let at = |s: i64| Timestamp::from_millis(s * 1000);
    assert!(!story.book.passes_on(at(60)) && story.book.passes_on(at(61)));
    story.book.set_roster(Some(Arc::new(roster)));
    let calls = |story: &Story| -> Vec<(CallFound, Vec<String>)> {
        let calls = &story.warning().passing.as_ref().unwrap().calls;
        let people = |call: &duty::Call| call.people.iter().map(|p| p.name.clone()).collect();
        calls.iter().map(|call| (call.found, people(call))).collect()
    };
    let first = (CallFound::OnDuty, vec!["HAN".to_owned()]);
    let story = story.until(61);
    assert_eq!(calls(&story), std::slice::from_ref(&first));
    // Without a roster the step is taken all the same, and what was called stays.
    let story = story.restart().until(181);
    assert_eq!(calls(&story), [first, (CallFound::Unreadable, vec![])]);
}

/// What a wish of `by` for the next step comes to, having seen `told` steps taken.
fn escalate(story: &mut Story, told: usize, by: &str) -> Result<Vec<String>, ActError> {
    let at = Timestamp::from_millis(story.now_ms);
    let who = Acting { by: by.to_owned(), note: "很浓".to_owned(), at };
    let id = story.warning().id.clone();
    let mut effects = Effects::default();
    let done = story.book.act(&Act::Escalate(id, told), &who, &mut effects);
    story.tell(&effects);
    let Done::Warning(warning) = done? else { panic!("a warning is escalated") };
    Ok(warning.passing.unwrap().told)
}

#[test]
fn two_persons_at_once_take_one_step_and_the_later_is_told_who_was_first() {
    let mut story = Story::with(&ladder()).raise(YELLOW, "a").until(10);
    let first = escalate(&mut story, 0, "wang").unwrap();
    assert_eq!(first.len(), 1);
    let id = story.warning().id.to_string();
    let (to, by) = (Some(first[0].clone()), Some("wang".to_owned()));
    let moved = ActError::LadderMoved { id: id.clone(), to, by };
    assert_eq!(escalate(&mut story, 0, "li"), Err(moved));
    // The time of the step that was taken calls nobody again; the one after it keeps its time.
    let mut story = story.until(180);
    assert_eq!(story.warning().passing.as_ref().unwrap().told.len(), 1);
    story = story.until(181);
    let passing = story.warning().passing.clone().unwrap();
    let by: Vec<_> = passing.calls.iter().map(|call| call.by.as_deref()).collect();
    assert_eq!((by, passing.next), (vec![Some("wang"), None], None));
    assert_eq!(escalate(&mut story, 2, "li"), Err(ActError::NoStep(id.clone())));
    let to = passing.told.last().cloned();
    assert_eq!(
        escalate(&mut story, 1, "li"),
        Err(ActError::LadderMoved { id: id.clone(), to, by: None }),
    );
    let mut story = story.acknowledge();
    assert!(matches!(escalate(&mut story, 2, "li"), Err(ActError::Already { .. })));
    story.check(&[
        "Raised yellow active-unacknowledged",
        "PassedOn yellow active-unacknowledged",
        "PassedOn yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
    ]);
}

#[test]
fn a_ladder_that_began_anew_is_not_taken_for_the_one_that_was_seen() {
    let mut story = Story::with(&ladder()).raise(YELLOW, "a").until(10);
    escalate(&mut story, 0, "wang").unwrap();
    let mut story = story.raise(RED, "b");
    let id = story.warning().id.to_string();
    let moved = ActError::LadderMoved { id, to: None, by: None };
    assert_eq!(escalate(&mut story, 1, "li"), Err(moved));
}

#[test]
fn a_ladder_ends_with_the_acknowledgement_begins_with_a_rise_and_goes_on_after_the_return() {
    let story = Story::with(&ladder()).raise(YELLOW, "a").until(30).acknowledge().until(300);
    let story = story.raise(RED, "b").until(350).clear(RED, "b").clear(YELLOW, "a").until(400);
    story.check(&[
        "Raised yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
        "Escalated red active-unacknowledged",
        "Deescalated yellow active-unacknowledged",
        "Returned yellow returned-unacknowledged",
        "PassedOn yellow returned-unacknowledged",
    ]);
}

#[test]
fn a_chattering_alarm_is_named_never_delayed_and_ends_after_a_minute_of_rest() {
    let policy = LifePolicy { chatter_raises: 3, ..LifePolicy::default() };
    let mut story = Story::with(&policy);
    for _ in 0..4 {
        story = story.raise(YELLOW, "a").clear(YELLOW, "a");
    }
    let story = story.acknowledge().restart();
    let ends_s = 8 + CHATTER_MS / 1000;
    let story = story.until(ends_s - 1);
    assert_eq!(story.warning().chattering.len(), 1);
    story.until(ends_s).check(&[
        "Raised yellow active-unacknowledged",
        "Returned yellow returned-unacknowledged",
        "Reactivated yellow active-unacknowledged",
        "Returned yellow returned-unacknowledged",
        "Reactivated yellow active-unacknowledged",
        "Updated yellow active-unacknowledged",
        "Chattering yellow active-unacknowledged",
        "Updated yellow active-unacknowledged",
        "Acknowledged yellow active-acknowledged",
        "Closed yellow normal",
    ]);
}

#[test]
fn eleven_calls_flood_a_desk() {
    let desk = Desk { id: "all".into(), name: Text::new("全部", "All"), areas: Vec::new() };
    let mut story = Story::with(&LifePolicy { desks: vec![desk], ..LifePolicy::default() });
    for _ in 0..11 {
        story = story.raise(YELLOW, "a").acknowledge().clear(YELLOW, "a");
    }
    let told: Vec<String> = story.until(700).told;
    let floods: Vec<&String> = told.iter().filter(|line| line.contains("ed 11")).collect();
    assert_eq!(floods, ["Ended 11"]);
    assert!(told.contains(&"Began 11".to_owned()), "{told:?}");
}
