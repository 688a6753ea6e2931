//! Who may connect: opens the session of a gateway that proves itself, and ends the one before.

use std::hint::black_box;
use std::sync::Arc;

use siskin_api::backend::{BackendError, LinkEnds, LiveEvent};
use siskin_api::contract::EdgeView;
use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_store::{Ledger, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::backlog::{self, Gathering, Lane, LateBatch};
use super::session;
use super::state::{ALARMS_MAX, Gateway, SHOWN_MAX, State};
use crate::station::live::Live;
use crate::station::pipeline::Command;

/// Frames that may wait between a socket and its session.
const FRAMES_MAX: usize = 8;

/// The gateways of a site.
pub(crate) struct Links {
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) ledger: Arc<Ledger>,
    pub(super) live: Arc<Live>,
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) late: mpsc::Sender<LateBatch>,
    stop: CancellationToken,
    gateways: Vec<Arc<Gateway>>,
}

impl Links {
    /// The gateways of the site, and the lane that must run while they may connect.
    pub(crate) fn new(
        settings: &Arc<Settings>,
        clock: &Clock,
        ledger: &Arc<Ledger>,
        live: &Arc<Live>,
        commands: mpsc::Sender<Command>,
        stop: &CancellationToken,
    ) -> Result<(Self, Lane), StoreError> {
        let site = &settings.site;
        let gateway = |edge: &siskin_model::site::EdgeGateway| {
            let state = known(ledger, &edge.id, clock)?;
            Ok(Arc::new(Gateway::new(&edge.id, edge.token.as_ref(), site, state)))
        };
        let gateways = site.edges.iter().map(gateway).collect::<Result<_, StoreError>>()?;
        let (late, inbox) = mpsc::channel(backlog::BATCHES_MAX);
        let gathering: Arc<Gathering> = Arc::clone(&live.gathering);
        let task_clock = Arc::clone(clock);
        let backlog = Lane::new(inbox, commands.clone(), gathering, task_clock, stop.clone());
        let links = Self {
            settings: Arc::clone(settings),
            clock: Arc::clone(clock),
            ledger: Arc::clone(ledger),
            live: Arc::clone(live),
            commands,
            late,
            stop: stop.clone(),
            gateways,
        };
        Ok((links, backlog))
    }

    /// The gateways as they are.
    pub(crate) fn views(&self) -> Vec<EdgeView> {
        let offset_s = self.settings.site.utc_offset_s;
        self.gateways.iter().map(|gateway| gateway.view(offset_s)).collect()
    }

    /// Tells the live stream how a gateway is.
    pub(super) fn show_one(&self, gateway: &Gateway) {
        let view = gateway.view(self.settings.site.utc_offset_s);
        self.live.publish(LiveEvent::Edges(vec![view]));
    }

    /// Lets a gateway in. Who is wrong is not told which of the two was wrong.
    pub(crate) fn open(
        self: &Arc<Self>,
        edge: &str,
        token: &str,
    ) -> Result<LinkEnds, BackendError> {
        let found = self.gateways.iter().find(|gateway| {
            let own = gateway.token.as_deref();
            gateway.id == edge && own.is_some_and(|own| is_same(own, token))
        });
        let Some(gateway) = found else {
            tracing::warn!(edge, "an edge gateway was not let in; hint: compare id and token");
            return Err(BackendError::LinkRefused);
        };
        let closed = self.stop.child_token();
        let before = gateway.state().session.replace(closed.clone());
        if let Some(before) = before {
            // The newest wins: the older one is often a line that was cut and not noticed.
            before.cancel();
        }
        let (to_station, inbox) = mpsc::channel(FRAMES_MAX);
        let (out, from_station) = mpsc::channel(FRAMES_MAX);
        let (links, gateway) = (Arc::clone(self), Arc::clone(gateway));
        tokio::spawn(session::run(links, gateway, inbox, out, closed.clone()));
        Ok(LinkEnds { to_station, from_station, closed })
    }
}

/// What the ledger knows of a gateway.
fn known(ledger: &Ledger, edge: &str, clock: &Clock) -> Result<State, StoreError> {
    let (gaps, readings_lost) = ledger.edge_gap_totals(edge)?;
    let active = ledger.edge_alarms_active(edge, ALARMS_MAX)?.into_iter();
    Ok(State {
        since: clock(),
        clock: ledger.edge_clocks(edge, 1)?.first().copied(),
        gaps,
        readings_lost,
        gaps_newest: ledger.edge_gaps(edge, SHOWN_MAX)?.into(),
        alarms: active.map(|one| ((one.rule.clone(), one.channel.clone()), one)).collect(),
        alarm_events: ledger.edge_alarms(edge, SHOWN_MAX)?.into(),
        ..State::default()
    })
}

/// Whether two tokens are the same; takes as long for a wrong one as for the right one, so that a
/// token cannot be guessed letter by letter.
fn is_same(own: &str, given: &str) -> bool {
    let differs = own.bytes().zip(given.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
    black_box(differs) == 0 && own.len() == given.len()
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn tokens_are_the_same_or_not() {
        assert!(is_same("abcdef", "abcdef"));
        assert!(!is_same("abcdef", "abcdeg"));
        assert!(!is_same("abcdef", "abcde"));
        assert!(!is_same("abcde", "abcdef"));
        assert!(!is_same("abcdef", ""));
    }
}
