//! The rules' part of the self-proof: a pulse must raise a warning, and its end must end it.

use siskin_collect::Pulse;
use siskin_config::{Inputs, SourceFile};
use siskin_engine::{Effects, Engine};
use siskin_model::{ChannelIndex, Edge, Quality, Reading, Timestamp, WarningState};

use crate::files;

/// Over every limit of the self-proof's rules.
const PULSE: f64 = 3.0;
/// Under all of them.
const REST: f64 = 0.0;
/// The pulse is as long as this in event time.
const LENGTH_MS: i64 = 1;
const CHANNEL: ChannelIndex = ChannelIndex(0);

/// An engine that judges nothing but pulses.
#[derive(Debug)]
pub(in crate::station) struct ProofJudge {
    engine: Engine,
    effects: Effects,
}

impl ProofJudge {
    /// By the rules beside this file, read by the same code as those of a site.
    pub(in crate::station) fn new() -> anyhow::Result<Self> {
        let text = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        let site = vec![
            text("site.toml", include_str!("site.toml")),
            text("areas.toml", include_str!("areas.toml")),
            text("analyzers.toml", include_str!("analyzers.toml")),
            text("rules/pulse.toml", include_str!("rules.toml")),
        ];
        let inputs = Inputs { site, environment: Vec::new(), ..files::demo_park() };
        let settings = siskin_config::load(&inputs)
            .map_err(|report| anyhow::anyhow!("the self-proof's rules:\n{}", report.render()))?;
        let engine = Engine::new(&settings.site, &settings.rules)?;
        Ok(Self { engine, effects: Effects::default() })
    }

    /// Whether the rules answer a pulse as they must: it raises an alarm and a warning, and when it
    /// is over both end.
    pub(in crate::station) fn answers(&mut self, pulse: Pulse) -> bool {
        let raised = self.reading(pulse.sent_at, PULSE, Edge::Raise, true);
        let ended = self.reading(pulse.sent_at.plus_ms(LENGTH_MS), REST, Edge::Clear, false);
        raised && ended
    }

    fn reading(&mut self, at: Timestamp, value: f64, edge: Edge, active: bool) -> bool {
        self.effects.clear();
        let reading = Reading::new(CHANNEL, at, at, Some(value), Quality::Good);
        self.engine.readings(&[reading], &mut self.effects);
        let alarm = self.effects.alarms.iter().any(|event| event.edge == edge);
        let state = |state: WarningState| state.is_active() == active;
        let warning = self.effects.warnings.last().is_some_and(|event| state(event.warning.state));
        alarm && warning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(number: u64, sent_ms: i64) -> Pulse {
        Pulse { number, sent_at: Timestamp::from_millis(sent_ms) }
    }

    #[test]
    fn every_pulse_is_answered_and_a_stuck_one_is_not() {
        let mut judge = ProofJudge::new().unwrap();
        for number in 1..200 {
            let sent_ms = i64::try_from(number).unwrap() * 60_000;
            assert!(judge.answers(pulse(number, sent_ms)), "pulse {number}");
        }
        // A stamp that was judged already raises nothing again.
        assert!(!judge.answers(pulse(200, 60_000)));
        assert!(judge.answers(pulse(201, 500 * 60_000)));
    }
}
