//! What people do with warnings and holds, between the API and the pipeline.
//!
//! Whether an area is somebody's is checked here, where it is known what the act is about. Must
//! never let an act through that names nothing of the site.

pub(super) mod calls;
pub(crate) mod views;

use siskin_api::contract::{ActDoneView, EquipmentView, FloodView, HoldScope, HoldView};
use siskin_api::{
    About, ActFault, BackendError, DrillFault, Life, LifeAct, LiveEvent, WrittenList,
};
use siskin_engine::{Act, ActError, Done};
use siskin_model::{
    AreaId, AreaScope, ChannelId, Equipment, Hold, HoldKind, Subject, Warning, Who,
};
use siskin_store::ledger::Committed;
use tokio::sync::oneshot;

use super::backend::{StationBackend, unavailable, written};
use super::listed::Form;
use super::notify::is_of_messages;
use super::pipeline::{Command, Refused, Wanted};
use super::views::{seen_tier, text, tier};

/// The most holds one answer lists.
const HOLDS_MAX: usize = 1000;
pub(super) const MINUTE_MS: i64 = 60_000;

/// The events of equipment and floods, as they go out on the live stream.
pub(super) fn events(committed: &Committed, offset_s: i32) -> Vec<LiveEvent> {
    let equipment = committed.equipment.iter().map(|(seq, event)| {
        LiveEvent::Equipment(Box::new(views::equipment_event(*seq, event, offset_s)))
    });
    let floods = committed.floods.iter().map(|(seq, event)| {
        tracing::warn!(position = event.desk, change = ?event.change, calls = event.calls, "flood");
        LiveEvent::Flood(views::flood_event(*seq, event, offset_s))
    });
    equipment.chain(floods).collect()
}

impl StationBackend {
    /// Passes an act to the pipeline and waits until it is on disk.
    pub(super) fn do_act(&self, act: Act, by: &str, note: &str) -> Result<Done, BackendError> {
        let (answer, answered) = oneshot::channel();
        let wanted = Wanted { act, by: by.to_owned(), note: note.to_owned(), answer };
        let stopping = || BackendError::Unavailable("the station is stopping".to_owned());
        let command = Command::Act(Box::new(wanted));
        self.commands.blocking_send(command).map_err(|_| stopping())?;
        answered.blocking_recv().map_err(|_| stopping())?.map_err(|refused| match refused {
            Refused::Act(error) => fault(error),
            Refused::Disk(error) => error,
            Refused::DrillOver(drill) => DrillFault::Over(drill.0).into(),
        })
    }

    /// The engine's form of an act.
    fn wanted(&self, act: &LifeAct) -> Result<Act, BackendError> {
        Ok(match act {
            LifeAct::Acknowledge { about: About::Warning(id), tier, reason } => {
                Act::Acknowledge(id.clone(), tier.map(seen_tier), reason.clone())
            }
            LifeAct::Acknowledge { about: About::Equipment(rule, channel), .. } => {
                Act::AcknowledgeEquipment(rule.clone(), channel.clone())
            }
            LifeAct::Comment(about) => Act::Comment(subject(about)),
            LifeAct::Reset(id) => Act::Reset(id.clone()),
            LifeAct::Cancel(id) => Act::Cancel(id.clone(), None),
            LifeAct::Escalate { warning, told } => {
                // More steps than a number holds were seen by nobody: it is refused as moved.
                Act::Escalate(warning.clone(), usize::try_from(*told).unwrap_or(usize::MAX))
            }
            LifeAct::Shelve { about, tier, for_ms } => {
                Act::Shelve(subject(about), tier.map(seen_tier), *for_ms)
            }
            LifeAct::Unshelve(about) => Act::Lift(self.hold_on(HoldKind::Shelf, &subject(about))?),
            LifeAct::Confirm(id) => Act::Confirm(id.clone()),
            LifeAct::Lift(id) => Act::Lift(id.clone()),
            LifeAct::TakeOut { channel, work_order, owner, until } => {
                Act::TakeOut(channel.clone(), work_order.clone(), owner.clone(), *until)
            }
            LifeAct::PutBack(channel) => {
                let subject = Subject::Channel(channel.clone());
                Act::Lift(self.hold_on(HoldKind::OutOfService, &subject)?)
            }
        })
    }

    fn hold_on(&self, kind: HoldKind, subject: &Subject) -> Result<String, BackendError> {
        let shown = self.live.shown();
        let found = shown.all_holds().find(|hold| (hold.kind, &hold.subject) == (kind, subject));
        let unknown = || BackendError::Act(ActFault::Unknown(subject.to_string()));
        found.map(|hold| hold.id.clone()).ok_or_else(unknown)
    }

    /// Refuses what is about an area that is not the person's, and for who has some areas also what
    /// is in none: it is not there, or not shown yet.
    fn is_theirs(&self, act: &LifeAct, who: &Who) -> Result<(), BackendError> {
        match self.area_of(act) {
            Some(area) if who.areas.has(&area) => Ok(()),
            Some(area) => Err(BackendError::OtherArea(area.to_string())),
            None if who.areas == AreaScope::All => Ok(()),
            None => Err(BackendError::Act(ActFault::Unknown(thing(act)))),
        }
    }

    /// The area that an act is about; none where the thing is not there, which the act then says.
    fn area_of(&self, act: &LifeAct) -> Option<AreaId> {
        match act {
            LifeAct::Acknowledge { about, .. }
            | LifeAct::Comment(about)
            | LifeAct::Shelve { about, .. }
            | LifeAct::Unshelve(about) => self.area_of_subject(&subject(about)),
            LifeAct::Reset(id) | LifeAct::Cancel(id) | LifeAct::Escalate { warning: id, .. } => {
                self.area_of_subject(&Subject::Warning(id.clone()))
            }
            LifeAct::Confirm(id) | LifeAct::Lift(id) => {
                let found = self.live.shown().all_holds().find(|hold| hold.id == *id).cloned();
                self.area_of_subject(&found?.subject)
            }
            LifeAct::TakeOut { channel, .. } | LifeAct::PutBack(channel) => {
                self.area_of_channel(channel)
            }
        }
    }

    fn area_of_subject(&self, subject: &Subject) -> Option<AreaId> {
        match subject {
            Subject::Warning(id) => {
                let shown = self.live.shown();
                let found = shown.all_warnings().find(|warning| warning.id == *id);
                let area = found.map(|warning| warning.area.clone());
                drop(shown);
                // One that is over can still be cancelled.
                area.or_else(|| Some(self.ledger.warning(id).ok()??.area))
            }
            // About a recipient, which is in no area: for who has all of them.
            Subject::Equipment(rule, _) if is_of_messages(rule) => None,
            Subject::Equipment(_, channel) | Subject::Channel(channel) => {
                self.area_of_channel(channel)
            }
        }
    }

    fn area_of_channel(&self, channel: &ChannelId) -> Option<AreaId> {
        let site = &self.settings.site;
        site.channel(site.index_of(channel)?).map(|channel| channel.area.clone())
    }
}

impl Life for StationBackend {
    fn act(&self, act: &LifeAct, who: &Who, note: &str) -> Result<ActDoneView, BackendError> {
        self.is_theirs(act, who)?;
        if let LifeAct::TakeOut { channel, .. } = act
            && self.area_of_channel(channel).is_none()
        {
            return Err(BackendError::ChannelNotFound(channel.to_string()));
        }
        let offset_s = self.settings.site.utc_offset_s;
        let now = Some(self.clock.now());
        Ok(match self.do_act(self.wanted(act)?, &who.name, note)? {
            Done::Warning(warning) => {
                let warning = Some(super::views::warning(&warning, offset_s));
                ActDoneView { warning, ..ActDoneView::default() }
            }
            Done::Equipment(one) => {
                let equipment = Some(views::equipment(&one, offset_s));
                ActDoneView { equipment, ..ActDoneView::default() }
            }
            Done::Hold(hold) => {
                let hold = Some(views::hold(&hold, now, offset_s));
                ActDoneView { hold, ..ActDoneView::default() }
            }
        })
    }

    fn holds(&self, scope: HoldScope) -> Result<Vec<HoldView>, BackendError> {
        let holds: Vec<Hold> = match scope {
            HoldScope::Open => {
                let mut open: Vec<_> = self.live.shown().all_holds().cloned().collect();
                open.sort_by(|a, b| (a.until, &a.id).cmp(&(b.until, &b.id)));
                open
            }
            HoldScope::All => self.ledger.holds_all(HOLDS_MAX).map_err(|e| unavailable(&e))?,
        };
        let (now, offset_s) = (Some(self.clock.now()), self.settings.site.utc_offset_s);
        Ok(holds.iter().map(|hold| views::hold(hold, now, offset_s)).collect())
    }

    fn equipment(&self) -> Vec<EquipmentView> {
        let (all, offset_s) =
            (self.live.shown().equipment.clone(), self.settings.site.utc_offset_s);
        let sorted = all.sorted(|one| one.changed_at);
        sorted.iter().map(|one| views::equipment(one.value(), offset_s)).collect()
    }

    fn equipment_written(&self) -> Result<WrittenList, BackendError> {
        let (all, offset_s) =
            (self.live.shown().equipment.clone(), self.settings.site.utc_offset_s);
        let write = |one: &Equipment| serde_json::to_vec(&views::equipment(one, offset_s));
        written(&all.sorted(|one| one.changed_at), Form::Whole, write)
    }

    fn floods(&self) -> Vec<FloodView> {
        let shown = self.live.shown();
        let (policy, offset_s) = (&self.settings.site.life, self.settings.site.utc_offset_s);
        let mut told: Vec<&Warning> =
            shown.warnings.iter().filter(|w| !w.state.is_aside()).collect();
        told.sort_by_key(|warning| warning.raised_at);
        let view = |(place, desk): (usize, &siskin_model::life::Desk)| {
            let on = shown.floods.get(place).copied().flatten();
            let own = told.iter().filter(|warning| policy.desk_of(&warning.area) == Some(place));
            FloodView {
                position: desk.id.clone(),
                name: text(&desk.name),
                areas: desk.areas.iter().map(ToString::to_string).collect(),
                begun_at: on.map(|flood| flood.begun_at.rfc3339(offset_s)),
                calls: on.map_or(0, |flood| flood.calls),
                first_out: own.map(|warning| warning.id.to_string()).collect(),
            }
        };
        policy.desks.iter().enumerate().map(view).collect()
    }
}

/// What an act is about, in words.
fn thing(act: &LifeAct) -> String {
    match act {
        LifeAct::Acknowledge { about, .. }
        | LifeAct::Comment(about)
        | LifeAct::Shelve { about, .. }
        | LifeAct::Unshelve(about) => subject(about).to_string(),
        LifeAct::Reset(id) | LifeAct::Cancel(id) | LifeAct::Escalate { warning: id, .. } => {
            id.to_string()
        }
        LifeAct::Confirm(id) | LifeAct::Lift(id) => id.clone(),
        LifeAct::TakeOut { channel, .. } | LifeAct::PutBack(channel) => channel.to_string(),
    }
}

fn subject(about: &About) -> Subject {
    match about {
        About::Warning(id) => Subject::Warning(id.clone()),
        About::Equipment(rule, channel) => Subject::Equipment(rule.clone(), channel.clone()),
    }
}

/// The API's words for what the engine refuses.
fn fault(error: ActError) -> BackendError {
    BackendError::Act(match error {
        ActError::NotOpen(id) => return BackendError::WarningNotFound(id),
        ActError::Risen { id, tier: now } => {
            return BackendError::Risen { id, tier: tier(now) };
        }
        ActError::Already { id, by } => return BackendError::AlreadyAcknowledged { id, by },
        ActError::Unknown(id) => ActFault::Unknown(id),
        ActError::Refused { id, refusal } => ActFault::Refused { id, state: refusal.as_str() },
        ActError::Length { asked_ms, max_ms } => {
            ActFault::Length { asked_min: asked_ms / MINUTE_MS, max_min: max_ms / MINUTE_MS }
        }
        // The routes do not let acts without a reason through.
        ActError::NoReason => ActFault::Unknown(String::new()),
        ActError::LadderMoved { id, to, by } => ActFault::LadderMoved { id, to, by },
        ActError::NoStep(id) => ActFault::NoStep(id),
        ActError::SamePerson(by) => ActFault::SamePerson(by),
        ActError::Stands(id) => ActFault::Stands(id),
        ActError::TooMany => ActFault::TooMany,
    })
}
