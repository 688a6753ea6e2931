//! The map's file: looked at before it is used, opened for each request, so that another file under
//! the same name is taken without a restart.
//!
//! Must never keep a station from starting: a park is guarded without a map too. Must never open
//! anything but the path that the site names.

mod fault;
mod header;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use siskin_api::{BackendError, Map, MapContent, MapFault, MapFile};
use siskin_config::{Settings, SiteMap};
use siskin_model::Text;

use self::fault::GroundFault;
use self::header::{Bounds, HEADER_BYTES, Header};
use super::backend::StationBackend;

/// The largest file that is given: a province in full detail is smaller, a park some megabytes.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Metres of a degree of latitude, on a sphere of 6,371 km, as the page draws the park.
const DEGREE_M: f64 = 111_195.0;

/// The map's file of a site.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    path: PathBuf,
    named_at: String,
}

/// The file that the site names, from its `folder` on; none where it names none.
pub(crate) fn of(settings: &Settings, folder: Option<&Path>) -> Option<Ground> {
    let SiteMap { pmtiles, named_at, .. } = settings.map.as_ref()?;
    let path = folder.unwrap_or(Path::new(".")).join(pmtiles);
    Some(Ground { path, named_at: named_at.clone() })
}

/// Looks at it for a station that starts, which is told of what is wrong and goes on.
pub(super) fn at_start(settings: &Settings, folder: Option<&Path>) {
    match of(settings, folder).map(|ground| ground.look(settings)) {
        Some(Err(why)) => tracing::error!(why, "the page's map has no ground of the world"),
        Some(Ok(Some(note))) => tracing::warn!(note, "the park lies outside of its map file"),
        Some(Ok(None)) | None => {}
    }
}

impl Ground {
    /// Looks at the file's header, and gives a note where the park does not lie in it.
    pub(crate) fn look(&self, settings: &Settings) -> Result<Option<String>, String> {
        let header = self.header().map_err(|fault| {
            let Text { zh, en } = fault.text(&self.path);
            format!("{}: {en} · {zh}", self.named_at)
        })?;
        let park = park(settings);
        let is_below = park.is_none_or(|park| header.bounds.contain(&park));
        Ok((!is_below).then(|| {
            let Text { zh, en } = fault::elsewhere(&self.path, &header.bounds);
            format!("{}: note: {en} · {zh}", self.named_at)
        }))
    }

    fn header(&self) -> Result<Header, GroundFault> {
        let opened = self.open()?;
        let mut bytes = [0; HEADER_BYTES];
        opened.file.read_exact_at(&mut bytes, 0).map_err(GroundFault::Unreadable)?;
        Header::read(&bytes, opened.bytes)
    }

    fn open(&self) -> Result<Opened, GroundFault> {
        // Looked at first: opening a pipe would wait for its other end.
        let found = fs::metadata(&self.path).map_err(GroundFault::Unreadable)?;
        if !found.is_file() {
            return Err(GroundFault::NoFile);
        }
        let file = File::open(&self.path).map_err(GroundFault::Unreadable)?;
        let found = file.metadata().map_err(GroundFault::Unreadable)?;
        match found.len() {
            bytes if bytes < HEADER_BYTES as u64 => Err(GroundFault::Short { bytes }),
            bytes if bytes > FILE_BYTES_MAX => Err(GroundFault::Large { bytes }),
            bytes => {
                let (ino, s, ns) = (found.ino(), found.mtime(), found.mtime_nsec());
                Ok(Opened { file, bytes, tag: format!("{ino:x}-{s:x}-{ns:x}-{bytes:x}") })
            }
        }
    }
}

#[derive(Debug)]
struct Opened {
    file: File,
    bytes: u64,
    tag: String,
}

impl MapContent for Opened {
    fn read_at(&self, from: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, from)
    }
}

impl Map for StationBackend {
    fn map_file(&self) -> Result<MapFile, BackendError> {
        let folder = self.rules.texts.folder.as_deref();
        let ground = of(&self.settings, folder).ok_or(MapFault::NoFile)?;
        let opened = ground.open().map_err(|fault| MapFault::Unusable(fault.to_string()))?;
        let (bytes, tag) = (opened.bytes, opened.tag.clone());
        Ok(MapFile { bytes, tag, content: Arc::new(opened) })
    }
}

/// The box around the park's areas and analyzers; none without an origin or without places.
fn park(settings: &Settings) -> Option<Bounds> {
    let site = &settings.site;
    let (latitude, longitude) = site.origin?;
    let across = DEGREE_M * latitude.to_radians().cos();
    let outlines = site.areas.iter().flat_map(|area| &area.outline);
    let places = outlines.chain(site.analyzers.iter().map(|analyzer| &analyzer.position));
    let boxes = places.map(|at| {
        let (lat, lon) = (latitude + at.y_m / DEGREE_M, longitude + at.x_m / across);
        Bounds { west: lon, south: lat, east: lon, north: lat }
    });
    boxes.reduce(|all, one| all.with(&one))
}
