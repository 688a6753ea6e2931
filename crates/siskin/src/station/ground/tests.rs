//! Map files that are whole, broken in one place each, or lie elsewhere.

use std::sync::LazyLock;

use siskin_api::MapContent as _;
use siskin_config::{Settings, SiteMap};
use siskin_model::Text;

use super::{FILE_BYTES_MAX, Ground, HEADER_BYTES, of};
use crate::files;

const NAME: &str = "map.pmtiles";

/// The demo park with a map file; read once.
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let settings = siskin_config::load(&files::demo_park()).unwrap();
    assert_eq!(settings.site.origin, Some((37.0, 112.0)));
    let attribution = Text::new("某人", "somebody");
    let named_at = "site.toml:7:11".to_owned();
    Settings { map: Some(SiteMap { pmtiles: NAME.to_owned(), attribution, named_at }), ..settings }
});

/// Parts of ten million of a degree: around the demo park's origin, and three degrees east of it.
const BELOW: [i32; 4] = [1_119_000_000, 369_000_000, 1_121_000_000, 371_000_000];
const EAST: [i32; 4] = [1_149_000_000, 369_000_000, 1_151_000_000, 371_000_000];

/// A header of version 3 with vector tiles in gzip, a root directory of 100 bytes behind it.
fn sound(corners: [i32; 4]) -> Vec<u8> {
    let mut bytes = vec![0; 300];
    bytes[..8].copy_from_slice(b"PMTiles\x03");
    let mut number = |at: usize, value: u64| {
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    };
    number(8, 127);
    number(16, 100);
    number(56, 227);
    number(64, 73);
    (bytes[97], bytes[98], bytes[99]) = (2, 2, 1);
    for (at, parts) in [102, 106, 110, 114].into_iter().zip(corners) {
        bytes[at..at + 4].copy_from_slice(&parts.to_le_bytes());
    }
    bytes
}

fn looked(content: &[u8]) -> Result<Option<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(NAME), content).unwrap();
    of(&SETTINGS, Some(folder.path())).unwrap().look(&SETTINGS)
}

fn refused(change: impl Fn(&mut Vec<u8>), expected: &str) {
    let mut bytes = sound(BELOW);
    change(&mut bytes);
    let why = looked(&bytes).unwrap_err();
    assert!(why.starts_with("site.toml:7:11: the map file `"), "{why}");
    assert!(why.contains(expected) && why.contains("; hint: ") && why.contains("底图"), "{why}");
}

#[test]
fn a_sound_file_below_the_park_is_silent_and_one_elsewhere_is_noted() {
    assert_eq!(looked(&sound(BELOW)), Ok(None));
    let note = looked(&sound(EAST)).unwrap().unwrap();
    assert!(note.starts_with("site.toml:7:11: note: ") && note.contains("GCJ-02"), "{note}");
}

#[test]
fn a_file_that_is_broken_says_how_and_where_it_is_named() {
    refused(|bytes| bytes[0] = b'Q', "does not begin as a PMTiles file");
    refused(|bytes| bytes[7] = 2, "version 2, not 3");
    refused(|bytes| bytes.truncate(299), "more than its 299 bytes");
    refused(|bytes| bytes[63] = 0xff, "more than its 300 bytes");
    refused(|bytes| bytes.truncate(HEADER_BYTES - 1), "less than the 127 of a header");
    refused(Vec::clear, "it has 0 bytes");
    refused(|bytes| bytes[16] = 0, "contradicts itself");
    refused(|bytes| bytes.copy_within(102..106, 110), "contradicts itself");
    refused(|bytes| bytes[99] = 2, "pictures, not vector tiles");
    refused(|bytes| bytes[97] = 4, "other than gzip");
    refused(|bytes| bytes[98] = 3, "other than gzip");
}

#[test]
fn a_root_directory_that_readers_would_not_find_is_refused() {
    let far = |bytes: &mut Vec<u8>| {
        bytes.resize(20_000, 0);
        bytes[8..16].copy_from_slice(&16_300_u64.to_le_bytes());
    };
    refused(far, "contradicts itself");
}

#[test]
fn what_is_no_file_or_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ground = of(&SETTINGS, Some(folder.path())).unwrap();
    let why = ground.look(&SETTINGS).unwrap_err();
    assert!(why.contains("cannot be read"), "{why}");
    let file = std::fs::File::create(folder.path().join(NAME)).unwrap();
    file.set_len(FILE_BYTES_MAX + 1).unwrap();
    let why = ground.look(&SETTINGS).unwrap_err();
    assert!(why.contains("more than 1073741824"), "{why}");
    std::fs::remove_file(folder.path().join(NAME)).unwrap();
    std::fs::create_dir(folder.path().join(NAME)).unwrap();
    let why = ground.look(&SETTINGS).unwrap_err();
    assert!(why.contains("not a file"), "{why}");
}

#[test]
fn another_file_under_the_name_has_another_tag_and_the_open_one_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    std::fs::write(&path, sound(BELOW)).unwrap();
    let ground = Ground { path: path.clone(), named_at: String::new() };
    let first = ground.open().unwrap();
    assert_eq!(ground.open().unwrap().tag, first.tag);
    std::fs::write(folder.path().join("new"), sound(EAST)).unwrap();
    std::fs::rename(folder.path().join("new"), &path).unwrap();
    let second = ground.open().unwrap();
    assert_ne!(second.tag, first.tag);
    let mut both = [[0; HEADER_BYTES]; 2];
    first.read_at(0, &mut both[0]).unwrap();
    second.read_at(0, &mut both[1]).unwrap();
    assert_eq!(both[0], sound(BELOW)[..HEADER_BYTES]);
    assert_eq!(both[1], sound(EAST)[..HEADER_BYTES]);
    assert!(first.read_at(300, &mut [0]).is_err(), "nothing stands behind its end");
}
