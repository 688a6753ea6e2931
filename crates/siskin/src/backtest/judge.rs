//! Judges all shards on several threads by every rule set in one pass over the readings.
//!
//! The result depends on the readings and the rules alone, not on the number of threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use siskin_config::Settings;
use siskin_engine::{Counters, Effects, Engine, Rehearsal, RuleSet};
use siskin_model::{AlarmEvent, ChannelId, Reading, RuleId, Site, Timestamp};

use super::episodes::{Book, Episode};
use super::intervals::Interval;
use super::shards::{Cutter, Shard};
use super::source::Source;
use super::watch::Watch;

/// Everything that is judged.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    /// The rule sets; all have the same channels.
    pub(crate) sets: &'a [Settings],
    pub(crate) source: &'a Source,
    pub(crate) shards: &'a [Shard],
    /// What is measured; readings before it fill the windows.
    pub(crate) run: Interval,
    /// Who sees when a level is reached in an incident.
    pub(crate) watch: &'a Watch,
    /// The most episodes one rule set may give.
    pub(crate) episodes_max: usize,
}

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Readings that were handed to the engines.
    pub(crate) readings: u64,
    /// Per rule set, in order of start, channel and rule.
    pub(crate) episodes: Vec<Vec<Episode>>,
    /// Per rule set.
    pub(crate) counters: Vec<Counters>,
    /// When an incident's level was first reached, by place of the incident.
    pub(crate) reached_ms: BTreeMap<usize, i64>,
}

/// Is told how much more is done; an error of it ends the work.
pub(crate) type Progressed<'a> = dyn Fn(u64) -> anyhow::Result<()> + Sync + 'a;

/// Judges all shards on `jobs` threads; `progress` is told how much more is done.
pub(crate) fn judge(
    trial: &Trial<'_>,
    jobs: usize,
    progress: &Progressed<'_>,
) -> anyhow::Result<Judged> {
    let cutters: Vec<_> = trial.sets.iter().map(Cutter::new).collect();
    let next = AtomicUsize::new(0);
    let sum = Mutex::new(Ok(Judged::empty(trial.sets.len())));
    let work = || {
        while let Some(shard) = trial.shards.get(next.fetch_add(1, Ordering::Relaxed)) {
            let part = trial.judge_shard(shard, &cutters, progress);
            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            let added = match (std::mem::replace(&mut *sum, Ok(Judged::default())), part) {
                (Ok(whole), Ok(part)) => whole.plus(part, trial.episodes_max),
                (Err(error), _) | (_, Err(error)) => Err(error),
            };
            *sum = added;
            if sum.is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(trial.shards.len()) {
            scope.spawn(work);
        }
    });
    let mut judged = sum.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    for episodes in &mut judged.episodes {
        episodes.sort_unstable();
    }
    Ok(judged)
}

impl Judged {
    fn empty(sets: usize) -> Self {
        Self {
            episodes: vec![Vec::new(); sets],
            counters: vec![Counters::default(); sets],
            ..Self::default()
        }
    }

    /// Sums and unions only: the order of shards does not matter.
    fn plus(mut self, part: Self, episodes_max: usize) -> anyhow::Result<Self> {
        self.readings += part.readings;
        for (whole, part) in self.episodes.iter_mut().zip(part.episodes) {
            whole.extend(part);
            anyhow::ensure!(
                whole.len() <= episodes_max,
                "a rule set gives more than {episodes_max} alarms; hint: take a shorter range"
            );
        }
        for (whole, part) in self.counters.iter_mut().zip(part.counters) {
            *whole = plus(*whole, part);
        }
        for (incident, at_ms) in part.reached_ms {
            let first_ms = self.reached_ms.entry(incident).or_insert(at_ms);
            *first_ms = at_ms.min(*first_ms);
        }
        Ok(self)
    }
}

fn plus(a: Counters, b: Counters) -> Counters {
    Counters {
        judged: a.judged + b.judged,
        not_judged: a.not_judged + b.not_judged,
        duplicates: a.duplicates + b.duplicates,
        quarantined: a.quarantined + b.quarantined,
        unknown_channel: a.unknown_channel + b.unknown_channel,
        held_full: a.held_full + b.held_full,
        late: a.late + b.late,
        window_full: a.window_full + b.window_full,
    }
}

/// One rule set on one shard.
struct Bench {
    judge: Judge,
    book: Book,
    /// The shard's channels; only those it owns.
    places: BTreeMap<ChannelId, u32>,
    rules: BTreeMap<RuleId, u32>,
}

enum Judge {
    /// Channels in order: nothing needs to wait, nothing is kept.
    Stream(Box<Engine>, Effects),
    /// Readings as they arrived: late ones are judged again.
    Arrivals(Box<Rehearsal>),
}

impl Trial<'_> {
    fn judge_shard(
        &self,
        shard: &Shard,
        cutters: &[Cutter<'_>],
        progress: &Progressed<'_>,
    ) -> anyhow::Result<Judged> {
        let mut judged = Judged::empty(self.sets.len());
        let bench = |cutter: &Cutter<'_>| self.bench(shard, cutter.cut(shard));
        let mut benches = cutters.iter().map(bench).collect::<anyhow::Result<Vec<_>>>()?;
        let mut watch = self.watch.of(shard);
        self.source.feed(shard, &mut |piece, units| {
            let piece = self.before_end(piece);
            judged.readings += piece.len() as u64;
            for bench in &mut benches {
                bench.readings(&piece);
                anyhow::ensure!(
                    bench.book.len() <= self.episodes_max,
                    "a shard gives more than {} alarms; hint: take a shorter range",
                    self.episodes_max
                );
            }
            watch.look(&piece);
            progress(units)
        })?;
        judged.reached_ms = watch.reached_ms();
        for (place, bench) in benches.into_iter().enumerate() {
            let (episodes, counters) = bench.finish(Timestamp::from_millis(self.run.end_ms));
            if let (Some(all), Some(counted)) =
                (judged.episodes.get_mut(place), judged.counters.get_mut(place))
            {
                all.extend(episodes.into_iter().filter_map(|episode| self.in_run(episode, shard)));
                *counted = counters;
            }
        }
        Ok(judged)
    }

    fn bench(&self, shard: &Shard, (mut site, rules): (Site, RuleSet)) -> anyhow::Result<Bench> {
        let owned = (0u32..).zip(&site.channels).take(shard.owned);
        let places = owned.map(|(place, channel)| (channel.id.clone(), place)).collect();
        let ids = (0u32..).zip(&rules.rules).map(|(place, rule)| (rule.id.clone(), place));
        let ids = ids.collect();
        let judge = if self.source.is_in_order(shard) {
            for analyzer in &mut site.analyzers {
                analyzer.reorder_window_ms = 0;
            }
            let mut engine = Engine::new(&site, &rules)?;
            if let Source::Stored { from, .. } = self.source {
                engine.expect_since(*from);
            }
            Judge::Stream(Box::new(engine), Effects::default())
        } else {
            Judge::Arrivals(Box::new(Rehearsal::new(&site, &rules)?))
        };
        Ok(Bench { judge, book: Book::default(), places, rules: ids })
    }

    /// What lies before the end of the run.
    fn before_end<'p>(&self, piece: &'p [Reading]) -> std::borrow::Cow<'p, [Reading]> {
        let end = Timestamp::from_millis(self.run.end_ms);
        if piece.iter().all(|reading| reading.measured_at <= end) {
            return piece.into();
        }
        piece.iter().copied().filter(|reading| reading.measured_at <= end).collect()
    }

    /// An episode that reaches into the run, with the site's number of its channel.
    fn in_run(&self, episode: Episode, shard: &Shard) -> Option<Episode> {
        let channel = shard.channels.get(episode.channel as usize).copied()?;
        let time = episode.time(self.run);
        let reaches = time.end_ms >= self.run.start_ms && time.start_ms <= self.run.end_ms;
        reaches.then_some(Episode { channel, ..episode })
    }
}

impl Bench {
    fn readings(&mut self, piece: &[Reading]) {
        match &mut self.judge {
            Judge::Stream(engine, effects) => {
                engine.readings(piece, effects);
                enter(&mut self.book, &self.places, &self.rules, &effects.alarms);
                effects.clear();
            }
            Judge::Arrivals(rehearsal) => rehearsal.arrive(piece),
        }
    }

    /// The clock stands at the end of the run: silence up to there is seen.
    fn finish(mut self, end: Timestamp) -> (Vec<Episode>, Counters) {
        let (alarms, counters) = match self.judge {
            Judge::Stream(mut engine, mut effects) => {
                engine.tick(end, &mut effects);
                engine.finish(&mut effects);
                (effects.alarms, engine.counters())
            }
            Judge::Arrivals(mut rehearsal) => {
                rehearsal.tick(end);
                let outcome = rehearsal.finish();
                (outcome.alarms, outcome.counters)
            }
        };
        enter(&mut self.book, &self.places, &self.rules, &alarms);
        (self.book.done(), counters)
    }
}

fn enter(
    book: &mut Book,
    places: &BTreeMap<ChannelId, u32>,
    rules: &BTreeMap<RuleId, u32>,
    alarms: &[AlarmEvent],
) {
    for event in alarms {
        let channel = places.get(&event.alarm.channel);
        if let (Some(channel), Some(rule)) = (channel, rules.get(&event.alarm.rule)) {
            book.take(*channel, *rule, event);
        }
    }
}

/// How many threads: as asked, else one for each core.
pub(crate) fn jobs(asked: Option<std::num::NonZeroUsize>) -> anyhow::Result<usize> {
    if let Some(asked) = asked {
        return Ok(asked.get());
    }
    let cores = std::thread::available_parallelism();
    Ok(cores.context("cannot count the cores; hint: say how many with --jobs")?.get())
}
