//! The fake's messages: three deliveries, and a feed.

use siskin_api::{
    BackendError, DeliveryStateView, DeliveryView, MessageDetailView, MessageKindView, Messages,
    MessagesQuery, MessagesView, ReceiptView, RecipientStateView, RecipientView, TextView,
    TierView,
};
use siskin_model::{AreaId, AreaScope};

use super::people::AREA;
use super::{AT, Fake, WARNING};

fn delivery(number: u64, state: DeliveryStateView) -> DeliveryView {
    DeliveryView {
        number,
        recipient: "bureau".to_owned(),
        warning: WARNING.to_owned(),
        transition: 1,
        kind: MessageKindView::Alert,
        state,
        way: 0,
        tries: 1,
        queued_at: AT.to_owned(),
        sent_at: Some(AT.to_owned()),
        ended_at: Some(AT.to_owned()),
        read_at: None,
        answer: "ok".to_owned(),
    }
}

impl Messages for Fake {
    fn messages(
        &self,
        query: &MessagesQuery,
        areas: &AreaScope,
        limit: usize,
    ) -> Result<MessagesView, BackendError> {
        if !areas.has(&AreaId::new(AREA).unwrap()) {
            return Ok(MessagesView { deliveries: Vec::new(), next_before: None });
        }
        let state = query.state.unwrap_or(DeliveryStateView::Accepted);
        let newest = query.before.unwrap_or(4).saturating_sub(1);
        let deliveries: Vec<_> =
            (1..=newest).rev().take(limit).map(|number| delivery(number, state)).collect();
        let next_before = deliveries.last().map(|one| one.number).filter(|last| *last > 1);
        Ok(MessagesView { deliveries, next_before })
    }

    fn message(&self, number: u64) -> Result<MessageDetailView, BackendError> {
        if number > 3 {
            return Err(BackendError::MessageNotFound(number.to_string()));
        }
        let receipt = ReceiptView {
            happened: "accept".to_owned(),
            at: AT.to_owned(),
            way: 0,
            answer: "ok".to_owned(),
        };
        Ok(MessageDetailView {
            delivery: delivery(number, DeliveryStateView::Accepted),
            key: format!("{WARNING}.1.bureau"),
            tier: TierView::Red,
            is_mock: false,
            text_zh: "氯气".to_owned(),
            text_en: "Chlorine".to_owned(),
            receipts: vec![receipt],
        })
    }

    fn recipients(&self) -> Result<Vec<RecipientView>, BackendError> {
        Ok(vec![RecipientView {
            id: "bureau".to_owned(),
            name: TextView { zh: "县局".to_owned(), en: "County bureau".to_owned() },
            kind: "bureau".to_owned(),
            tier_min: TierView::Yellow,
            gases: Vec::new(),
            areas: vec![AREA.to_owned()],
            hours: None,
            quiet: Some("22:00-06:00".to_owned()),
            on_duty: None,
            drills: false,
            ways: vec!["cap-push".to_owned()],
            state: RecipientStateView::Well,
            accepted_at: Some(AT.to_owned()),
        }])
    }

    fn cap_feed(&self, areas: &AreaScope) -> Result<Vec<u8>, BackendError> {
        let entry = if areas.has(&AreaId::new(AREA).unwrap()) { WARNING } else { "" };
        Ok(format!("<feed>{entry}</feed>").into_bytes())
    }

    fn cap_message(&self, identifier: &str, areas: &AreaScope) -> Result<Vec<u8>, BackendError> {
        if identifier == "none" || !areas.has(&AreaId::new(AREA).unwrap()) {
            return Err(BackendError::MessageNotFound(identifier.to_owned()));
        }
        Ok(format!("<alert>{identifier}</alert>").into_bytes())
    }
}
