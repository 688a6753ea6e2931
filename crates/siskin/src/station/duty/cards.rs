//! Response cards, with whom to call found in the contact book and among the site's receivers.

use siskin_api::backend::BackendError;
use siskin_api::contract::{CardContactView, CardView};
use siskin_model::duty::{Card, Contact, nearest_card};
use siskin_model::{ContactId, WarningId};

use super::super::backend::unavailable;
use super::super::views::{text, tier};
use super::Desk;

impl Desk<'_> {
    pub(super) fn cards(&self) -> Result<Vec<CardView>, BackendError> {
        let contacts = self.ledger.contacts().map_err(|e| unavailable(&e))?;
        Ok(self.settings.cards.iter().map(|card| self.card_view(card, &contacts)).collect())
    }

    pub(super) fn card_of(&self, id: &WarningId) -> Result<Option<CardView>, BackendError> {
        let warning = self.ledger.warning(id).map_err(|e| unavailable(&e))?;
        let warning = warning.ok_or_else(|| BackendError::WarningNotFound(id.to_string()))?;
        let cards = &self.settings.cards;
        let Some(card) = nearest_card(cards, &warning.gas, &warning.area, warning.tier) else {
            return Ok(None);
        };
        let contacts = self.ledger.contacts().map_err(|e| unavailable(&e))?;
        Ok(Some(self.card_view(card, &contacts)))
    }

    fn card_view(&self, card: &Card, contacts: &[Contact]) -> CardView {
        CardView {
            gas: card.gas.to_string(),
            area: card.area.as_ref().map(ToString::to_string),
            tier: card.tier.map(tier),
            is_template: card.is_template,
            cause: text(&card.texts.cause),
            consequence: text(&card.texts.consequence),
            actions: card.texts.actions.iter().map(text).collect(),
            plan: text(&card.texts.plan),
            contacts: card.contacts.iter().map(|id| self.to_call(id, contacts)).collect(),
        }
    }

    fn to_call(&self, id: &ContactId, contacts: &[Contact]) -> CardContactView {
        if let Some(contact) = contacts.iter().find(|contact| contact.id == *id) {
            let (name, phones) = (Some(contact.name.clone()), contact.phones.clone());
            return CardContactView { id: id.to_string(), name, phones };
        }
        let mut receivers = self.settings.site.receivers.iter();
        let receiver = receivers.find(|receiver| receiver.id == id.as_str());
        let name = receiver.map(|one| format!("{} · {}", one.name.zh, one.name.en));
        let phones = receiver.and_then(|one| one.phone.clone()).into_iter().collect();
        CardContactView { id: id.to_string(), name, phones }
    }
}
