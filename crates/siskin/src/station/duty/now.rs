//! Duty now: who is there, what changes next, and what somebody should see to.

use siskin_api::backend::BackendError;
use siskin_api::contract::{DeskView, DutyNoticeView, DutyView, TextView};
use siskin_model::duty::{
    self, Call, Gap, HandOverState, Relief, Roster, gaps, on_duty, open_reliefs,
};
use siskin_model::{Timestamp, Warning};

use super::super::backend::unavailable;
use super::super::life::calls;
use super::super::live::Live;
use super::super::views::text;
use super::{Desk, views};

/// How far back the roster is read: the reliefs of a day and the shifts that end in them.
const BACK_MS: i64 = 2 * duty::handover::LOOK_BACK_MS;
/// The most hand-overs that are looked at for those days.
const HANDOVERS_MAX: usize = 1_000;
/// The most steps without a roster that are told one by one: in a flood they say the same.
const CALLS_TOLD_MAX: usize = 20;

impl Desk<'_> {
    pub(super) fn duty(&self) -> Result<DutyView, BackendError> {
        let (from, to) =
            (self.now.plus_ms(-BACK_MS), self.now.plus_ms(self.settings.duty.ahead_ms));
        let roster = self.roster(from, to)?;
        let handovers = self.ledger.handovers(from, HANDOVERS_MAX).map_err(|e| unavailable(&e))?;
        // Oldest first: the newest hand-over of a relief is the one that is told.
        let handovers: Vec<_> = handovers.into_iter().rev().map(|kept| kept.handover).collect();
        let required: Vec<duty::Desk> =
            self.settings.duty.desks.iter().map(|one| one.desk.clone()).collect();
        let mut desks = required.clone();
        desks.extend(roster.desks().into_iter().filter(|desk| !required.contains(desk)));
        let mut notices = Vec::new();
        if required.is_empty() {
            notices.push(no_desks());
        }
        let open = open_reliefs(&roster, &desks, &handovers, self.now);
        let (due, late): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, state)| *state == HandOverState::Due);
        let ahead = gaps(&roster, &required, self.now, to);
        notices.extend(late.iter().map(|(relief, state)| self.relief_notice(relief, state)));
        notices.extend(ahead.iter().map(|gap| self.gap_notice(gap)));
        notices.extend(due.iter().map(|(relief, state)| self.relief_notice(relief, state)));
        let desks = desks.iter().map(|desk| self.desk_view(desk, &required, &roster)).collect();
        Ok(DutyView { now: self.moment(self.now), desks, notices })
    }

    fn moment(&self, at: Timestamp) -> String {
        at.rfc3339(self.offset_s())
    }

    fn desk_view(&self, desk: &duty::Desk, required: &[duty::Desk], roster: &Roster) -> DeskView {
        let named = self.settings.duty.desks.iter().find(|one| one.desk == *desk);
        let people = on_duty(roster, &desk.role, desk.position.as_ref(), self.now);
        DeskView {
            role: desk.role.to_string(),
            position: desk.position.as_ref().map(ToString::to_string),
            name: named.map(|one| text(&one.name)),
            required: required.contains(desk),
            people: people.into_iter().map(views::contact).collect(),
            there: roster.there(desk, self.now).len(),
            next_change: roster.next_change(desk, self.now).map(|at| self.moment(at)),
        }
    }

    fn notice(
        &self,
        kind: &str,
        desk: &duty::Desk,
        from: Timestamp,
        said: TextView,
    ) -> DutyNoticeView {
        DutyNoticeView {
            kind: kind.to_owned(),
            role: Some(desk.role.to_string()),
            position: desk.position.as_ref().map(ToString::to_string),
            from: Some(self.moment(from)),
            to: None,
            text: said,
        }
    }

    fn gap_notice(&self, gap: &Gap) -> DutyNoticeView {
        let (desk, from, to) = (&gap.desk, self.moment(gap.from), self.moment(gap.to));
        let said = TextView {
            zh: format!("{desk} 从 {from} 到 {to} 无人值班，请安排人员"),
            en: format!("Nobody is on the roster for {desk} from {from} to {to}: find somebody"),
        };
        DutyNoticeView { to: Some(to), ..self.notice("gap", desk, gap.from, said) }
    }

    fn relief_notice(&self, relief: &Relief, state: &HandOverState) -> DutyNoticeView {
        let Relief { desk, at, outgoing, incoming } = relief;
        let when = self.moment(*at);
        let (kind, zh, en) = match state {
            HandOverState::Due => (
                "hand-over-due",
                format!("{desk} 将于 {when} 交接班：请 {outgoing} 发起交接，{incoming} 接班"),
                format!("{desk} is relieved at {when}: {outgoing} hands over to {incoming}"),
            ),
            HandOverState::NotBegun => (
                "hand-over-not-begun",
                format!("{desk} 在 {when} 换班后未发起交接班：请 {outgoing} 立即补办"),
                format!("{desk} was relieved at {when} without a hand-over: {outgoing} begins it"),
            ),
            HandOverState::NotAcknowledged(number) => (
                "hand-over-not-acknowledged",
                format!("{desk} 在 {when} 的交接班（{number} 号）无人确认：请 {incoming} 确认"),
                format!(
                    "Nobody has acknowledged hand-over {number} of {desk} at {when}: \
                     {incoming} acknowledges it"
                ),
            ),
        };
        self.notice(kind, desk, *at, TextView { zh, en })
    }
}

/// Nobody watches for gaps: that must not look like a roster without any.
/// Steps of ladders that found the roster with a gap, of warnings that still wait for somebody.
pub(super) fn calls_without_roster(live: &Live, offset_s: i32) -> Vec<DutyNoticeView> {
    let shown = live.shown();
    let passing = shown.warnings.iter().filter_map(|one| Some((one, one.passing.as_ref()?)));
    let gap = |(warning, call): (&Warning, &Call)| {
        let said = calls::text(call);
        DutyNoticeView {
            kind: "call-without-roster".to_owned(),
            role: Some(call.to.clone()),
            position: None,
            from: Some(call.at.rfc3339(offset_s)),
            to: None,
            text: TextView {
                zh: format!("预警 {}：{}", warning.id, said.zh),
                en: format!("Warning {}: {}", warning.id, said.en),
            },
        }
    };
    passing
        .flat_map(|(warning, passing)| passing.calls.iter().map(move |call| (warning, call)))
        .filter(|(_, call)| call.found.is_gap())
        .take(CALLS_TOLD_MAX)
        .map(gap)
        .collect()
}

fn no_desks() -> DutyNoticeView {
    DutyNoticeView {
        kind: "no-desks".to_owned(),
        role: None,
        position: None,
        from: None,
        to: None,
        text: TextView {
            zh: "站点没有写明哪些岗位必须有人值班（duty.toml），排班空缺不会提示".to_owned(),
            en: "The site does not say which desks must never be empty (duty.toml): \
                 gaps of the roster are not told"
                .to_owned(),
        },
    }
}
