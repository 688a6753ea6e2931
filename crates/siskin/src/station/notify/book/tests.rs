//! Pulses of the self-proof through the outbox: a worker that is not woken and a recorder whose
//! disk does not write are each found and named, and the ledger gets no row for a pulse.

use siskin_api::contract::{ProofStage, ProofState};
use siskin_collect::{PULSE_MS, Pulse};
use siskin_model::notify::Notify;
use siskin_notify::Outbox;
use siskin_store::Step;
use siskin_store::ledger::{DeliveryFilter, PulseMark};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::*;

const START: Timestamp = Timestamp::from_millis(1_000_000);

/// The ledger's book with a bell after every write, and a disk that may fail.
struct Belled {
    book: LedgerBook,
    is_failing: bool,
    written: watch::Sender<u64>,
}

impl Book for Belled {
    fn open(
        &self,
        recipient: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(Delivery, Message)>, String> {
        self.book.open(recipient, after, limit)
    }

    fn told_before(
        &self,
        recipient: &str,
        warning: &WarningId,
        transition: u32,
    ) -> Result<Vec<(u32, Timestamp)>, String> {
        self.book.told_before(recipient, warning, transition)
    }

    fn others(
        &self,
        recipient: &str,
        warning: &WarningId,
    ) -> Result<Vec<(MessageKind, Message)>, String> {
        self.book.others(recipient, warning)
    }

    fn write(&self, receipts: &[Receipt]) -> Result<(), String> {
        let done = if self.is_failing {
            Err("the disk is full".to_owned())
        } else {
            self.book.write(receipts)
        };
        let count = receipts.iter().filter(|one| one.happened == Happened::Accept).count() as u64;
        self.written.send_modify(|all| *all += count);
        done
    }
}

/// A ledger, the board, and an outbox that is woken by `told`.
struct Bench {
    _dir: tempfile::TempDir,
    ledger: Arc<Ledger>,
    board: Arc<ProofBoard>,
    told: watch::Sender<u64>,
    written: watch::Receiver<u64>,
    outbox: Outbox,
}

impl Bench {
    fn new(is_failing: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Arc::new(Ledger::open(dir.path()).unwrap());
        let board = Arc::new(ProofBoard::new(START));
        let (written, seen) = watch::channel(0);
        let book = LedgerBook::new(Arc::clone(&ledger), Arc::clone(&board));
        let book = Arc::new(Belled { book, is_failing, written });
        let notify = Notify { recipients: vec![proof::recipient()], ..Notify::default() };
        let outbox = Outbox::new(Arc::new(notify), "/".into(), book, Arc::new(|| START));
        let told = watch::channel(0).0;
        Self { _dir: dir, ledger, board, told, written: seen, outbox }
    }

    /// As the pipeline does it, and as the stream's end does.
    fn pulse(&self, number: u64) {
        let sent_at = START.plus_ms(i64::try_from(number * u64::from(PULSE_MS)).unwrap());
        let pulse = Pulse { number, sent_at };
        let mark = PulseMark { number, sent_at, recorded_at: sent_at };
        let step = Step {
            series_seq: 0,
            recorded_at: sent_at,
            alarms: Vec::new(),
            warnings: Vec::new(),
            corrections: Vec::new(),
            equipment: Vec::new(),
            holds: Vec::new(),
            floods: Vec::new(),
            messages: Vec::new(),
            late: Vec::new(),
            audit: Vec::new(),
            pulse: Some(mark),
        };
        self.ledger.commit(&step).unwrap();
        self.board.taken(pulse);
        self.board.judged(pulse);
        self.board.recorded(pulse);
        self.board.delivered(number, sent_at);
    }

    fn wake(&self) {
        self.told.send_modify(|_| {});
    }

    async fn until_written(&mut self, count: u64) {
        self.written.wait_for(|all| *all >= count).await.unwrap();
    }

    fn check(&self, after_pulses: u64, state: ProofState, at: Option<ProofStage>) {
        let now = START.plus_ms(i64::try_from(after_pulses * u64::from(PULSE_MS)).unwrap());
        let view = self.board.view(now, 0);
        assert_eq!((view.state, view.broken_at), (state, at), "after {after_pulses} pulses");
    }
}

#[tokio::test]
async fn pulses_go_through_the_outbox_and_leave_one_row() {
    let mut bench = Bench::new(false);
    let stop = CancellationToken::new();
    let working = tokio::spawn(bench.outbox.clone().run(bench.told.subscribe(), stop.clone()));
    for number in 1..=5 {
        bench.pulse(number);
        bench.wake();
        bench.until_written(number).await;
        bench.check(number, ProofState::Ok, None);
    }
    stop.cancel();
    working.await.unwrap();
    assert_eq!(bench.ledger.pulse().unwrap().map(|row| row.number), Some(5));
    assert_eq!(bench.ledger.deliveries(&DeliveryFilter::default(), 10).unwrap(), []);
    assert_eq!(bench.ledger.receipts(proof::letter_of(5)).unwrap(), []);
}

#[tokio::test]
async fn a_worker_that_is_not_woken_is_found() {
    let mut bench = Bench::new(false);
    let stop = CancellationToken::new();
    bench.pulse(1);
    let working = tokio::spawn(bench.outbox.clone().run(bench.told.subscribe(), stop.clone()));
    bench.until_written(1).await;
    // From now on nobody wakes it.
    bench.pulse(2);
    bench.pulse(3);
    bench.check(3, ProofState::Ok, None);
    bench.pulse(4);
    bench.check(4, ProofState::Broken, Some(ProofStage::Outbox));
    bench.wake();
    bench.until_written(2).await;
    bench.check(4, ProofState::Ok, None);
    stop.cancel();
    working.await.unwrap();
}

#[tokio::test]
async fn a_recorder_whose_disk_does_not_write_is_found() {
    let mut bench = Bench::new(true);
    let stop = CancellationToken::new();
    bench.pulse(1);
    let working = tokio::spawn(bench.outbox.clone().run(bench.told.subscribe(), stop.clone()));
    bench.until_written(1).await;
    bench.pulse(2);
    bench.check(2, ProofState::Waiting, None);
    bench.pulse(3);
    bench.check(3, ProofState::Broken, Some(ProofStage::Receipts));
    stop.cancel();
    working.await.unwrap();
}

#[test]
fn the_row_of_an_earlier_run_is_not_sent() {
    let bench = Bench::new(false);
    bench.pulse(7);
    let again = LedgerBook::new(Arc::clone(&bench.ledger), Arc::new(ProofBoard::new(START)));
    assert_eq!(again.open(proof::RECIPIENT, 0, 64).unwrap(), []);
    let now = LedgerBook::new(Arc::clone(&bench.ledger), Arc::clone(&bench.board));
    let open = |after| now.open(proof::RECIPIENT, after, 64).unwrap().len();
    assert_eq!([open(0), open(proof::letter_of(6)), open(proof::letter_of(7))], [1, 1, 0]);
}
