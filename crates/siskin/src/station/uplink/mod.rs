//! HJ 212 uplinks of a running station: the book, the readings, the secrets and the audit that they
//! need, and how they are for people.
//!
//! Readings are looked up in the series store when a message is made: nothing is fed to an uplink,
//! so the pipeline never waits for one. Must never show a secret.

mod desk;
mod secrets;
mod views;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use siskin_api::contract::{TextView, UplinkMessageView, UplinkView};
use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_model::Timestamp;
use siskin_model::uplink::UplinkState;
use siskin_notify::hj212::{Desk, Uplinks};
use siskin_store::uplink::UplinkBook;
use siskin_store::{Ledger, Series};
use tokio_util::sync::CancellationToken;

use desk::StationDesk;

pub(crate) use secrets::{Folder, check};

/// Uplinks with their book; none where the site has no `uplinks.toml`.
#[derive(Clone)]
pub(crate) struct UplinksDesk {
    running: Option<Running>,
    offset_s: i32,
}

#[derive(Clone)]
struct Running {
    uplinks: Uplinks,
    book: Arc<UplinkBook>,
}

impl UplinksDesk {
    /// Prepares them; `uplink.db` is made where there are any.
    pub(crate) fn open(
        settings: &Settings,
        site_folder: Option<&Path>,
        data: &Path,
        series: &Arc<Series>,
        ledger: &Arc<Ledger>,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let offset_s = settings.site.utc_offset_s;
        if settings.uplinks.is_empty() {
            return Ok(Self { running: None, offset_s });
        }
        let book = Arc::new(UplinkBook::open(data)?);
        secrets::only_ours(book.path()).with_context(|| {
            format!("cannot keep `{}` from others; hint: check its owner", book.path().display())
        })?;
        let desk: Arc<dyn Desk> = Arc::new(StationDesk {
            book: Arc::clone(&book),
            series: Arc::clone(series),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            folder: Folder::of(site_folder),
        });
        let now = Arc::clone(clock);
        let now: siskin_notify::hj212::Clock = Arc::new(move || now());
        let uplinks = Uplinks::new(&settings.uplinks, &desk, &now, offset_s);
        Ok(Self { running: Some(Running { uplinks, book }), offset_s })
    }

    /// Runs them until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        if let Some(running) = self.running {
            running.uplinks.run(stop).await;
        }
    }

    /// How each is at `now`.
    pub(crate) fn views(&self, now: Timestamp) -> Vec<UplinkView> {
        let Some(running) = &self.running else {
            return Vec::new();
        };
        let all = running.uplinks.status();
        all.iter()
            .map(|(uplink, status)| views::uplink(uplink, status, now, self.offset_s))
            .collect()
    }

    /// Whether people must know something of one of them.
    pub(crate) fn has_notices(&self, now: Timestamp) -> bool {
        self.running.as_ref().is_some_and(|running| {
            let all = running.uplinks.status();
            all.iter().any(|(uplink, status)| !Uplinks::notices(uplink, status, now).is_empty())
        })
    }

    /// Messages of one, newest first; none where there is no such uplink.
    pub(crate) fn messages(
        &self,
        bureau: &str,
        state: Option<UplinkState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<UplinkMessageView>>, siskin_store::StoreError> {
        let Some(running) = &self.running else {
            return Ok(None);
        };
        if !running.uplinks.status().iter().any(|(uplink, _)| uplink.id == bureau) {
            return Ok(None);
        }
        let found = running.book.receipts(bureau, state, before, limit)?;
        Ok(Some(found.iter().map(|one| views::message(one, self.offset_s)).collect()))
    }
}

fn text_view(text: &siskin_model::Text) -> TextView {
    TextView { zh: text.zh.clone(), en: text.en.clone() }
}
