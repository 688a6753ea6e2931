//! Messages as the API shows them.

use siskin_api::backend::BackendError;
use siskin_api::contract::{
    DeliveryStateView, DeliveryView, MessageDetailView, MessageKindView, MessagesHealthView,
    MessagesQuery, MessagesView, ReceiptView, RecipientHealthView, RecipientView,
};
use siskin_model::notify::{
    CapProfile, Delivery, DeliveryState, Language, Message, MessageKind, Notify,
};
use siskin_model::{AreaScope, Timestamp, WarningId};
use siskin_notify::cap::{self, CapInput, Reference, atom};
use siskin_notify::texts;
use siskin_store::StoreError;
use siskin_store::ledger::{DeliveryFilter, KeptReceipt};

use super::Messages;
use crate::station::backend::{StationBackend, unavailable};
use crate::station::views as words;

/// Messages in the feed: a reader that comes once a day misses none of an ordinary day.
const FEED_MESSAGES_MAX: usize = 200;

impl siskin_api::Messages for StationBackend {
    fn messages(
        &self,
        query: &MessagesQuery,
        areas: &AreaScope,
        limit: usize,
    ) -> Result<MessagesView, BackendError> {
        let filter = DeliveryFilter {
            warning: query.warning.as_deref().map(WarningId::from_text),
            recipient: query.recipient.clone(),
            state: query.state.map(state_of),
            before: query.before,
            areas: areas.clone(),
        };
        // One more says whether there is a next page.
        let found = self.ledger.deliveries(&filter, limit.saturating_add(1));
        let mut found = found.map_err(|error| unavailable(&error))?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next_before = found.last().filter(|_| has_more).map(|one| one.number);
        let offset_s = self.settings.site.utc_offset_s;
        let deliveries = found.iter().map(|one| delivery(one, offset_s)).collect();
        Ok(MessagesView { deliveries, next_before })
    }

    fn message(&self, number: u64) -> Result<MessageDetailView, BackendError> {
        self.messages
            .detail(number)
            .map_err(|error| unavailable(&error))?
            .ok_or_else(|| BackendError::MessageNotFound(number.to_string()))
    }

    fn recipients(&self) -> Result<Vec<RecipientView>, BackendError> {
        let now = siskin_api::Backend::now(self);
        self.messages.recipients(now).map_err(|error| unavailable(&error))
    }

    fn cap_feed(&self, areas: &AreaScope) -> Result<Vec<u8>, BackendError> {
        let found = self.ledger.messages_newest(areas, FEED_MESSAGES_MAX);
        let found = found.map_err(|error| unavailable(&error))?;
        let site = &self.settings.site;
        let feed = atom::feed((&site.id, &site.name.zh), &found, self.live.started_at);
        feed.map_err(|why| BackendError::Unavailable(why.to_string()))
    }

    fn cap_message(&self, identifier: &str, areas: &AreaScope) -> Result<Vec<u8>, BackendError> {
        let missing = || BackendError::MessageNotFound(identifier.to_owned());
        let (warning, number) = identifier.rsplit_once('.').ok_or_else(missing)?;
        let number: u32 = number.parse().map_err(|_| missing())?;
        let warning = WarningId::from_text(warning);
        let chain = self.ledger.messages_of(&warning, number).map_err(|e| unavailable(&e))?;
        let (last, before) = chain.split_last().ok_or_else(missing)?;
        if last.transition != number {
            return Err(missing());
        }
        if !areas.has(&last.area) {
            return Err(BackendError::OtherArea(last.area.to_string()));
        }
        public_cap(&self.settings.notify, last, before).map_err(BackendError::Unavailable)
    }
}

impl Messages {
    fn detail(&self, number: u64) -> Result<Option<MessageDetailView>, StoreError> {
        let Some(one) = self.ledger.delivery(number)? else { return Ok(None) };
        let Some(message) = self.ledger.message(&one.warning, one.transition)? else {
            return Ok(None);
        };
        let message = &message;
        let offset_s = self.settings.site.utc_offset_s;
        let receipts = self.ledger.receipts(number)?;
        let text = |language| texts::whole(message, one.kind, &[language]);
        Ok(Some(MessageDetailView {
            key: message.key(&one.recipient),
            tier: words::tier(message.tier),
            is_mock: message.show.is_mock(),
            text_zh: text(Language::Zh),
            text_en: text(Language::En),
            receipts: receipts.iter().map(|kept| receipt(kept, offset_s)).collect(),
            delivery: delivery(&one, offset_s),
        }))
    }

    /// How messages are.
    pub(crate) fn health(&self) -> MessagesHealthView {
        let seen = self.board.now();
        let offset_s = self.settings.site.utc_offset_s;
        let shown = |at: Option<Timestamp>| at.map(|at| at.rfc3339(offset_s));
        let one = |(recipient, standing): (String, siskin_notify::Standing)| RecipientHealthView {
            recipient,
            accepted_at: shown(standing.accepted_at),
            last_error: standing.last_error,
            failures_in_a_row: standing.failures_in_a_row,
            restarts: standing.restarts,
        };
        let known = |(id, _): &(String, _)| self.settings.notify.recipient(id).is_some();
        let standing = self.outbox.standing().into_iter().filter(known);
        MessagesHealthView {
            open: seen.totals.open,
            oldest_open_at: shown(seen.totals.oldest_open_at),
            unreceipted: seen.unreceipted,
            failed: seen.totals.failed,
            failure: seen.failure,
            recipients: standing.map(one).collect(),
        }
    }
}

/// A message as everybody may pull it.
pub(crate) fn public_cap(
    notify: &Notify,
    message: &Message,
    before: &[Message],
) -> Result<Vec<u8>, String> {
    let identifier = message.public_key();
    let reference = |earlier: &Message| Reference {
        identifier: earlier.public_key(),
        sent_at: earlier.made_at,
    };
    let references: Vec<Reference> = before.iter().map(reference).collect();
    let input = CapInput {
        message,
        kind: message.kind,
        identifier: &identifier,
        sender: &notify.sender,
        national: notify.national.as_ref(),
        geocodes: &notify.geocodes,
        languages: &[Language::Zh, Language::En],
        references: &references,
    };
    cap::write(&input, CapProfile::Oasis).map_err(|why| why.to_string())
}

/// Whether nothing is owed to anybody.
pub(crate) fn is_well(view: &MessagesHealthView) -> bool {
    view.unreceipted == 0 && view.failed == 0 && view.failure.is_none()
}

fn delivery(one: &Delivery, offset_s: i32) -> DeliveryView {
    let shown = |at: Option<Timestamp>| at.map(|at| at.rfc3339(offset_s));
    DeliveryView {
        number: one.number,
        recipient: one.recipient.clone(),
        warning: one.warning.to_string(),
        transition: one.transition,
        kind: kind(one.kind),
        state: state(one.state),
        way: one.way,
        tries: one.tries,
        queued_at: one.queued_at.rfc3339(offset_s),
        sent_at: shown(one.sent_at),
        ended_at: shown(one.ended_at),
        read_at: shown(one.read_at),
        answer: one.answer.clone(),
    }
}

fn receipt(kept: &KeptReceipt, offset_s: i32) -> ReceiptView {
    ReceiptView {
        happened: kept.receipt.happened.as_str().to_owned(),
        at: kept.receipt.at.rfc3339(offset_s),
        way: kept.receipt.way,
        answer: kept.receipt.answer.clone(),
    }
}

fn kind(kind: MessageKind) -> MessageKindView {
    match kind {
        MessageKind::Alert => MessageKindView::Alert,
        MessageKind::Update => MessageKindView::Update,
        MessageKind::Cancel => MessageKindView::Cancel,
        MessageKind::AllClear => MessageKindView::AllClear,
        MessageKind::Acknowledged => MessageKindView::Acknowledged,
        MessageKind::Correction => MessageKindView::Correction,
    }
}

fn state(state: DeliveryState) -> DeliveryStateView {
    match state {
        DeliveryState::Queued => DeliveryStateView::Queued,
        DeliveryState::Sent => DeliveryStateView::Sent,
        DeliveryState::Accepted => DeliveryStateView::Accepted,
        DeliveryState::Read => DeliveryStateView::Read,
        DeliveryState::Failed => DeliveryStateView::Failed,
        DeliveryState::Superseded => DeliveryStateView::Superseded,
    }
}

fn state_of(state: DeliveryStateView) -> DeliveryState {
    match state {
        DeliveryStateView::Queued => DeliveryState::Queued,
        DeliveryStateView::Sent => DeliveryState::Sent,
        DeliveryStateView::Accepted => DeliveryState::Accepted,
        DeliveryStateView::Read => DeliveryState::Read,
        DeliveryStateView::Failed => DeliveryState::Failed,
        DeliveryStateView::Superseded => DeliveryState::Superseded,
    }
}
