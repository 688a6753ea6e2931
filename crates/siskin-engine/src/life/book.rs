//! The open warnings of a site, what feeds them, and what is kept from people.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_model::duty::Roster;
use siskin_model::life::CHATTER_MS;
use siskin_model::{
    Alarm, AreaId, ChannelId, Chatter, GasId, Hold, HoldEnd, LifePolicy, RuleId, Said, Tier,
    Timestamp, Warning, WarningChange, WarningEvent, WarningState,
};

use super::chatter::Begins;
use super::equipment::EquipmentBook;
use super::flood::Floods;
use super::step;
use super::table::Event;
use crate::engine::Effects;

/// What a warning is about.
pub(super) type Key = (AreaId, GasId);
/// What an alarm is of.
pub(super) type Source = (ChannelId, RuleId);

/// Why an alarm is kept from people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The alarm of the rule that suppresses its own is active in the same area.
    Suppressed,
    /// Its channel is out of service.
    OutOfService,
}

/// An active alarm that is judged and recorded, and feeds no warning.
#[derive(Debug, Clone, PartialEq)]
pub struct Muted {
    /// The alarm.
    pub alarm: Alarm,
    /// Why.
    pub why: Why,
    pub(super) key: Key,
    pub(super) tier: Tier,
}

/// The open warnings of a site.
#[derive(Debug, Clone)]
pub struct WarningBook {
    pub(super) policy: LifePolicy,
    /// The site's highest tier: its shelves need two persons.
    pub(super) top: Option<Tier>,
    pub(super) open: BTreeMap<Key, Warning>,
    /// Which open warning an alarm feeds: a large site has thousands of open ones.
    pub(super) fed: BTreeMap<Source, Key>,
    pub(super) muted: BTreeMap<Source, Muted>,
    /// Holds that have not ended, by id.
    pub(super) holds: BTreeMap<String, Hold>,
    /// The moment of the newest hold's id, and how many more were given in it.
    pub(super) ids: (Timestamp, u32),
    pub(super) equipment: EquipmentBook,
    pub(super) floods: Floods,
    pub(super) begins: Begins,
    /// The engine's time: what is told now is told then.
    pub(super) told_ms: i64,
    /// No tier falls and no chatter ends before.
    pub(super) soonest_ms: i64,
    /// Alarms that were suppressed by design, counted.
    pub(super) suppressed: u64,
    /// Who is on duty around now, while warnings are passed on.
    pub(super) roster: Option<Arc<Roster>>,
}

impl WarningBook {
    /// An empty book of a site.
    pub fn new(policy: &LifePolicy, tiers: &[Tier]) -> Self {
        let floods = Floods::new(policy.desks.len());
        let top = tiers.iter().max().copied();
        Self {
            policy: policy.clone(),
            top,
            open: BTreeMap::new(),
            fed: BTreeMap::new(),
            muted: BTreeMap::new(),
            holds: BTreeMap::new(),
            ids: (Timestamp::from_millis(i64::MIN), 0),
            equipment: EquipmentBook::default(),
            floods,
            begins: Begins::default(),
            told_ms: i64::MIN,
            soonest_ms: i64::MAX,
            suppressed: 0,
            roster: None,
        }
    }

    /// Takes over the warnings that were open before a restart.
    pub fn seed(&mut self, warnings: Vec<Warning>) {
        let keyed = warnings.into_iter().filter(|w| w.state.is_open());
        self.open = keyed.map(|w| ((w.area.clone(), w.gas.clone()), w)).collect();
        let fed = |(key, warning): (&Key, &Warning)| {
            let key = key.clone();
            warning.alarms.iter().map(move |a| (source(a), key.clone())).collect::<Vec<_>>()
        };
        self.fed = self.open.iter().flat_map(fed).collect();
        // When they are due is seen at the next look.
        self.soonest_ms = i64::MIN;
    }

    /// The begins before a restart, so that what chatters goes on to.
    pub fn seed_begins<'a>(&mut self, begins: impl IntoIterator<Item = (&'a Alarm, Timestamp)>) {
        for (alarm, at) in begins {
            self.begins.add(alarm, at.as_millis(), self.policy.chatter_raises);
        }
    }

    /// The open warnings, in order of area and gas.
    pub fn open(&self) -> impl Iterator<Item = &Warning> {
        self.open.values()
    }

    /// Alarms that are active and kept from people.
    pub fn muted(&self) -> impl Iterator<Item = &Muted> {
        self.muted.values()
    }

    /// How many alarms were suppressed by design since the start.
    pub fn suppressed(&self) -> u64 {
        self.suppressed
    }

    /// Whether an alarm feeds a warning.
    pub(crate) fn is_fed(&self, alarm: &Alarm) -> bool {
        self.fed.contains_key(&source(alarm))
    }

    /// What is told from now on is told at `now_ms`.
    pub fn is_now(&mut self, now_ms: i64) {
        self.told_ms = self.told_ms.max(now_ms);
    }

    /// A gas alarm of `tier` began.
    pub fn began(
        &mut self,
        at: Timestamp,
        about: (&AreaId, &GasId),
        (alarm, tier): (&Alarm, Tier),
        why: Option<Why>,
        effects: &mut Effects,
    ) {
        let key = (about.0.clone(), about.1.clone());
        self.due(&key, at.as_millis(), effects);
        let chatters = self.begins.add(alarm, at.as_millis(), self.policy.chatter_raises);
        if let Some(why) = why {
            self.put_muted(key, alarm, tier, why);
            return;
        }
        self.feed(at, key, (alarm, tier), chatters, effects);
    }

    /// Lets an alarm feed its warning.
    fn feed(
        &mut self,
        at: Timestamp,
        key: Key,
        (alarm, tier): (&Alarm, Tier),
        chatters: bool,
        effects: &mut Effects,
    ) {
        self.fed.insert(source(alarm), key.clone());
        let mut warning =
            self.open.remove(&key).unwrap_or_else(|| Warning::begun(&key.0, &key.1, tier, at));
        let was = warning.state;
        let event = joined(&mut warning, at, (alarm, tier), was);
        if chatters {
            chatter(&mut warning, alarm, None);
        }
        if step::go(&mut warning, event, &self.policy).is_err() {
            debug_assert!(false, "the table takes a begin and a rise in every state");
        }
        let change = match (was, event) {
            (WarningState::Normal, _) => WarningChange::Raised,
            (WarningState::Suppressed | WarningState::OutOfService, _) => {
                WarningChange::Reannounced
            }
            (s, _) if !s.is_active() && !s.is_aside() => WarningChange::Reactivated,
            (_, Event::Rise) => WarningChange::Escalated,
            _ if chatters => WarningChange::Chattering,
            _ => WarningChange::Updated,
        };
        self.announced(&mut warning, at, was, event, effects);
        self.emit(at, key, warning, change, None, effects);
    }

    /// People are called where the step led out of another state, or up.
    fn announced(
        &mut self,
        warning: &mut Warning,
        at: Timestamp,
        was: WarningState,
        event: Event,
        effects: &mut Effects,
    ) {
        if warning.state != WarningState::ActiveUnacknowledged {
            return;
        }
        if event == Event::Raise && was == WarningState::ActiveUnacknowledged {
            return;
        }
        if let Some(shelf) = warning.shelf.take() {
            self.end_hold(&shelf.id, at, HoldEnd::Risen, None, effects);
        }
        let is_running = event == Event::Raise && warning.passing.is_some();
        let passing = warning.passing.clone();
        step::announce(warning, at, self.told_ms, &self.policy);
        if is_running {
            // It came back before anybody acknowledged: the ladder goes on.
            warning.passing = passing;
        }
    }

    /// An alarm ended, or its rule or channel was taken out of the site. The warning is the one it
    /// feeds, wherever the channel belongs by now: no warning may wait for an end that went
    /// elsewhere.
    pub fn ended(&mut self, at: Timestamp, alarm: &Alarm, effects: &mut Effects) {
        if let Some(muted) = self.muted.remove(&source(alarm)) {
            self.due(&muted.key, at.as_millis(), effects);
            self.quiet(at, &muted.key, effects);
            return;
        }
        let Some(key) = self.fed.get(&source(alarm)).cloned() else { return };
        self.due(&key, at.as_millis(), effects);
        let enough = self.policy.chatter_raises;
        if self.begins.is_chattering(alarm, at.as_millis(), enough)
            && let Some(mut warning) = self.open.remove(&key)
        {
            chatter(&mut warning, alarm, Some(at));
            let change = WarningChange::Updated;
            self.emit(at, key, warning, change, None, effects);
            return;
        }
        self.leave(at, key, alarm, self.policy.lower_after_ms, effects);
    }

    /// An alarm feeds its warning no longer; its tier holds on for `hold_ms`.
    pub(super) fn leave(
        &mut self,
        at: Timestamp,
        key: Key,
        alarm: &Alarm,
        hold_ms: i64,
        effects: &mut Effects,
    ) {
        self.fed.remove(&source(alarm));
        let Some(mut warning) = self.open.remove(&key) else { return };
        step::take_alarm(&mut warning, alarm);
        warning.chattering.retain(|c| (&c.rule, &c.channel) != (&alarm.rule, &alarm.channel));
        if let Some(tier) = alarm.tier.filter(|_| hold_ms > 0) {
            step::hold_tier(&mut warning, tier, at.plus_ms(hold_ms));
        }
        prune(&mut warning, at);
        let change = if warning.alarms.is_empty() {
            self.returned(&mut warning, at, &key)
        } else {
            step::lower(&mut warning)
        };
        self.emit(at, key, warning, change, None, effects);
    }

    /// The last alarm left: the warning returned, or all that would feed it is kept from people.
    fn returned(&self, warning: &mut Warning, at: Timestamp, key: &Key) -> WarningChange {
        let event = match self.muted_of(key) {
            Some(why) if !warning.state.is_aside() => aside(why),
            _ => Event::Return,
        };
        let was = warning.state;
        if step::go(warning, event, &self.policy).is_err() {
            debug_assert!(false, "only a fed warning loses its last alarm, not one in {was:?}");
        }
        warning.returned_at = Some(at);
        ended_as(warning.state, event)
    }

    /// The reason that keeps all alarms of a key from people; out of service where both do.
    pub(super) fn muted_of(&self, key: &Key) -> Option<Why> {
        self.muted.values().filter(|muted| muted.key == *key).map(|muted| muted.why).max()
    }

    /// An alarm that feeds a warning has another begin or value than was recorded.
    pub fn corrected(&mut self, at: Timestamp, alarm: &Alarm, effects: &mut Effects) {
        if let Some(muted) = self.muted.get_mut(&source(alarm)) {
            muted.alarm = alarm.clone();
            return;
        }
        let Some(key) = self.fed.get(&source(alarm)).cloned() else { return };
        let fed = |a: &Alarm| (&a.rule, &a.channel) == (&alarm.rule, &alarm.channel);
        let Some(mut warning) = self.open.remove(&key) else { return };
        if let Some(one) = warning.alarms.iter_mut().find(|a| fed(a)) {
            *one = alarm.clone();
        }
        self.emit(at, key, warning, WarningChange::Updated, None, effects);
    }

    /// Writes down what happened, and keeps the warning while it is open.
    pub(super) fn emit(
        &mut self,
        at: Timestamp,
        key: Key,
        mut warning: Warning,
        change: WarningChange,
        said: Option<Said>,
        effects: &mut Effects,
    ) {
        warning.changed_at = at;
        if WarningChange::CALLS.contains(&change) {
            self.call(&warning.area, effects);
        }
        effects.warnings.push(WarningEvent { change, at, warning: warning.clone(), said });
        if warning.state.is_open() {
            self.soonest_ms = self.soonest_ms.min(super::timers::next_ms(&warning));
            self.open.insert(key, warning);
        } else {
            self.open.remove(&key);
        }
    }

    /// An alarm that people were not told of feeds its warning from now on.
    pub(super) fn unmute(&mut self, at: Timestamp, muted: Muted, effects: &mut Effects) {
        let Muted { alarm, key, tier, .. } = muted;
        let is_open = self.open.get(&key).is_some_and(|w| w.state != WarningState::Shelved);
        if !is_open {
            self.feed(at, key, (&alarm, tier), false, effects);
            return;
        }
        let Some(mut warning) = self.open.remove(&key) else { return };
        self.fed.insert(source(&alarm), key.clone());
        let was = warning.state;
        let rose = joined(&mut warning, at, (&alarm, tier), was) == Event::Rise;
        if step::go(&mut warning, Event::BackActive, &self.policy).is_err() {
            debug_assert!(false, "the table takes an alarm back in every state");
        }
        step::announce(&mut warning, at, self.told_ms, &self.policy);
        let is_rise = rose && was.is_active();
        let change = if is_rise { WarningChange::Escalated } else { WarningChange::Reannounced };
        self.emit(at, key, warning, change, None, effects);
    }
}

/// The word for a warning that lost its last alarm, or came back without one.
pub(super) fn ended_as(state: WarningState, event: Event) -> WarningChange {
    match (state, event) {
        (WarningState::Normal, _) => WarningChange::Closed,
        (WarningState::ReturnedUnacknowledged, _) => WarningChange::Returned,
        (WarningState::LatchedUnacknowledged | WarningState::LatchedAcknowledged, _) => {
            WarningChange::Latched
        }
        (WarningState::Suppressed, _) => WarningChange::Suppressed,
        (WarningState::OutOfService, _) => WarningChange::TakenOut,
        _ => WarningChange::Updated,
    }
}

/// What a warning suffers when all its alarms are kept from people.
pub(super) fn aside(why: Why) -> Event {
    match why {
        Why::Suppressed => Event::Suppress,
        Why::OutOfService => Event::TakeOut,
    }
}

/// What an alarm is of.
pub(super) fn source(alarm: &Alarm) -> Source {
    (alarm.channel.clone(), alarm.rule.clone())
}

/// Puts the alarm in and brings the tier up; says whether it rose.
fn joined(
    warning: &mut Warning,
    at: Timestamp,
    (alarm, tier): (&Alarm, Tier),
    was: WarningState,
) -> Event {
    let is_fresh = warning.alarms.is_empty();
    // Otherwise event time takes them away, with their fall: acts are in the clock's time.
    if is_fresh {
        prune(warning, at);
    }
    step::put_alarm(warning, alarm);
    for chatter in &mut warning.chattering {
        if (&chatter.rule, &chatter.channel) == (&alarm.rule, &alarm.channel) {
            chatter.ended_at = None;
        }
    }
    // A shelf covers its tier, also when the warning has fallen below it meanwhile.
    let covered = warning.shelf.as_ref().and_then(|shelf| shelf.tier);
    let covered = covered.map_or(warning.tier, |tier| tier.max(warning.tier));
    let rose = tier > covered && was != WarningState::Normal;
    let next = step::tier_of(warning).unwrap_or(tier);
    if is_fresh || next > warning.tier {
        warning.tier = next;
    }
    warning.tier_peak = warning.tier_peak.max(warning.tier);
    if rose { Event::Rise } else { Event::Raise }
}

/// Forgets tiers whose time is over.
pub(super) fn prune(warning: &mut Warning, at: Timestamp) {
    warning.held.retain(|held| held.until > at);
}

/// Notes that an alarm comes and goes, and when it ended last.
fn chatter(warning: &mut Warning, alarm: &Alarm, ended_at: Option<Timestamp>) {
    let of = |c: &&mut Chatter| (&c.rule, &c.channel) == (&alarm.rule, &alarm.channel);
    match warning.chattering.iter_mut().find(of) {
        Some(one) => one.ended_at = ended_at,
        None => warning.chattering.push(Chatter {
            rule: alarm.rule.clone(),
            channel: alarm.channel.clone(),
            ended_at,
        }),
    }
}

/// When a chattering alarm's end counts, if it does not come back.
pub(super) fn chatter_ends_ms(chatter: &Chatter) -> Option<i64> {
    chatter.ended_at.map(|at| at.as_millis().saturating_add(CHATTER_MS))
}
