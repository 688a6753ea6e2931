//! The one place where readings, time and acts of people are put in order.
//!
//! For each group of commands: readings are judged and stored (then their senders may forget them);
//! what follows goes to the ledger and only then to the live stream (invariant 4). When a
//! disk fails nothing is forgotten: readings and effects wait in memory up to a limit, the failure
//! is shown, and every tick tries again; judging goes on meanwhile.

mod acts;
mod calls;
mod drills;
mod owed;
mod rules;

use std::sync::Arc;

use siskin_api::LiveEvent;
use siskin_collect::{AlarmBoard, Clock, Intake, Priority, Pulse};
use siskin_config::Settings;
use siskin_engine::{Effects, Engine, is_quarantined};
use siskin_model::{Alarm, AnalyzerHealth, Origin, Reading, WarningEvent};
use siskin_store::ledger::{NewAudit, NewRuleVersion, PulseMark};
use siskin_store::{Ledger, Series, Step, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::life;
use super::live::Live;
use super::notify::Teller;
use super::past::StoredPast;
use super::proof::{self, ProofJudge};
use super::repeats::Repeats;
use super::restore::Restored;
use super::rules::{RulesChange, RulesNow, ShadowFeed};
use super::runs::Runs;
use super::unsaved::Unsaved;
use super::upkeep::{Followers, Nobody, Turn, Upkeep};
use super::views;
pub(crate) use acts::{Refused, Wanted};
pub(crate) use drills::{BeginDrill, DrillAnswer, DrillCommand, EndDrill};
pub(crate) use rules::RulesStand;

/// Commands taken together before the stores are asked to commit.
const GROUP_MAX: usize = 512;
/// Effects that may wait in memory for a failing disk. Beyond it the station stops loudly: what is
/// stored is judged again at the next start.
const EFFECTS_MAX: usize = 1_000_000;
/// Readings that are judged again at one tick; one more span may go over it.
const AGAIN_READINGS: usize = 200_000;
/// The same in a quiet moment while a backlog is judged: a live reading waits for it at most.
const AGAIN_QUIET_READINGS: usize = 10_000;
/// Ticks between two turns of the series store's upkeep and writes of the mark.
const UPKEEP_TICKS: u32 = 60;

/// What the pipeline is told.
pub(crate) enum Command {
    /// Something from a source.
    Intake(Intake),
    /// Late readings of an edge gateway: behind the live ones of their group.
    Backlog { readings: Vec<Reading>, committed: oneshot::Sender<()> },
    /// Time passes.
    Tick,
    /// A person does something.
    Act(Box<Wanted>),
    /// Other rules shall run.
    ChangeRules(Box<RulesChange>),
    /// A shadow set begins with a copy of the engine.
    BeginShadow { feed: ShadowFeed, answer: oneshot::Sender<Box<Engine>> },
    /// No shadow set runs any more.
    EndShadow,
    /// Recipients that did not take what they were told: these and no others.
    Owed(Vec<Alarm>),
    /// Somebody looks at how the rules stand.
    Standings { answer: oneshot::Sender<RulesStand> },
    /// A drill begins, ends or says something.
    Drill(Box<DrillCommand>),
    /// Finish what is there and end.
    Stop,
}

/// The owner of the engine.
pub(crate) struct Pipeline {
    engine: Engine,
    settings: Arc<Settings>,
    series: Arc<Series>,
    ledger: Arc<Ledger>,
    live: Arc<Live>,
    clock: Clock,
    /// Readings that are judged but not yet on disk.
    unsaved: Unsaved,
    /// Senders that wait for the disk.
    waiting: Vec<oneshot::Sender<()>>,
    /// Effects that are not yet on disk.
    effects: Effects,
    /// What people did that led to them.
    audit: Vec<NewAudit>,
    /// The series up to here is judged.
    judged_seq: u64,
    /// The series up to here is judged, late readings included; after it some wait.
    late_seq: Option<u64>,
    ticks: u32,
    /// The upkeep of the series that runs.
    upkeep: Option<Upkeep>,
    /// Who says what it may delete.
    followers: Arc<dyn Followers>,
    /// Which rules run, for the API.
    rules: Arc<RulesNow>,
    shadow: Option<ShadowFeed>,
    drill: Option<drills::Running>,
    /// Rule sets that run and are not in the ledger yet.
    versions_unwritten: Vec<NewRuleVersion>,
    /// What is on disk and was not told yet, because a later write failed.
    untold: Vec<LiveEvent>,
    /// Where the sources see who is in alarm.
    board: AlarmBoard,
    /// The rules' part of the self-proof.
    proof: ProofJudge,
    /// A pulse that the rules answered and that is not yet on disk.
    pulse: Option<Pulse>,
    /// Who says whom to tell; none where nobody is told: a recording.
    teller: Option<Teller>,
}

impl Pipeline {
    pub(crate) fn new(
        restored: Restored,
        settings: &Arc<Settings>,
        (series, ledger): (&Arc<Series>, &Arc<Ledger>),
        live: &Arc<Live>,
        clock: &Clock,
        teller: Option<Teller>,
    ) -> anyhow::Result<Self> {
        let mut pipeline = Self {
            engine: restored.engine,
            settings: Arc::clone(settings),
            series: Arc::clone(series),
            ledger: Arc::clone(ledger),
            live: Arc::clone(live),
            clock: Arc::clone(clock),
            unsaved: Unsaved::default(),
            waiting: Vec::new(),
            effects: Effects::default(),
            audit: Vec::new(),
            judged_seq: restored.judged_seq,
            late_seq: None,
            ticks: 0,
            upkeep: None,
            followers: Arc::new(Nobody),
            rules: Arc::new(RulesNow::unversioned(settings.rules.clone())),
            shadow: None,
            drill: None,
            versions_unwritten: Vec::new(),
            untold: Vec::new(),
            board: AlarmBoard::new(&settings.site),
            proof: ProofJudge::new()?,
            pulse: None,
            teller,
        };
        pipeline.effects = restored.effects;
        pipeline.late_seq = (pipeline.engine.again_waiting() > 0).then(|| ledger.mark());
        let now = clock();
        let recorded = ledger.alarms_active()?;
        pipeline.engine.withdraw(now, recorded, &mut pipeline.effects);
        // Nobody listens yet; whoever comes fetches what is shown.
        let _events = pipeline.commit()?;
        pipeline.live.shown().counters.damaged = pipeline.series.damaged();
        let last: Vec<_> = pipeline.series.last().into_iter().flatten().collect();
        pipeline.live.show(&last, &pipeline.engine, &pipeline.settings);
        pipeline.show_alarmed();
        Ok(pipeline)
    }

    /// Which analyzers the sources are to ask first.
    pub(super) fn priority(&self) -> Priority {
        self.board.priority()
    }

    /// Shows the sources who is in alarm. Unlike what people are told this does not wait for the
    /// disk: the next reading of such a channel is wanted most when something else fails.
    fn show_alarmed(&self) {
        self.board.show(|channel| self.engine.is_in_gas_alarm(channel));
    }

    /// Readings that somebody still follows are not deleted.
    pub(super) fn keep_for(&mut self, followers: Arc<dyn Followers>) {
        self.followers = followers;
    }

    /// From now on every channel is expected to speak.
    pub(super) fn expect_all(&mut self) {
        self.engine.expect_since((self.clock)());
    }

    /// Recorded readings, as a group of the station's that ends with a tick. Unlike a station, a
    /// replay does not go on while the disk fails.
    pub(super) fn take_recorded(&mut self, readings: &[Reading]) -> anyhow::Result<()> {
        self.judge(Runs::of(Origin::Import, readings), Vec::new(), true);
        self.all_stored()
    }

    /// A recording is over: what waits is judged, late readings too.
    pub(super) fn finish_recorded(&mut self) -> anyhow::Result<()> {
        self.engine.finish(&mut self.effects);
        self.sort_late();
        let _nobody_listens = self.commit()?;
        while self.engine.again_waiting() > 0 {
            let _nobody_listens = self.judge_again(AGAIN_READINGS);
            self.all_stored()?;
        }
        Ok(self.ledger.flush_mark()?)
    }

    fn all_stored(&self) -> anyhow::Result<()> {
        let error = self.live.shown().storage_error.clone();
        error.map_or(Ok(()), |error| Err(anyhow::anyhow!("storing failed: {error}")))
    }

    /// Works until told to stop, or until nobody can tell it anything any more.
    pub(crate) fn run(mut self, mut inbox: mpsc::Receiver<Command>) -> anyhow::Result<()> {
        let mut group = Vec::new();
        let mut stop = false;
        while !stop {
            let Some(first) = inbox.blocking_recv() else {
                break;
            };
            group.push(first);
            while group.len() < GROUP_MAX
                && let Ok(next) = inbox.try_recv()
            {
                group.push(next);
            }
            stop = self.take(&mut group);
            self.judge_in_quiet(&inbox);
            self.look_after_drill();
            let waiting = self.effects.len();
            anyhow::ensure!(
                waiting <= EFFECTS_MAX,
                "{waiting} alarms and warnings wait for a disk that fails; \
                 hint: mend the disk, then start the station again"
            );
        }
        let events = self.commit()?;
        self.publish(events);
        self.ledger.flush_mark()?;
        Ok(())
    }

    /// One group; true when the pipeline must end.
    fn take(&mut self, group: &mut Vec<Command>) -> bool {
        let (mut arrived, mut health) = (Runs::default(), Vec::new());
        let mut backlog = Vec::new();
        let (mut acts, mut ticked, mut stop) = (Vec::new(), false, false);
        let (mut on_rules, mut on_drills, mut owed) = (Vec::new(), Vec::new(), None);
        for command in group.drain(..) {
            match command {
                Command::Intake(Intake::Readings { readings, origin, committed }) => {
                    arrived.push(origin, &readings);
                    self.waiting.extend(committed);
                }
                Command::Intake(Intake::Health(one)) => health.push(one),
                Command::Intake(Intake::Pulse(pulse)) => self.prove(pulse),
                Command::Backlog { readings: new, committed } => {
                    backlog.extend(new);
                    self.waiting.push(committed);
                }
                Command::Tick => ticked = true,
                Command::Act(wanted) => acts.push(*wanted),
                Command::Drill(command) => on_drills.push(*command),
                Command::Owed(alarms) => owed = Some(alarms),
                Command::Stop => stop = true,
                other => on_rules.push(other),
            }
        }
        self.judge(arrived, backlog, ticked);
        for wanted in acts {
            self.act(wanted);
        }
        for command in on_rules {
            self.command_on_rules(command);
        }
        for command in on_drills {
            self.on_drill(command);
        }
        if let Some(alarms) = owed {
            self.messages_are(&alarms);
        }
        if !health.is_empty() {
            self.show_health(health);
        }
        stop
    }

    /// A pulse goes on with what follows from the readings of its group.
    fn prove(&mut self, pulse: Pulse) {
        self.live.proof.taken(pulse);
        if self.proof.answers(pulse) {
            self.live.proof.judged(pulse);
            self.pulse = Some(pulse);
        }
    }

    /// Readings of the sources, and late ones of gateways.
    fn judge(&mut self, mut arrived: Runs, backlog: Vec<Reading>, ticked: bool) {
        // The engine counts what it sets aside; it must not become history either, where its stamp
        // would hide the channel's true readings.
        self.engine.readings(arrived.readings(), &mut self.effects);
        self.feed_shadow(arrived.readings(), ticked);
        self.feed_drill(arrived.readings(), ticked);
        arrived.retain(|reading| !is_quarantined(reading));
        self.sort_late();
        self.judge_backlog(&mut arrived, backlog);
        self.save(&arrived.all());
        if ticked {
            let now = (self.clock)();
            self.ask_roster(now);
            self.engine.tick(now, &mut self.effects);
            self.show_alarmed();
            self.sort_late();
            self.ticks += 1;
            if self.ticks.is_multiple_of(UPKEEP_TICKS) {
                self.keep_up();
            }
        }
        let mut events = match self.commit() {
            Ok(events) => {
                if self.unsaved.is_empty() {
                    self.live.shown().storage_error = None;
                }
                events
            }
            Err(error) => {
                self.storage_failed(&error);
                Vec::new()
            }
        };
        if ticked && !self.live.gathering.holds() {
            let is_backlog = self.live.gathering.wants_judging();
            let budget = if is_backlog { AGAIN_QUIET_READINGS } else { AGAIN_READINGS };
            events.extend(self.judge_again(budget));
        }
        self.live.gathering.set_waiting(self.engine.again_waiting());
        let changed = self.live.show(arrived.readings(), &self.engine, &self.settings);
        self.count(arrived.readings());
        if !changed.is_empty() {
            events.push(LiveEvent::Readings(changed));
        }
        self.publish(events);
    }

    /// Late readings of a gateway join those that are stored with the next batch. What was on disk
    /// already did not come to here: the link knows which batches are.
    fn judge_backlog(&mut self, arrived: &mut Runs, mut backlog: Vec<Reading>) {
        if backlog.is_empty() {
            return;
        }
        self.engine.readings(&backlog, &mut self.effects);
        self.feed_shadow(&backlog, false);
        self.feed_drill(&backlog, false);
        self.engine.sort_late(|_| false);
        if self.engine.again_waiting() > 0 {
            self.late_seq.get_or_insert(self.ledger.mark());
        }
        backlog.retain(|reading| !is_quarantined(reading));
        arrived.push(Origin::Backlog, &backlog);
    }

    /// While a backlog is to be judged and nothing else waits, it is.
    fn judge_in_quiet(&mut self, inbox: &mpsc::Receiver<Command>) {
        while inbox.is_empty() && self.live.gathering.wants_judging() {
            let before = self.engine.again_waiting();
            let events = self.judge_again(AGAIN_QUIET_READINGS);
            if !events.is_empty() {
                self.live.show(&[], &self.engine, &self.settings);
                self.publish(events);
            }
            let waiting = self.engine.again_waiting();
            self.live.gathering.set_waiting(waiting);
            if waiting >= before {
                return;
            }
        }
    }

    /// Late readings are compared with what is stored, before they are stored themselves.
    fn sort_late(&mut self) {
        if !self.engine.has_late() {
            return;
        }
        let mut repeats = Repeats::new(&self.series);
        self.engine.sort_late(|reading| repeats.has(reading));
        if self.engine.again_waiting() > 0 {
            // Nothing past the mark counts as judged until these are.
            self.late_seq.get_or_insert(self.ledger.mark());
        }
    }

    /// Judges spans with late readings again, a part at every tick so that live readings never
    /// wait long; only while everything told before is on disk.
    fn judge_again(&mut self, budget: usize) -> Vec<LiveEvent> {
        let is_behind = !self.unsaved.is_empty() || !self.effects.is_empty();
        if self.engine.again_waiting() == 0 || is_behind {
            return Vec::new();
        }
        let mut past =
            StoredPast { site: &self.settings.site, series: &self.series, ledger: &self.ledger };
        let done = self.engine.judge_again(&mut past, budget, &mut self.effects);
        if done.is_ok() && self.engine.again_waiting() == 0 {
            self.late_seq = None;
        }
        match done.map_err(anyhow::Error::from).and_then(|_| self.commit()) {
            Ok(events) => events,
            Err(error) => {
                self.storage_failed(&error);
                Vec::new()
            }
        }
    }

    /// Up to where the series need not be judged after a restart.
    fn mark(&self) -> u64 {
        self.late_seq.unwrap_or(self.judged_seq).min(self.judged_seq)
    }

    /// On disk, shown, then told: whoever fetches on an event finds what the event says.
    fn publish(&self, events: Vec<LiveEvent>) {
        for event in events {
            self.live.publish(event);
        }
    }

    /// Stores readings, and those that could not be stored before; then their senders may forget
    /// them.
    fn save(&mut self, parts: &[(Origin, &[Reading])]) {
        let over: usize =
            parts.iter().map(|(origin, readings)| self.unsaved.push(*origin, readings)).sum();
        if over > 0 {
            tracing::error!(dropped = over, "readings dropped: the disk fails");
        }
        let (series, judged_seq) = (&self.series, &mut self.judged_seq);
        let saved = self.unsaved.save(|parts| {
            *judged_seq = series.append_all(parts)?;
            Ok::<_, StoreError>(*judged_seq)
        });
        match saved {
            Ok(_) => self.release(),
            Err(error) => self.storage_failed(&error.into()),
        }
    }

    /// Tells the senders that they may forget what they sent.
    fn release(&mut self) {
        for sender in self.waiting.drain(..) {
            // A source that has stopped waiting will be sent the readings again.
            let _gone = sender.send(());
        }
    }

    fn storage_failed(&self, error: &anyhow::Error) {
        let text = format!("{error:#}");
        let mut shown = self.live.shown();
        if shown.storage_error.as_deref() != Some(text.as_str()) {
            tracing::error!(error = %text, "storing failed; readings and warnings wait in memory");
        }
        shown.storage_error = Some(text);
    }

    /// Puts effects on disk and gives what may now be told, in order.
    fn commit(&mut self) -> anyhow::Result<Vec<LiveEvent>> {
        self.look_for_real_gas();
        self.write_versions()?;
        if self.effects.is_empty() && self.audit.is_empty() && self.pulse.is_none() {
            self.ledger.set_mark(self.mark());
            return Ok(std::mem::take(&mut self.untold));
        }
        let (pulse, recorded_at) = (self.pulse, (self.clock)());
        let mark = |Pulse { number, sent_at }| PulseMark { number, sent_at, recorded_at };
        let teller = self.teller.as_ref();
        let messages = teller.map(|teller| teller.messages(&self.effects.warnings, recorded_at));
        let late = teller.map(|teller| teller.late(&self.effects.corrections, recorded_at));
        let step = Step {
            series_seq: self.mark(),
            recorded_at,
            alarms: std::mem::take(&mut self.effects.alarms),
            warnings: std::mem::take(&mut self.effects.warnings),
            corrections: std::mem::take(&mut self.effects.corrections),
            equipment: std::mem::take(&mut self.effects.equipment),
            holds: std::mem::take(&mut self.effects.holds),
            floods: std::mem::take(&mut self.effects.floods),
            messages: messages.unwrap_or_default(),
            late: late.unwrap_or_default(),
            audit: std::mem::take(&mut self.audit),
            pulse: pulse.map(mark),
        };
        let committed = match self.ledger.commit(&step) {
            Ok(committed) => committed,
            Err(error) => {
                // Kept for the next try, which writes them in the same order.
                self.effects = Effects {
                    alarms: step.alarms,
                    warnings: step.warnings,
                    corrections: step.corrections,
                    equipment: step.equipment,
                    holds: step.holds,
                    floods: step.floods,
                };
                self.audit = step.audit;
                return Err(error.into());
            }
        };
        if let (Some(teller), Some(newest)) = (&self.teller, committed.delivery) {
            teller.told(newest);
        }
        self.note_drill(&committed.warnings);
        let offset_s = self.settings.site.utc_offset_s;
        let mut events = std::mem::take(&mut self.untold);
        let pulse = self.pulse.take();
        events.extend(pulse.map(|pulse| self.pulse_recorded(pulse)));
        for (seq, event) in &committed.alarms {
            events.push(LiveEvent::Alarm(views::alarm_event(*seq, event, offset_s)));
        }
        for (seq, correction) in &committed.corrections {
            events.push(LiveEvent::Correction(views::correction(*seq, correction, offset_s)));
        }
        events.extend(committed.warnings.iter().map(|(seq, event)| {
            say_warning(event);
            LiveEvent::Warning(Box::new(views::warning_event(*seq, event, offset_s)))
        }));
        events.extend(life::events(&committed, offset_s));
        Ok(events)
    }

    /// A pulse is on disk: the outbox wakes, and it goes out as a warning does.
    fn pulse_recorded(&self, pulse: Pulse) -> LiveEvent {
        self.live.proof.recorded(pulse);
        if let Some(teller) = &self.teller {
            teller.pulsed();
        }
        LiveEvent::Pulse(proof::view(pulse, self.settings.site.utc_offset_s))
    }

    fn show_health(&self, health: Vec<AnalyzerHealth>) {
        let site = &self.settings.site;
        let mut views = Vec::new();
        {
            let mut shown = self.live.shown();
            for one in health {
                views.extend(views::analyzer_health(site, &one));
                if let Some(slot) = shown.health.get_mut(one.analyzer) {
                    *slot = one;
                }
            }
        }
        self.live.publish(LiveEvent::Health(views));
    }

    fn count(&self, readings: &[Reading]) {
        let counted = self.engine.counters();
        let mut shown = self.live.shown();
        let refused: u64 = shown.health.iter().map(|health| health.refused).sum();
        let counters = &mut shown.counters;
        counters.readings += readings.len() as u64;
        counters.late = counted.late;
        counters.duplicates = counted.duplicates;
        counters.quarantined = counted.quarantined;
        counters.refused = refused + self.unsaved.dropped();
        counters.dropped = self.unsaved.dropped();
        counters.events = self.ledger.newest_seq();
        counters.damaged = self.series.damaged();
    }

    /// Packs finished hours away, sums finished days up and deletes what is over its time, in a
    /// thread of its own: hours of a backlog take seconds, and readings must not wait for them. A
    /// failure is told and tried again at the next turn.
    fn keep_up(&mut self) {
        if self.upkeep.as_ref().is_some_and(|upkeep| !upkeep.is_finished()) {
            return;
        }
        self.end_upkeep();
        if let Err(error) = self.ledger.flush_mark() {
            self.storage_failed(&error.into());
            return;
        }
        let turn = Turn {
            series: Arc::clone(&self.series),
            channels: self.settings.site.channels.len(),
            now: (self.clock)(),
            mark: self.ledger.mark(),
            keep: self.settings.station.history,
            followers: Arc::clone(&self.followers),
        };
        match Upkeep::start(turn) {
            Ok(upkeep) => self.upkeep = Some(upkeep),
            Err(error) => self.storage_failed(&error.into()),
        }
    }

    /// Waits for the upkeep that runs and tells its failure.
    fn end_upkeep(&mut self) {
        match self.upkeep.take().map(Upkeep::end) {
            Some(Ok(Ok(report))) => report.log(),
            Some(Ok(Err(error))) => self.storage_failed(&error.into()),
            Some(Err(_)) => {
                self.storage_failed(&anyhow::anyhow!("upkeep panicked; hint: see the log"));
            }
            None => {}
        }
    }
}

impl Drop for Pipeline {
    /// Whoever opens the stores next must find them closed.
    fn drop(&mut self) {
        self.end_upkeep();
    }
}

fn say_warning(event: &WarningEvent) {
    tracing::warn!(
        warning = %event.warning.id,
        change = ?event.change,
        tier = event.warning.tier.as_str(),
        state = event.warning.state.as_str(),
        "warning"
    );
    calls::say(event);
}
