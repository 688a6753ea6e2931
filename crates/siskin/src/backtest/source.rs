//! Where a backtest's readings come from: a file, a station's store, or a workload made on the fly.
//!
//! A shard's readings are handed out in pieces, in order of time where each channel is in order (so
//! memory stays bounded), else in order of arrival. Must never drop a reading of the range.

use std::path::Path;

use anyhow::Context;
use siskin_model::{ChannelIndex, Reading, Site, Timestamp};
use siskin_sim::workload::{ChannelWorkload, START_MS};
use siskin_store::series::SeriesReader;
use siskin_store::{ChannelKey, Series};

use super::shards::Shard;
use crate::readings_file::Recorded;

/// Readings of a file that are handed out at once.
const PIECE_READINGS: usize = 1 << 14;
/// How much of a workload's channel is made at once.
const PIECE_SECONDS: u32 = 1 << 13;
/// How much of a store's channel is read at once.
const PIECE_MS: i64 = 3_600_000;

/// The readings of a run.
#[derive(Debug)]
pub(crate) enum Source {
    /// From a file: per channel, in order of arrival, each with its place in the file.
    Recorded {
        /// By channel.
        channels: Vec<Vec<(u32, Reading)>>,
        /// Whether a channel's stamps rise strictly.
        in_order: Vec<bool>,
    },
    /// From a station's data folder.
    Stored {
        /// Beside the station.
        reader: Box<SeriesReader>,
        /// From where on readings are read: the windows fill before the range begins.
        from: Timestamp,
        /// Up to where.
        to: Timestamp,
    },
    /// Made on the fly.
    Generated {
        /// Of the whole workload.
        seed: u64,
        /// Its length.
        seconds: u32,
    },
}

/// Takes a piece of readings (with the shard's places as channels) and how much of
/// [`Source::units`] it stands for.
pub(crate) type Take<'a> = dyn FnMut(&[Reading], u64) -> anyhow::Result<()> + 'a;

impl Source {
    /// Readings of a file, sorted by channel.
    pub(crate) fn recorded(file: Recorded) -> anyhow::Result<Self> {
        let mut channels = vec![Vec::new(); file.channels.len()];
        for (place, reading) in file.readings.into_iter().enumerate() {
            let place = u32::try_from(place).context("more readings than can be numbered")?;
            if let Some(channel) = channels.get_mut(reading.channel.get()) {
                channel.push((place, reading));
            }
        }
        let rises = |readings: &Vec<(u32, Reading)>| {
            readings.windows(2).all(|pair| match pair {
                [(_, a), (_, b)] => a.measured_at < b.measured_at,
                _ => true,
            })
        };
        let in_order = channels.iter().map(rises).collect();
        Ok(Self::Recorded { channels, in_order })
    }

    /// The stored readings of `[from, to)`.
    pub(crate) fn stored(
        folder: &Path,
        site: &Site,
        from: Timestamp,
        to: Timestamp,
    ) -> anyhow::Result<Self> {
        let key = |channel: &siskin_model::site::Channel| ChannelKey {
            id: channel.id.clone(),
            quantity: channel.quantity.as_str().to_owned(),
            unit: channel.unit,
        };
        let keys: Vec<_> = site.channels.iter().map(key).collect();
        let reader = Series::open_read_only(folder, &keys)?;
        let known = site.indexed().filter(|(index, _)| reader.knows(*index)).count();
        anyhow::ensure!(
            known > 0,
            "the store in `{}` has none of the site's channels; \
             hint: name the data folder of this site",
            folder.display()
        );
        Ok(Self::Stored { reader: Box::new(reader), from, to })
    }

    /// First and last stamp of what there is; none of an empty file.
    pub(crate) fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Recorded { channels, .. } => {
                let stamps = || channels.iter().flatten().map(|(_, reading)| reading.measured_at);
                Some((stamps().min()?, stamps().max()?))
            }
            Self::Stored { from, to, .. } => Some((*from, *to)),
            Self::Generated { seconds, .. } => {
                let from = Timestamp::from_millis(START_MS);
                Some((from, from.plus_ms((i64::from(*seconds) - 1) * 1000)))
            }
        }
    }

    /// How much work all shards are together: readings of a file, else channel-milliseconds.
    pub(crate) fn units(&self, shards: &[Shard]) -> u64 {
        let heard = shards.iter().map(|shard| shard.channels.len() as u64).sum::<u64>();
        match self {
            Self::Recorded { channels, .. } => {
                let of = |channel: &u32| channels.get(*channel as usize).map_or(0, Vec::len) as u64;
                shards.iter().flat_map(|shard| &shard.channels).map(of).sum()
            }
            Self::Stored { from, to, .. } => heard * to.since_ms(*from).unsigned_abs(),
            Self::Generated { seconds, .. } => heard * u64::from(*seconds) * 1000,
        }
    }

    /// Whether each channel of the shard comes in order of time, each stamp once.
    pub(crate) fn is_in_order(&self, shard: &Shard) -> bool {
        let Self::Recorded { in_order, .. } = self else { return true };
        let rises = |channel: &u32| in_order.get(*channel as usize).copied().unwrap_or(true);
        shard.channels.iter().all(rises)
    }

    /// Hands out the shard's readings.
    pub(crate) fn feed(&self, shard: &Shard, take: &mut Take<'_>) -> anyhow::Result<()> {
        match self {
            Self::Recorded { channels, .. } => {
                let of_file = of_file(channels, shard, self.is_in_order(shard));
                for piece in of_file.chunks(PIECE_READINGS) {
                    take(piece, piece.len() as u64)?;
                }
                Ok(())
            }
            Self::Stored { reader, from, to } => of_store(reader, (*from, *to), shard, take),
            Self::Generated { seed, seconds } => of_workload(*seed, *seconds, shard, take),
        }
    }
}

fn of_file(channels: &[Vec<(u32, Reading)>], shard: &Shard, in_order: bool) -> Vec<Reading> {
    let mut found: Vec<(u32, Reading)> = Vec::new();
    for (place, channel) in (0u32..).map(ChannelIndex).zip(&shard.channels) {
        let readings = channels.get(*channel as usize).into_iter().flatten();
        found.extend(readings.map(|(at, reading)| (*at, Reading { channel: place, ..*reading })));
    }
    if in_order {
        found.sort_by_key(|(_, reading)| reading.measured_at);
    } else {
        found.sort_by_key(|(arrival, _)| *arrival);
    }
    found.into_iter().map(|(_, reading)| reading).collect()
}

fn of_store(
    reader: &SeriesReader,
    (from, to): (Timestamp, Timestamp),
    shard: &Shard,
    take: &mut Take<'_>,
) -> anyhow::Result<()> {
    let mut begin = from;
    while begin < to {
        let end = begin.plus_ms(PIECE_MS).min(to);
        let mut piece = Vec::new();
        for (place, channel) in (0u32..).map(ChannelIndex).zip(&shard.channels) {
            let readings = reader.range(ChannelIndex(*channel), begin, end)?;
            piece.extend(readings.into_iter().map(|r| Reading { channel: place, ..r }));
        }
        piece.sort_by_key(|reading| reading.measured_at);
        take(&piece, shard.channels.len() as u64 * end.since_ms(begin).unsigned_abs())?;
        begin = end;
    }
    Ok(())
}

fn of_workload(seed: u64, seconds: u32, shard: &Shard, take: &mut Take<'_>) -> anyhow::Result<()> {
    let places = (0u32..).map(ChannelIndex).zip(&shard.channels);
    let made =
        |(place, number): (ChannelIndex, &u32)| ChannelWorkload::new(seed, *number, place, seconds);
    let mut channels: Vec<_> = places.map(made).collect();
    let mut piece = Vec::new();
    let mut done = 0;
    while done < seconds {
        piece.clear();
        for channel in &mut channels {
            channel.fill(PIECE_SECONDS, &mut piece);
        }
        if channels.len() > 1 {
            piece.sort_by_key(|reading| reading.measured_at);
        }
        let more = PIECE_SECONDS.min(seconds - done);
        done += more;
        take(&piece, channels.len() as u64 * u64::from(more) * 1000)?;
    }
    Ok(())
}
