//! A ledger in memory.

use std::sync::{Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use siskin_model::notify::{
    Delivery, DeliveryState, Happened, Language, Message, MessageKind, Receipt, Recipient, Robot,
    Show, Tls, Way,
};
use siskin_model::{AreaId, GasId, Text, Tier, Timestamp, WarningId};
use siskin_notify::Book;
use tokio::sync::watch;

/// What it holds.
#[derive(Default)]
struct Inside {
    deliveries: Vec<(Delivery, Message)>,
    receipts: Vec<Receipt>,
    fails: bool,
}

/// The ledger, and who waits for a change of it.
pub(crate) struct MemoryBook {
    inside: Mutex<Inside>,
    changed: watch::Sender<()>,
}

impl Default for MemoryBook {
    fn default() -> Self {
        Self { inside: Mutex::default(), changed: watch::channel(()).0 }
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

impl MemoryBook {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The next message of the warning `w` to this recipient.
    pub(crate) fn add(&self, recipient: &str, kind: MessageKind) {
        self.add_at(recipient, kind, now());
    }

    pub(crate) fn add_at(&self, recipient: &str, kind: MessageKind, queued_at: Timestamp) {
        let mut inside = self.inside();
        let number = inside.deliveries.len() as u64 + 1;
        let before = inside.deliveries.iter().filter(|(one, _)| one.recipient == recipient);
        let transition = u32::try_from(before.count()).unwrap() + 1;
        let delivery = Delivery {
            number,
            recipient: recipient.to_owned(),
            warning: WarningId::from_text("w"),
            transition,
            kind,
            state: DeliveryState::Queued,
            way: 0,
            tries: 0,
            queued_at,
            way_at: None,
            sent_at: None,
            ended_at: None,
            read_at: None,
            answer: String::new(),
        };
        inside.deliveries.push((delivery, message(transition, kind)));
        self.changed.send_replace(());
    }

    pub(crate) fn states(&self) -> Vec<DeliveryState> {
        self.inside().deliveries.iter().map(|(one, _)| one.state).collect()
    }

    pub(crate) fn receipts(&self) -> Vec<Receipt> {
        self.inside().receipts.clone()
    }

    pub(crate) fn count(&self, happened: Happened) -> usize {
        self.inside().receipts.iter().filter(|one| one.happened == happened).count()
    }

    pub(crate) fn fail_writes(&self, fails: bool) {
        self.inside().fails = fails;
    }
}

impl Book for MemoryBook {
    fn open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, String> {
        let inside = self.inside();
        let open = inside.deliveries.iter().filter(|(one, _)| {
            one.recipient == recipient && one.number > after && one.state.is_open()
        });
        Ok(open.take(limit).cloned().collect())
    }

    fn told_before(
        &self,
        recipient: &str,
        _: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, String> {
        let inside = self.inside();
        let before = inside
            .deliveries
            .iter()
            .filter(|(one, _)| one.recipient == recipient && one.transition < transition);
        Ok(before.map(|(one, _)| (one.transition, one.queued_at)).collect())
    }

    fn others(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, String> {
        let inside = self.inside();
        let own = inside
            .deliveries
            .iter()
            .filter(|(one, _)| one.recipient == recipient && one.warning != *warning);
        let last: std::collections::BTreeMap<_, _> =
            own.map(|(one, message)| (one.warning.as_str(), (one.kind, message.clone()))).collect();
        Ok(last.into_values().filter(|(kind, _)| !kind.is_end()).collect())
    }

    fn write(&self, receipts: &[Receipt]) -> Result<(), String> {
        let mut inside = self.inside();
        if inside.fails {
            return Err("the disk is full".to_owned());
        }
        for receipt in receipts {
            let place = usize::try_from(receipt.delivery).unwrap() - 1;
            if inside.deliveries[place].0.take(receipt) {
                inside.receipts.push(receipt.clone());
            }
        }
        self.changed.send_replace(());
        Ok(())
    }
}

fn message(transition: u32, kind: MessageKind) -> Message {
    Message {
        warning: WarningId::from_text("w"),
        transition,
        kind,
        show: Show::Real,
        site: "park".to_owned(),
        site_name: Text::new("园区", "Park"),
        utc_offset_s: 28_800,
        gas: GasId::new("chlorine").unwrap(),
        gas_name: Text::new("氯气", "Chlorine"),
        cas: None,
        area: AreaId::new("yard").unwrap(),
        area_name: Text::new("场地", "Yard"),
        geo: None,
        tier: Tier::Red,
        tier_peak: Tier::Red,
        raised_at: Timestamp::from_millis(0),
        at: Timestamp::from_millis(0),
        made_at: Timestamp::from_millis(0),
        said: None,
        is_active: true,
        is_acknowledged: false,
        reason: None,
        corrected: None,
        alarms: 1,
        rules_version: None,
        actions: Vec::new(),
        call: Vec::new(),
    }
}

/// A recipient with webhooks at these addresses.
pub(crate) fn recipient(id: &str, urls: &[&String]) -> Recipient {
    let way = |url: &&String| Way::Webhook {
        url: Some((*url).clone()),
        url_file: None,
        secret: None,
        tls: Tls::default(),
        robot: Robot::Siskin,
    };
    Recipient {
        name: Text::new("局", "Bureau"),
        languages: vec![Language::Zh],
        ..Recipient::of_all(id, urls.iter().map(way).collect())
    }
}
