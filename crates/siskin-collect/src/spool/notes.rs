//! What a spool knows beside its batches: its name, its channels, its losses. A small JSON file,
//! replaced as a whole, so that it is the old one or the new one after a kill at any moment.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use siskin_model::ChannelId;
use siskin_wire::link::{CHANNELS_MAX, Gap, GapCause};

use super::{GAPS_MAX, SpoolError};

const FILE: &str = "spool.json";

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notes {
    pub(super) name: String,
    pub(super) channels: Vec<ChannelId>,
    pub(super) dropped: u64,
    pub(super) thinned: u64,
    /// Losses that the station has not noted.
    pub(super) gaps: Vec<Gap>,
    /// What the disk never took; it gets a number with the next write.
    #[serde(default)]
    pub(super) unwritten: Option<Gap>,
}

impl Notes {
    /// Those in `folder`, or new ones, with `channels` among theirs.
    pub(super) fn open(
        folder: &Path,
        channels: &[ChannelId],
        entropy: u128,
    ) -> Result<Self, SpoolError> {
        let path = folder.join(FILE);
        let mut notes = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| SpoolError::Foreign {
                path: path.display().to_string(),
                why: error.to_string(),
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Self::new(entropy),
            Err(source) => return Err(failed("read", &path)(source)),
        };
        for channel in channels {
            if !notes.channels.contains(channel) {
                notes.channels.push(channel.clone());
            }
        }
        if notes.channels.len() > CHANNELS_MAX {
            return Err(SpoolError::Channels(notes.channels.len()));
        }
        notes.save(folder)?;
        Ok(notes)
    }

    fn new(entropy: u128) -> Self {
        let (name, channels, gaps) = (format!("{entropy:032x}"), Vec::new(), Vec::new());
        Self { name, channels, dropped: 0, thinned: 0, gaps, unwritten: None }
    }

    pub(super) fn save(&self, folder: &Path) -> Result<(), SpoolError> {
        let text = serde_json::to_vec(self).map_err(|error| SpoolError::Foreign {
            path: FILE.to_owned(),
            why: error.to_string(),
        })?;
        replace(folder, FILE, &text)
    }

    /// Adds a loss; where there are too many, the two oldest of a kind become one. What is older
    /// than a dropped batch is gone too, so such a range holds nothing that could still come;
    /// damage is anywhere and is never joined over what is sound.
    pub(super) fn lost(&mut self, gap: Gap) {
        if self.gaps.contains(&gap) {
            // Damage is found anew at every start.
            return;
        }
        if let Some(last) = self.gaps.last_mut()
            && last.why == gap.why
            && last.until_seq == gap.from_seq
        {
            *last = joined(last, &gap);
            return;
        }
        self.gaps.push(gap);
        if self.gaps.len() > GAPS_MAX {
            let joins = |gap: &Gap| gap.why != GapCause::Damaged;
            let Some(at) = self.gaps.iter().position(joins) else { return };
            let first = self.gaps.remove(at);
            match self.gaps.iter_mut().find(|gap| gap.why == first.why) {
                Some(next) => *next = joined(&first, next),
                None => self.gaps.push(first),
            }
        }
    }
}

pub(super) fn joined(a: &Gap, b: &Gap) -> Gap {
    Gap {
        from_seq: a.from_seq.min(b.from_seq),
        until_seq: a.until_seq.max(b.until_seq),
        readings: a.readings.saturating_add(b.readings),
        from_ms: a.from_ms.min(b.from_ms),
        to_ms: a.to_ms.max(b.to_ms),
        why: a.why,
    }
}

/// Puts `bytes` under `name` in one step that survives a loss of power.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SpoolError> {
    let (path, fresh) = (folder.join(name), folder.join(format!("{name}.new")));
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written {
        // On a full disk half a file would only be in the way.
        let _not_made = fs::remove_file(&fresh);
        return Err(failed("write", &fresh)(error));
    }
    fs::rename(&fresh, &path).map_err(failed("rename", &fresh))?;
    sync_folder(folder)
}

/// Makes names of files durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), SpoolError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed("sync", folder))
}

pub(super) fn failed(act: &'static str, path: &Path) -> impl Fn(std::io::Error) -> SpoolError {
    let path = path.display().to_string();
    move |source| SpoolError::Disk { act, path: path.clone(), source }
}
