//! The fake's door for bureaus: one step, and messages of the account `li`.

use siskin_api::{
    BackendError, Bureau, BureauCursor, BureauFault, BureauStepView, BureauWarningsView,
    MessageDetailView, Messages, ReceiptView, TextView, TierView, WarningChangeView,
    WarningStateView,
};
use siskin_model::Who;

use super::{AT, Fake, WARNING};

fn step(areas: &siskin_model::AreaScope) -> Option<BureauStepView> {
    let area = siskin_model::AreaId::new("tank-farm").unwrap();
    let text = |zh: &str, en: &str| TextView { zh: zh.to_owned(), en: en.to_owned() };
    areas.has(&area).then(|| BureauStepView {
        seq: 7,
        warning: WARNING.to_owned(),
        change: WarningChangeView::Raised,
        state: WarningStateView::ActiveUnacknowledged,
        tier: TierView::Red,
        tier_peak: TierView::Red,
        gas: "chlorine".to_owned(),
        gas_name: text("氯气", "Chlorine"),
        cas: Some("7782-50-5".to_owned()),
        area: area.to_string(),
        area_name: text("罐区", "Tank farm"),
        value: Some(1.5),
        limit: Some(1.0),
        unit: Some("ppm".to_owned()),
        rule: Some("mac".to_owned()),
        channel: Some(super::CHANNEL.to_owned()),
        raised_at: AT.to_owned(),
        at: AT.to_owned(),
        recorded_at: AT.to_owned(),
        returned_at: None,
        acknowledged_at: None,
        is_exercise: false,
        drill: None,
        incident: None,
        cap: Some(format!("{WARNING}.1")),
    })
}

impl Bureau for Fake {
    fn bureau_warnings(
        &self,
        who: &Who,
        after: Option<BureauCursor>,
        limit: usize,
    ) -> Result<BureauWarningsView, BackendError> {
        if let Some(cursor) = after.filter(|cursor| cursor.seq > 7) {
            return Err(BureauFault::CursorUnknown(cursor.to_string()).into());
        }
        let steps: Vec<_> = step(&who.areas).filter(|_| after.is_none()).into_iter().collect();
        Ok(BureauWarningsView {
            steps,
            next: Some("7.5".to_owned()),
            has_more: false,
            // The fake tells the limit.
            passed_over: limit as u64,
            silences: Vec::new(),
            now: AT.to_owned(),
        })
    }

    fn read_message(&self, who: &Who, number: u64) -> Result<MessageDetailView, BackendError> {
        let mut found = self.message(number)?;
        if who.name != "li" {
            let (account, recipient) = (who.name.clone(), found.delivery.recipient);
            return Err(BureauFault::NotRecipient { account, recipient }.into());
        }
        if number == 2 {
            return Err(BureauFault::NotAccepted { number, state: "queued".to_owned() }.into());
        }
        found.receipts.push(ReceiptView {
            happened: "read".to_owned(),
            at: AT.to_owned(),
            way: 0,
            answer: who.name.clone(),
        });
        Ok(found)
    }
}
