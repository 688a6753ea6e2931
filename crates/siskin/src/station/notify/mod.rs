//! Messages of this station: who is told of a step, the outbox's workers, what became of it all.
//!
//! The pipeline asks the [`Teller`] in the moment of a step and writes what it says in the same
//! transaction; the workers are only woken, never waited for. Must never hold up the pipeline for a
//! receiver, and never let a recipient's silence go unseen.

mod board;
mod book;
mod late;
mod owed;
mod recipients;
pub(crate) mod snapshot;
mod teller;
mod views;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_notify::Outbox;
use siskin_store::Ledger;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::live::Live;
use super::rules::RulesNow;
use board::Board;
use book::LedgerBook;
pub(crate) use owed::Bell;
pub(crate) use owed::is_of_messages;
pub(crate) use teller::Teller;
pub(crate) use views::{is_well, public_cap};

/// What the API and the station's tasks know of messages.
#[derive(Clone)]
pub(crate) struct Messages {
    settings: Arc<Settings>,
    ledger: Arc<Ledger>,
    clock: Clock,
    outbox: Outbox,
    board: Arc<Board>,
    newest: watch::Receiver<u64>,
}

impl Messages {
    /// The two ends: who writes messages, and who sends them. Files are named from `folder`.
    pub(crate) fn new(
        settings: &Arc<Settings>,
        (ledger, rules, live): (&Arc<Ledger>, &Arc<RulesNow>, &Live),
        clock: &Clock,
        folder: Option<&Path>,
        simulated: bool,
    ) -> (Teller, Self) {
        let (told, newest) = watch::channel(0);
        let teller = Teller::new(settings, ledger, rules, told, simulated);
        let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let book = Arc::new(LedgerBook::new(Arc::clone(ledger), Arc::clone(&live.proof)));
        let mut notify = settings.notify.clone();
        notify.recipients.push(siskin_notify::proof::recipient());
        let outbox = Outbox::new(Arc::new(notify), folder, book, Arc::clone(clock));
        let messages = Self {
            settings: Arc::clone(settings),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            outbox,
            board: Arc::default(),
            newest,
        };
        (teller, messages)
    }

    /// Sends and looks after what was sent, until `stop`.
    pub(crate) async fn run(self, bell: Bell, stop: CancellationToken) {
        let sending = self.outbox.clone().run(self.newest.clone(), stop.clone());
        let looking = board::watch(self, bell, stop);
        tokio::join!(sending, looking);
    }
}
