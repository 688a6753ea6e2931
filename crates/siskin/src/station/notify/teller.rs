//! Who is told of the steps of warnings, asked by the pipeline before it commits them.

use std::sync::Arc;

use siskin_config::Settings;
use siskin_model::duty::{Contact, Roster};
use siskin_model::notify::{MessageKind, Show, Transition, route};
use siskin_model::{Tier, Timestamp, WarningEvent};
use siskin_store::ledger::NewMessage;
use siskin_store::{Ledger, StoreError};
use tokio::sync::watch;

use super::snapshot::{self, Known};
use crate::station::rules::RulesNow;

/// The id of the exercise that a simulated park is.
const DEMO: &str = "demo";

/// Makes messages of steps.
pub(crate) struct Teller {
    pub(super) settings: Arc<Settings>,
    ledger: Arc<Ledger>,
    rules: Arc<RulesNow>,
    told: watch::Sender<u64>,
    show: Show,
}

impl Teller {
    pub(super) fn new(
        settings: &Arc<Settings>,
        ledger: &Arc<Ledger>,
        rules: &Arc<RulesNow>,
        told: watch::Sender<u64>,
        simulated: bool,
    ) -> Self {
        let show = if simulated { Show::Exercise(DEMO.to_owned()) } else { Show::Real };
        let (settings, ledger, rules) =
            (Arc::clone(settings), Arc::clone(ledger), Arc::clone(rules));
        Self { settings, ledger, rules, told, show }
    }

    /// The messages of `steps`, in order. Where contacts or duty cannot be read, everybody who may
    /// be meant is told: the disk must not swallow a warning.
    pub(crate) fn messages(&self, steps: &[WarningEvent], now: Timestamp) -> Vec<NewMessage> {
        let transition = |(place, event): (usize, &WarningEvent)| {
            let transition = Transition::of(event.change, &event.warning)?;
            Some((place, transition))
        };
        let told: Vec<_> = steps.iter().enumerate().filter_map(transition).collect();
        if told.is_empty() {
            return Vec::new();
        }
        let contacts = self.contacts();
        let roster = self.roster(now, &contacts);
        let site = &self.settings.site;
        let top = site.tiers.last().copied().unwrap_or(Tier::Red);
        let known = self.known(&contacts);
        let message = |(place, transition): (usize, Transition)| {
            let event = steps.get(place)?;
            let recipients = &self.settings.notify.recipients;
            let when = (now, site.utc_offset_s, top);
            let to = route(&transition, recipients, roster.as_ref(), when);
            if transition.kind == MessageKind::Acknowledged && to.is_empty() {
                return None;
            }
            let show = self.show_of(&transition);
            let message = snapshot::message(&known, event, (transition.kind, show, now));
            Some(NewMessage { event: place, message, to })
        };
        told.into_iter().filter_map(message).collect()
    }

    pub(super) fn contacts(&self) -> Vec<Contact> {
        self.read("contacts", self.ledger.contacts()).unwrap_or_default()
    }

    pub(super) fn known<'a>(&'a self, contacts: &'a [Contact]) -> Known<'a> {
        let rules_version = Some(self.rules.version().number);
        Known { settings: &self.settings, contacts, rules_version }
    }

    /// Whether what this park says is real.
    pub(super) fn show(&self) -> Show {
        self.show.clone()
    }

    /// A drill is an exercise, whatever the park is.
    fn show_of(&self, transition: &Transition) -> Show {
        let drill = transition.exercise.map(|drill| Show::Exercise(drill.to_string()));
        drill.unwrap_or_else(|| self.show.clone())
    }

    /// Wakes the workers.
    pub(crate) fn told(&self, newest: u64) {
        self.told.send_replace(newest);
    }

    /// Wakes them for a pulse of the self-proof, which is no delivery.
    pub(crate) fn pulsed(&self) {
        self.told.send_modify(|_| {});
    }

    /// Who is on duty; none where nobody is told by duty, or it cannot be read.
    fn roster(&self, now: Timestamp, contacts: &[Contact]) -> Option<Roster> {
        if self.settings.notify.recipients.iter().all(|one| one.on_duty.is_none()) {
            return None;
        }
        let shifts = self.read("shifts", self.ledger.shifts(now, now.plus_ms(1)))?;
        let substitutions = self.read("substitutions", self.ledger.substitutions(now))?;
        Some(Roster { contacts: contacts.to_vec(), shifts, substitutions })
    }

    fn read<T>(&self, what: &str, found: Result<T, StoreError>) -> Option<T> {
        found
            .inspect_err(|why| {
                let site = &self.settings.site.id;
                tracing::error!(%why, what, %site, "messages are made without what cannot be read");
            })
            .ok()
    }
}
