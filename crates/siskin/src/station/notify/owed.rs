//! Recipients that did not take what they were told: an alarm about equipment for each of them.
//!
//! `message-unreceipted` is active while something waits for its receipt too long.
//! `message-failed` is active from the moment that something was given up until the recipient takes
//! a later message, or a person acknowledges: what was given up stays so, and somebody has called.
//! Which are active follows from the ledger alone, so a restart changes nothing. Must never end an
//! alarm because it could not look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use siskin_model::{Alarm, AlarmKind, ChannelId, Equipment, RuleId, Timestamp, Unit};
use siskin_store::StoreError;
use siskin_store::ledger::Lacking;
use tokio::sync::mpsc;

use super::Messages;
use crate::station::live::Live;
use crate::station::pipeline::Command;

/// Nobody accepted a message in time.
const UNRECEIPTED: &str = "message-unreceipted";
/// The last way of a recipient did not take a message.
const FAILED: &str = "message-failed";

/// Whether an alarm of this rule is about a recipient and not about a channel.
pub(crate) fn is_of_messages(rule: &RuleId) -> bool {
    [UNRECEIPTED, FAILED].contains(&rule.as_str())
}

/// Where the pipeline is told which of these alarms are active, and where it shows them.
pub(crate) struct Bell {
    pub(crate) live: Arc<Live>,
    pub(crate) commands: mpsc::Sender<Command>,
}

impl Bell {
    /// Tells the pipeline where it shows others than these. It is not waited for: the next look
    /// tells it again.
    pub(super) fn ring(&self, active: Vec<Alarm>) {
        let key = |alarm: &Alarm| (alarm.rule.clone(), alarm.channel.clone());
        let wanted: BTreeSet<_> = active.iter().map(key).collect();
        let shown: BTreeSet<_> = {
            let shown = self.live.shown();
            let is_one = |one: &&Equipment| one.is_active && one.alarm.kind == AlarmKind::Message;
            shown.equipment.iter().filter(is_one).map(|one| key(&one.alarm)).collect()
        };
        if wanted != shown && self.commands.try_send(Command::Owed(active)).is_err() {
            tracing::warn!("the pipeline has no place for alarms about messages, it is told again");
        }
    }
}

impl Messages {
    /// The alarms that are active now.
    pub(super) fn owed(&self, now: Timestamp) -> Result<Vec<Alarm>, StoreError> {
        let after_ms = self.settings.notify.unreceipted_ms;
        let late = self.ledger.recipients_unreceipted(now.plus_ms(-after_ms))?;
        let late = late.iter().filter_map(|one| alarm(UNRECEIPTED, one, one.at.plus_ms(after_ms)));
        let mut failed = self.ledger.recipients_failed()?;
        // Whom the site does not tell any more can take no later message.
        failed.retain(|one| self.settings.notify.recipient(&one.recipient).is_some());
        if !failed.is_empty() {
            let acknowledged = self.acknowledged()?;
            failed.retain(|one| is_new(one, &acknowledged));
        }
        let failed = failed.iter().filter_map(|one| alarm(FAILED, one, one.at));
        Ok(late.chain(failed).collect())
    }

    /// When people acknowledged last what was given up, by recipient.
    fn acknowledged(&self) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let Ok(rule) = RuleId::new(FAILED) else { return Ok(BTreeMap::new()) };
        let all = self.ledger.equipment_of_rule(&rule)?;
        let one = |one: Equipment| {
            let act = one.acknowledged?;
            Some((one.alarm.channel.to_string(), act.at))
        };
        Ok(all.into_iter().filter_map(one).collect())
    }
}

/// Whether it was given up after somebody acknowledged last.
fn is_new(one: &Lacking, acknowledged: &BTreeMap<String, Timestamp>) -> bool {
    acknowledged.get(&one.recipient).is_none_or(|at| *at < one.at)
}

/// The alarm of a rule about a recipient. Ids of recipients are ids; one of an older ledger that is
/// none is in the log and in health all the same.
fn alarm(rule: &str, one: &Lacking, since: Timestamp) -> Option<Alarm> {
    Some(Alarm {
        rule: RuleId::new(rule).ok()?,
        channel: ChannelId::new(&one.recipient).ok()?,
        kind: AlarmKind::Message,
        tier: None,
        since,
        value: None,
        limit: None,
        // Nothing is measured; who shows it leaves the unit out.
        unit: Unit::Ppm,
        forecast: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failed_ms: i64, acknowledged_ms: Option<i64>, expected: bool) {
        let at = Timestamp::from_millis;
        let one = Lacking { recipient: "bureau".to_owned(), at: at(failed_ms) };
        let acts = acknowledged_ms.map(|ms| ("bureau".to_owned(), at(ms)));
        assert_eq!(is_new(&one, &acts.into_iter().collect()), expected, "{failed_ms}");
    }

    #[test]
    fn an_acknowledgement_ends_what_was_given_up_before_it_and_nothing_later() {
        check(10, None, true);
        check(10, Some(9), true);
        check(10, Some(10), false);
        check(10, Some(11), false);
    }

    #[test]
    fn an_alarm_is_of_its_recipient_and_of_no_channel() {
        let one = Lacking { recipient: "county-bureau".to_owned(), at: Timestamp::from_millis(5) };
        let made = alarm(UNRECEIPTED, &one, Timestamp::from_millis(7)).unwrap();
        assert_eq!((made.channel.as_str(), made.kind), ("county-bureau", AlarmKind::Message));
        assert_eq!((made.since, made.tier, made.value), (Timestamp::from_millis(7), None, None));
        assert!(is_of_messages(&made.rule));
        assert!(!is_of_messages(&RuleId::new("no-data").unwrap()));
    }
}
