//! What people do: acknowledge, comment, reset, put aside, take out of service.
//!
//! An act is done by somebody, at a moment, on what they saw: who saw less than there is now is
//! refused. Must never do half of an act, and never take one person for two.

use siskin_model::{
    Acknowledgement, ChannelId, Equipment, Hold, HoldEnd, HoldKind, RuleId, Said, Subject, Tier,
    Timestamp, Warning, WarningChange, WarningId,
};

use super::book::{Key, WarningBook};
use super::holds::is_out_of;
use super::step;
use super::table::{Event, Refusal};
use crate::engine::Effects;

/// How long a proposal waits for the second person.
pub const PROPOSAL_MS: i64 = 600_000;
/// How long a channel may be out of service at most: thirty days.
pub const TAKEN_OUT_MS_MAX: i64 = 30 * 86_400_000;
/// Holds at once; beyond it no further one begins.
const HOLDS_MAX: usize = 10_000;
/// How long an alarm about equipment may be shelved: as the lowest tier.
const EQUIPMENT_TIER: Tier = Tier::Blue;

/// Who acts, when, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The person's name.
    pub by: String,
    /// A note; for what needs a reason, the reason.
    pub note: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// What a person does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Acknowledges a warning, having seen it at this tier, and says what they take to be the
    /// cause.
    Acknowledge(WarningId, Option<Tier>, String),
    /// Acknowledges an alarm about equipment.
    AcknowledgeEquipment(RuleId, ChannelId),
    /// Writes something about a warning or an alarm about equipment.
    Comment(Subject),
    /// Resets a latched warning.
    Reset(WarningId),
    /// Says that a warning was a mistake; of the site's highest tier this only proposes it. One
    /// that is over comes along as the record has it.
    Cancel(WarningId, Option<Box<Warning>>),
    /// Takes the next step of a warning's ladder now, having seen so many taken.
    Escalate(WarningId, usize),
    /// Puts a warning, seen at this tier, or an alarm about equipment aside for a time. Of the
    /// site's highest tier this only proposes it.
    Shelve(Subject, Option<Tier>, i64),
    /// Confirms the proposal of another person.
    Confirm(String),
    /// The same of a cancellation whose warning is over: it comes along as the record has it.
    ConfirmCancel(String, Box<Warning>),
    /// Ends a shelf, a proposal or a channel's time out of service.
    Lift(String),
    /// Takes a channel out of service until a moment: work order and owner.
    TakeOut(ChannelId, String, String, Timestamp),
}

/// What an act did.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are warnings, the largest")]
pub enum Done {
    /// To this warning.
    Warning(Warning),
    /// To this alarm about equipment.
    Equipment(Equipment),
    /// This hold began or ended.
    Hold(Hold),
}

/// Why an act was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// No open warning has this id.
    #[error("there is no open warning `{0}`; hint: it may be over, look at all warnings")]
    NotOpen(String),
    /// Nothing else by this id.
    #[error("there is no `{0}`; hint: it may be over, look at the list again")]
    Unknown(String),
    /// The warning has risen above the tier that the person saw.
    #[error("warning `{id}` has risen to {}; hint: look at it again", tier.as_str())]
    Risen {
        /// The warning.
        id: String,
        /// Its tier now.
        tier: Tier,
    },
    /// The present tier is acknowledged already.
    #[error("`{id}` is already acknowledged by `{by}`; hint: nothing needs to be done")]
    Already {
        /// The warning.
        id: String,
        /// Who did it.
        by: String,
    },
    /// Its state does not allow that.
    #[error("`{id}` is {}; hint: {}", refusal.as_str(), hint(*refusal))]
    Refused {
        /// What it is about.
        id: String,
        /// Why.
        refusal: Refusal,
    },
    /// The hold would be too long, or over at once.
    #[error("a hold of {asked_ms} ms is not possible; hint: more than 0 and at most {max_ms} ms")]
    Length {
        /// What was asked.
        asked_ms: i64,
        /// What is possible.
        max_ms: i64,
    },
    /// Nothing was said.
    #[error("a reason is missing; hint: say why")]
    NoReason,
    /// Who proposed may not confirm.
    #[error("`{0}` proposed this; hint: another person must confirm it")]
    SamePerson(String),
    /// There is such a hold already.
    #[error("`{0}` stands already; hint: lift it first")]
    Stands(String),
    /// The ladder is no longer where the person saw it.
    #[error("the ladder of `{id}` has moved; hint: look at it again")]
    LadderMoved {
        /// The warning.
        id: String,
        /// To whom the newest step went; none: it began anew and none was taken.
        to: Option<String>,
        /// Who asked for that step; none: its time had come.
        by: Option<String>,
    },
    /// The ladder has no further step.
    #[error("nobody is left on the ladder of `{0}`; hint: call by telephone")]
    NoStep(String),
    /// Too many holds.
    #[error("there are {HOLDS_MAX} holds; hint: lift some first")]
    TooMany,
}

fn hint(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Over | Refusal::Acknowledged | Refusal::NotLatched => "nothing needs to be done",
        Refusal::Active => "wait until its last alarm has ended",
        Refusal::Unacknowledged => "acknowledge it first",
        Refusal::Shelved => "take it off the shelf first",
        Refusal::Suppressed => "look at the alarm that suppresses it",
        Refusal::OutOfService => "put the channel back into service first",
        Refusal::Impossible => "report this as a bug",
    }
}

impl WarningBook {
    /// Does what a person wants, whole or not at all. A channel's way out of service and back is
    /// completed by the engine, which knows its alarms.
    pub(crate) fn act(
        &mut self,
        act: &Act,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        match act {
            Act::Acknowledge(id, seen, reason) => self.acknowledge(id, *seen, reason, who, effects),
            Act::AcknowledgeEquipment(rule, channel) => {
                let act = acknowledgement(who, "");
                let key = (channel.clone(), rule.clone());
                let first = self.equipment.acknowledged_by(&key);
                let done = self.equipment.acknowledge(&key, act, effects);
                done.map(Done::Equipment).map_err(|refusal| match refusal {
                    Refusal::Acknowledged => {
                        let id = Subject::Equipment(rule.clone(), channel.clone()).to_string();
                        ActError::Already { id, by: first }
                    }
                    refusal => equipment_error(rule, channel, refusal),
                })
            }
            Act::Comment(subject) => self.comment(subject, who, effects),
            Act::Reset(id) => self.reset(id, who, effects),
            Act::Shelve(subject, seen, for_ms) => {
                self.shelve(subject, *seen, *for_ms, who, effects)
            }
            Act::Cancel(id, past) => self.cancel(id, past.as_deref(), who, effects),
            Act::Escalate(id, told) => self.escalate(id, *told, who, effects),
            Act::Confirm(id) => self.confirm(id, who, effects),
            Act::ConfirmCancel(id, past) => {
                let proposal = self.proposal(id, HoldKind::Cancellation, who)?;
                self.confirm_cancel(&proposal, Some(past), who, effects)
            }
            Act::Lift(id) => self.lift(id, who, effects),
            Act::TakeOut(channel, order, owner, until) => {
                self.take_out(channel, (order, owner, *until), who, effects)
            }
        }
    }

    pub(super) fn find(&self, id: &WarningId) -> Result<Key, ActError> {
        let found = self.open.iter().find(|(_, warning)| warning.id == *id);
        found.map(|(key, _)| key.clone()).ok_or_else(|| ActError::NotOpen(id.to_string()))
    }

    /// A copy of a warning for an act, where the person has seen its tier.
    pub(super) fn seen(
        &self,
        id: &WarningId,
        seen: Option<Tier>,
    ) -> Result<(Key, Warning), ActError> {
        let key = self.find(id)?;
        let warning = self.open.get(&key).ok_or_else(|| ActError::NotOpen(id.to_string()))?;
        if seen.is_some_and(|seen| seen < warning.tier) {
            return Err(ActError::Risen { id: id.to_string(), tier: warning.tier });
        }
        Ok((key, warning.clone()))
    }

    /// Takes the table's step for a person, puts in what they said and writes it down.
    fn done(
        &mut self,
        (key, mut warning): (Key, Warning),
        (event, change): (Event, WarningChange),
        who: &Acting,
        effects: &mut Effects,
        put: impl FnOnce(&mut Warning),
    ) -> Result<Done, ActError> {
        if let Err(refusal) = step::go(&mut warning, event, &self.policy) {
            return Err(refused(&warning, refusal));
        }
        put(&mut warning);
        warning.changed_at = who.at;
        self.emit(who.at, key, warning.clone(), change, Some(said(who)), effects);
        Ok(Done::Warning(warning))
    }

    fn acknowledge(
        &mut self,
        id: &WarningId,
        seen: Option<Tier>,
        reason: &str,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        let found = self.seen(id, seen)?;
        let step = (Event::Acknowledge, WarningChange::Acknowledged);
        let act = acknowledgement(who, reason);
        self.done(found, step, who, effects, |warning| warning.acknowledged = Some(act))
    }

    fn comment(
        &mut self,
        subject: &Subject,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        if who.note.is_empty() {
            return Err(ActError::NoReason);
        }
        match subject {
            Subject::Warning(id) => {
                let key = self.find(id)?;
                let warning = self.open.get(&key).cloned();
                let warning = warning.ok_or_else(|| ActError::NotOpen(id.to_string()))?;
                let change = WarningChange::Commented;
                let done = Warning { changed_at: who.at, ..warning.clone() };
                self.emit(who.at, key, warning, change, Some(said(who)), effects);
                Ok(Done::Warning(done))
            }
            Subject::Equipment(rule, channel) => {
                let key = (channel.clone(), rule.clone());
                let done = self.equipment.comment(&key, who.at, said(who), effects);
                done.map(Done::Equipment).map_err(|refusal| equipment_error(rule, channel, refusal))
            }
            Subject::Channel(id) => Err(ActError::Unknown(id.to_string())),
        }
    }

    fn reset(
        &mut self,
        id: &WarningId,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        let found = self.seen(id, None)?;
        self.done(found, (Event::Reset, WarningChange::Reset), who, effects, |_| ())
    }

    fn shelve(
        &mut self,
        subject: &Subject,
        seen: Option<Tier>,
        for_ms: i64,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        if who.note.is_empty() {
            return Err(ActError::NoReason);
        }
        let tier = match subject {
            Subject::Warning(id) => {
                let (_, mut warning) = self.seen(id, seen)?;
                let possible = step::go(&mut warning, Event::Shelve, &self.policy);
                possible.map_err(|refusal| refused(&warning, refusal))?;
                Some(warning.tier)
            }
            Subject::Equipment(..) => None,
            Subject::Channel(id) => return Err(ActError::Unknown(id.to_string())),
        };
        let max_ms = self.policy.shelf_ms(tier.unwrap_or(EQUIPMENT_TIER));
        self.fits(for_ms, max_ms)?;
        if tier.is_some() && tier == self.top {
            self.alone(HoldKind::Proposal, subject)?;
            let until = who.at.plus_ms(PROPOSAL_MS);
            let made = self.hold(HoldKind::Proposal, subject, who, until);
            let hold = Hold { tier, shelf_ms: Some(for_ms), ..made };
            self.begin_hold(hold.clone(), effects);
            return Ok(Done::Hold(hold));
        }
        let made = self.hold(HoldKind::Shelf, subject, who, who.at.plus_ms(for_ms));
        let hold = Hold { tier, ..made };
        self.put_aside(hold, who, effects)
    }

    /// Puts the subject of a hold on the shelf.
    fn put_aside(
        &mut self,
        hold: Hold,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        let done = match &hold.subject {
            Subject::Warning(id) => {
                let found = self.seen(id, hold.tier)?;
                let step = (Event::Shelve, WarningChange::Shelved);
                let put = hold.clone();
                self.done(found, step, who, effects, |warning| warning.shelf = Some(put))?
            }
            Subject::Equipment(rule, channel) => {
                let key = (channel.clone(), rule.clone());
                let done = self.equipment.shelve(&key, &hold, effects);
                Done::Equipment(done.map_err(|r| equipment_error(rule, channel, r))?)
            }
            Subject::Channel(id) => return Err(ActError::Unknown(id.to_string())),
        };
        self.begin_hold(hold, effects);
        Ok(done)
    }

    fn confirm(&mut self, id: &str, who: &Acting, effects: &mut Effects) -> Result<Done, ActError> {
        if self.holds.get(id).is_some_and(|hold| hold.kind == HoldKind::Cancellation) {
            let proposal = self.proposal(id, HoldKind::Cancellation, who)?;
            return self.confirm_cancel(&proposal, None, who, effects);
        }
        let proposal = self.proposal(id, HoldKind::Proposal, who)?;
        let for_ms = proposal.shelf_ms.unwrap_or(0);
        let confirmed = Hold {
            id: self.id_of(HoldKind::Shelf, &proposal.subject, who.at),
            kind: HoldKind::Shelf,
            confirmed_by: Some(who.by.clone()),
            begun_at: who.at,
            until: who.at.plus_ms(for_ms),
            shelf_ms: None,
            ..proposal.clone()
        };
        let done = self.put_aside(confirmed, who, effects)?;
        self.end_hold(id, who.at, HoldEnd::Confirmed, Some(&who.by), effects);
        Ok(done)
    }

    /// What `who` may confirm.
    pub(super) fn proposal(
        &self,
        id: &str,
        kind: HoldKind,
        who: &Acting,
    ) -> Result<Hold, ActError> {
        let found = self.holds.get(id).filter(|hold| hold.kind == kind && who.at < hold.until);
        let found = found.ok_or_else(|| ActError::Unknown(id.to_owned()))?;
        if is_same(&found.by, &who.by) {
            return Err(ActError::SamePerson(found.by.clone()));
        }
        Ok(found.clone())
    }

    /// Ends a hold. What it covered is looked at again; for a channel the engine does that.
    fn lift(&mut self, id: &str, who: &Acting, effects: &mut Effects) -> Result<Done, ActError> {
        let hold = self.holds.get(id).cloned();
        let hold = hold.ok_or_else(|| ActError::Unknown(id.to_owned()))?;
        let first = effects.holds.len();
        self.end_hold(id, who.at, HoldEnd::Lifted, Some(&who.by), effects);
        if hold.kind == HoldKind::Shelf {
            self.off_shelf(who.at, &hold.subject, Some(said(who)), effects);
        }
        Ok(Done::Hold(effects.holds.get(first).cloned().unwrap_or(hold)))
    }

    fn take_out(
        &mut self,
        channel: &ChannelId,
        (order, owner, until): (&str, &str, Timestamp),
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        if who.note.is_empty() {
            return Err(ActError::NoReason);
        }
        self.fits(until.as_millis() - who.at.as_millis(), TAKEN_OUT_MS_MAX)?;
        let subject = Subject::Channel(channel.clone());
        if let Some(stands) = self.holds.values().find(|hold| is_out_of(hold, channel)) {
            return Err(ActError::Stands(stands.id.clone()));
        }
        let mut hold = self.hold(HoldKind::OutOfService, &subject, who, until);
        hold.work_order = Some(order.to_owned());
        hold.owner = Some(owner.to_owned());
        self.begin_hold(hold.clone(), effects);
        Ok(Done::Hold(hold))
    }

    /// Whether a further hold of this length may begin.
    pub(super) fn fits(&self, asked_ms: i64, max_ms: i64) -> Result<(), ActError> {
        if asked_ms <= 0 || asked_ms > max_ms {
            return Err(ActError::Length { asked_ms, max_ms });
        }
        if self.holds.len() >= HOLDS_MAX {
            return Err(ActError::TooMany);
        }
        Ok(())
    }

    /// An id that no hold has: within one millisecond somebody may end one and begin another.
    fn id_of(&mut self, kind: HoldKind, subject: &Subject, at: Timestamp) -> String {
        let id = Hold::id_of(kind, subject, at);
        if self.ids.0 != at {
            self.ids = (at, 0);
            return id;
        }
        self.ids.1 += 1;
        format!("{id}.{}", self.ids.1)
    }

    pub(super) fn hold(
        &mut self,
        kind: HoldKind,
        subject: &Subject,
        who: &Acting,
        until: Timestamp,
    ) -> Hold {
        Hold {
            id: self.id_of(kind, subject, who.at),
            kind,
            subject: subject.clone(),
            tier: None,
            by: who.by.clone(),
            confirmed_by: None,
            reason: who.note.clone(),
            work_order: None,
            owner: None,
            begun_at: who.at,
            until,
            shelf_ms: None,
            ended: None,
        }
    }

    pub(super) fn alone(&self, kind: HoldKind, subject: &Subject) -> Result<(), ActError> {
        let same = |hold: &&Hold| (hold.kind, &hold.subject) == (kind, subject);
        let stands = self.holds.values().find(same);
        stands.map_or(Ok(()), |hold| Err(ActError::Stands(hold.id.clone())))
    }
}

/// A name that differs only in the size of its letters or in blanks is the same person's.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

pub(super) fn said(who: &Acting) -> Said {
    Said { by: who.by.clone(), note: who.note.clone() }
}

fn acknowledgement(who: &Acting, reason: &str) -> Acknowledgement {
    let (by, note) = (who.by.clone(), who.note.clone());
    Acknowledgement { by, note, reason: reason.to_owned(), at: who.at }
}

pub(super) fn refused(warning: &Warning, refusal: Refusal) -> ActError {
    let id = warning.id.to_string();
    match refusal {
        Refusal::Acknowledged => {
            let by = warning.acknowledged.as_ref().map_or(String::new(), |act| act.by.clone());
            ActError::Already { id, by }
        }
        Refusal::Over => ActError::NotOpen(id),
        refusal => ActError::Refused { id, refusal },
    }
}

fn equipment_error(rule: &RuleId, channel: &ChannelId, refusal: Refusal) -> ActError {
    let id = Subject::Equipment(rule.clone(), channel.clone()).to_string();
    match refusal {
        Refusal::Over => ActError::Unknown(id),
        refusal => ActError::Refused { id, refusal },
    }
}
