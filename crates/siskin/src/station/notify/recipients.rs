//! Who is told, as the API shows it: never an address, a number or the name of a secret's file.

use std::collections::BTreeMap;

use siskin_api::contract::{RecipientStateView, RecipientView};
use siskin_model::Timestamp;
use siskin_model::notify::{Hours, Recipient, RecipientKind, Way};
use siskin_store::StoreError;
use siskin_store::ledger::Lacking;

use super::Messages;
use crate::station::views as words;

/// What is known of all recipients, by id.
struct Known {
    taken: BTreeMap<String, Timestamp>,
    unreceipted: BTreeMap<String, Timestamp>,
    failed: BTreeMap<String, Timestamp>,
    standing: BTreeMap<String, siskin_notify::Standing>,
}

impl Messages {
    /// The recipients in the order of the site's file.
    pub(super) fn recipients(&self, now: Timestamp) -> Result<Vec<RecipientView>, StoreError> {
        let since = now.plus_ms(-self.settings.notify.unreceipted_ms);
        let known = Known {
            taken: by_id(self.ledger.recipients_taken()?),
            unreceipted: by_id(self.ledger.recipients_unreceipted(since)?),
            failed: by_id(self.ledger.recipients_failed()?),
            standing: self.outbox.standing(),
        };
        let offset_s = self.settings.site.utc_offset_s;
        let all = self.settings.notify.recipients.iter();
        Ok(all.map(|one| view(one, &known, offset_s)).collect())
    }
}

fn by_id(all: Vec<Lacking>) -> BTreeMap<String, Timestamp> {
    all.into_iter().map(|one| (one.recipient, one.at)).collect()
}

fn view(one: &Recipient, known: &Known, offset_s: i32) -> RecipientView {
    RecipientView {
        id: one.id.clone(),
        name: words::text(&one.name),
        kind: kind(one.kind).to_owned(),
        tier_min: words::tier(one.tier_min),
        gases: one.gases.iter().map(ToString::to_string).collect(),
        areas: one.areas.iter().map(ToString::to_string).collect(),
        hours: one.hours.map(hours),
        quiet: one.quiet.map(hours),
        on_duty: one.on_duty.as_ref().map(|duty| duty.role.to_string()),
        drills: one.drills,
        ways: one.ways.iter().map(Way::as_str).map(str::to_owned).collect(),
        state: state(&one.id, known),
        accepted_at: known.taken.get(&one.id).map(|at| at.rfc3339(offset_s)),
    }
}

/// The worst that holds.
fn state(id: &str, known: &Known) -> RecipientStateView {
    let fails = || known.standing.get(id).is_some_and(|one| one.failures_in_a_row > 0);
    if known.failed.contains_key(id) {
        RecipientStateView::Failed
    } else if known.unreceipted.contains_key(id) {
        RecipientStateView::Unreceipted
    } else if fails() {
        RecipientStateView::Trying
    } else {
        RecipientStateView::Well
    }
}

fn kind(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Bureau => "bureau",
        RecipientKind::Person => "person",
        RecipientKind::Group => "group",
    }
}

fn hours(Hours { from_min, to_min }: Hours) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(from_min), clock(to_min))
}

#[cfg(test)]
mod tests {
    use siskin_notify::Standing;

    use super::*;

    fn check(failed: bool, unreceipted: bool, failures: u64, expected: RecipientStateView) {
        let named = |is: bool| {
            let one = is.then(|| ("li".to_owned(), Timestamp::from_millis(0)));
            one.into_iter().collect::<BTreeMap<_, _>>()
        };
        let standing = Standing { failures_in_a_row: failures, ..Standing::default() };
        let known = Known {
            taken: BTreeMap::new(),
            unreceipted: named(unreceipted),
            failed: named(failed),
            standing: BTreeMap::from([("li".to_owned(), standing)]),
        };
        assert_eq!(state("li", &known), expected);
        assert_eq!(state("another", &known), RecipientStateView::Well);
    }

    #[test]
    fn the_worst_that_holds_is_said() {
        check(true, true, 1, RecipientStateView::Failed);
        check(false, true, 1, RecipientStateView::Unreceipted);
        check(false, false, 1, RecipientStateView::Trying);
        check(false, false, 0, RecipientStateView::Well);
    }

    #[test]
    fn hours_are_as_in_the_file() {
        assert_eq!(hours(Hours { from_min: 1320, to_min: 365 }), "22:00-06:05");
    }

    #[test]
    fn nothing_of_a_way_but_its_kind_is_shown() {
        let url = "https://hooks.example.cn/s3cret".to_owned();
        let way = Way::Webhook {
            url: Some(url),
            url_file: None,
            secret: Some(siskin_model::notify::Secret { file: "s3cret".to_owned() }),
            tls: siskin_model::notify::Tls::default(),
            robot: siskin_model::notify::Robot::Siskin,
        };
        let known = Known {
            taken: BTreeMap::new(),
            unreceipted: BTreeMap::new(),
            failed: BTreeMap::new(),
            standing: BTreeMap::new(),
        };
        let shown = view(&Recipient::of_all("li", vec![way]), &known, 0);
        assert_eq!(shown.ways, ["webhook"]);
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
    }
}
