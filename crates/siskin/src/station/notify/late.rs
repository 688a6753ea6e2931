//! Who may be told of what late readings changed, asked by the pipeline before it commits them.

use std::collections::BTreeMap;

use siskin_model::notify::{MessageKind, Transition, route};
use siskin_model::{AreaId, Correction, GasId, Tier, Timestamp, Warning, WarningChange};
use siskin_model::{WarningEvent, site::Site};
use siskin_store::ledger::NewLate;

use super::snapshot;
use super::teller::Teller;

/// From when to when corrections of one place reach, and when the last was found.
type Span = (Timestamp, Timestamp, Timestamp);

impl Teller {
    /// What may be told of `corrections`, one for each gas in each area.
    pub(crate) fn late(&self, corrections: &[Correction], now: Timestamp) -> Vec<NewLate> {
        if corrections.is_empty() {
            return Vec::new();
        }
        let contacts = self.contacts();
        let known = self.known(&contacts);
        let one = |((area, gas), (from, to, found_at)): ((AreaId, GasId), Span)| {
            let transition = Transition {
                kind: MessageKind::Correction,
                gas: gas.clone(),
                area: area.clone(),
                // Who is due follows from what changed, which the ledger finds.
                tier: Tier::Red,
                passed_to: None,
                exercise: None,
            };
            let notify = &self.settings.notify;
            let site = &self.settings.site;
            let when = (now, site.utc_offset_s, Tier::Red);
            let to_whom = route(&transition, &notify.recipients, None, when);
            let to_whom = to_whom.iter().filter_map(|one| notify.recipient(&one.recipient));
            let to_whom = to_whom.map(|one| (one.id.clone(), one.tier_min)).collect();
            let warning = Warning::begun(&area, &gas, Tier::Red, from);
            let change = WarningChange::Updated;
            let event = WarningEvent { change, at: found_at, warning, said: None };
            let what = (MessageKind::Correction, self.show(), now);
            let message = snapshot::message(&known, &event, what);
            let channels = site.channels.iter();
            let channels =
                channels.filter(|one| one.area == area && one.quantity.gas() == Some(&gas));
            let channels = channels.map(|one| one.id.clone()).collect();
            NewLate { area, gas, channels, from, to, message, to_whom }
        };
        places(&self.settings.site, corrections).into_iter().map(one).collect()
    }
}

/// The places of alarms with a tier, and what of time the corrections reach over.
fn places(site: &Site, corrections: &[Correction]) -> BTreeMap<(AreaId, GasId), Span> {
    let mut found: BTreeMap<(AreaId, GasId), Span> = BTreeMap::new();
    for Correction { event, found_at, .. } in corrections {
        let index = site.index_of(&event.alarm.channel).filter(|_| event.alarm.tier.is_some());
        let Some(channel) = index.and_then(|index| site.channel(index)) else { continue };
        let Some(gas) = channel.quantity.gas() else { continue };
        let begin = event.alarm.since.min(event.at);
        let span = found
            .entry((channel.area.clone(), gas.clone()))
            .or_insert((begin, event.at, *found_at));
        *span = (span.0.min(begin), span.1.max(event.at), span.2.max(*found_at));
    }
    found
}
