//! Steps, the ledger as a book, and receivers that note when the first byte came.

use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use siskin_model::notify::{
    Candidate, Delivery, Message, MessageKind, Named, Receipt, Recipient, Robot, Show, Tls, Way,
};
use siskin_model::{
    AreaId, GasId, Text, Tier, Timestamp, Warning, WarningChange, WarningEvent, WarningId,
    WarningState,
};
use siskin_notify::Book;
use siskin_store::ledger::NewMessage;
use siskin_store::{Ledger, Step};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

pub(crate) struct LedgerBook(pub(crate) Arc<Ledger>);

impl Book for LedgerBook {
    fn open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, String> {
        self.0.deliveries_open(recipient, after, limit).map_err(|why| why.to_string())
    }

    fn told_before(
        &self,
        recipient: &str,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, String> {
        self.0.told_before(recipient, warning, transition).map_err(|why| why.to_string())
    }

    fn others(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, String> {
        self.0.others_told(recipient, warning).map_err(|why| why.to_string())
    }

    fn write(&self, receipts: &[Receipt]) -> Result<(), String> {
        self.0.put_receipts(receipts).map(drop).map_err(|why| why.to_string())
    }
}

/// A recipient with one webhook.
pub(crate) fn recipient(id: &str, url: String) -> Recipient {
    let way = Way::Webhook {
        url: Some(url),
        url_file: None,
        secret: None,
        tls: Tls::default(),
        robot: Robot::Siskin,
    };
    Recipient { name: Text::new("局", "Bureau"), ..Recipient::of_all(id, vec![way]) }
}

/// The raise of the warning number `n`, told to all of `ids`.
pub(crate) fn step(n: usize, ids: &[String]) -> Step {
    let at = now();
    let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
    let warning = Warning {
        id: WarningId::from_text(&format!("yard.chlorine.{n}")),
        state: WarningState::ActiveUnacknowledged,
        ..Warning::begun(&area, &gas, Tier::Red, at)
    };
    let named = Named {
        site: "park".to_owned(),
        site_name: Text::new("园区", "Park"),
        area: Text::new("场地", "Yard"),
        gas: Text::new("氯气", "Chlorine"),
    };
    // The ledger gives the number.
    let message = Message {
        transition: 0,
        utc_offset_s: 28_800,
        ..Message::begun(&warning, named, Show::Real)
    };
    let to = ids.iter().map(|id| Candidate { recipient: id.clone(), is_due: true }).collect();
    let event = WarningEvent { change: WarningChange::Raised, at, warning, said: None };
    Step {
        series_seq: n as u64,
        recorded_at: at,
        alarms: Vec::new(),
        warnings: vec![event],
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: vec![NewMessage { event: 0, message, to }],
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

type Arrivals = Arc<Mutex<Vec<(String, Instant)>>>;

/// Accepts everything, or hangs.
pub(crate) struct Receiver {
    port: u16,
    arrivals: Arrivals,
    count: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub(crate) async fn start(hangs: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrivals = Arrivals::default();
        let (counted, count) = watch::channel(0);
        let (shared, counted) = (Arc::clone(&arrivals), Arc::new(counted));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, hangs, Arc::clone(&shared), Arc::clone(&counted)));
            }
        });
        Self { port, arrivals, count, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    pub(crate) async fn heard(&self, count: usize) {
        self.count.clone().wait_for(|heard| *heard >= count).await.unwrap();
    }

    /// The key of each message and when its first byte came.
    pub(crate) fn arrivals(&self) -> Vec<(String, Instant)> {
        self.arrivals.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    hangs: bool,
    arrivals: Arrivals,
    counted: Arc<watch::Sender<usize>>,
) {
    if hangs {
        return std::future::pending().await;
    }
    loop {
        let mut bytes = Vec::new();
        let mut first = None;
        let key = loop {
            if let Some(key) = whole(&bytes) {
                break key;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
            first.get_or_insert_with(Instant::now);
        };
        arrivals.lock().unwrap().push((key, first.unwrap()));
        counted.send_modify(|count| *count += 1);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// The key of a request that is whole.
fn whole(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let of = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let length: usize = of("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| of("idempotency-key"))?
}
