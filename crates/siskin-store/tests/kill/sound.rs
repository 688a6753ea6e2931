//! What `siskin verify` says of a folder that a killed process left, and that it does say so
//! where something is wrong: a harness that cannot fail shows nothing.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use siskin_store::verify::{Place, verify};

use crate::kill::{Point, Said, check, killed};

/// Looks through both files; an error is what is damaged. Gives how long it took.
pub(crate) fn sound(dir: &Path) -> Result<Duration, String> {
    let began = Instant::now();
    let checked = verify(dir).map_err(|error| error.to_string())?;
    let took = began.elapsed();
    if checked.is_clean() {
        return Ok(took);
    }
    let damage = checked.files.iter().flat_map(|file| &file.damage);
    Err(damage.map(|one| format!("{one:?}")).collect::<Vec<_>>().join("\n"))
}

/// A copy of what was left: looking at it changes nothing of what is opened afterwards, not even
/// the index of the journal. Locks are not copied.
pub(crate) fn copied(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["series.db", "series.db-wal", "ledger.db", "ledger.db-wal"] {
        if dir.join(name).is_file() {
            fs::copy(dir.join(name), copy.path().join(name)).unwrap();
        }
    }
    copy
}

/// What was left by a child that had rolled and packed a day when it was killed. A day is over
/// after 144 acknowledgements, and no reading of it is trimmed before the next one is.
fn left() -> (tempfile::TempDir, Said) {
    let dir = tempfile::tempdir().unwrap();
    let said = killed(dir.path(), Point::After(190));
    (dir, said)
}

fn change(dir: &Path, file: &str, sql: &str) {
    let db = Connection::open(dir.join(file)).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "`{sql}` changed nothing");
}

/// Another byte in the middle of the journal, in the head of a frame and thus in its checksum.
fn change_journal(dir: &Path) {
    const HEAD: usize = 32;
    const FRAME: usize = 24 + 4096;
    let path = dir.join("series.db-wal");
    let mut bytes = fs::read(&path).unwrap();
    let frames = (bytes.len() - HEAD) / FRAME;
    assert!(frames > 2, "a journal of {frames} frames");
    bytes[HEAD + frames / 2 * FRAME + 24 + 100] ^= 0x10;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn damage_is_told() {
    let (dir, _) = left();
    let clean = copied(dir.path());
    sound(clean.path()).unwrap();
    let check = |damage: &dyn Fn(&Path), expected: &str| {
        let copy = copied(dir.path());
        damage(copy.path());
        let told = sound(copy.path()).unwrap_err();
        assert!(told.contains(expected), "`{expected}` is not in: {told}");
    };
    let series = |sql: &'static str| move |dir: &Path| change(dir, "series.db", sql);
    let shorter = "UPDATE chunk SET body = substr(body, 1, length(body) - 1)
                   WHERE rowid = (SELECT max(rowid) FROM chunk)";
    check(&series(shorter), "Hour { channel: \"at-");
    let fewer = "UPDATE chunk SET readings = readings - 1
                 WHERE rowid = (SELECT max(rowid) FROM chunk)";
    check(&series(fewer), "not those its row says");
    let batch = "UPDATE batch SET body = zeroblob(length(body))
                 WHERE seq = (SELECT max(seq) FROM batch)";
    check(&series(batch), "Batch(");
    let moved = "UPDATE chunk SET part = part + 1 WHERE rowid = (SELECT max(rowid) FROM chunk)";
    check(&series(moved), "lack a part");
    let of_day = "UPDATE day_chunk SET body = substr(body, 1, length(body) - 1)
                  WHERE rowid = (SELECT max(rowid) FROM day_chunk)";
    check(&series(of_day), "Day { channel: \"at-");
    let mark = |dir: &Path| change(dir, "ledger.db", "UPDATE mark SET series_seq = 1000000");
    check(&mark, &format!("{:?}", Place::Mark));
    check(&change_journal, "Journal(");
}

/// What no look at the file alone can know: a whole packed day is gone.
#[test]
#[should_panic(expected = "a lost day: channel")]
fn a_lost_day_is_seen() {
    let (dir, said) = left();
    let lost = "DELETE FROM day_chunk WHERE rowid = (SELECT max(rowid) FROM day_chunk)";
    change(dir.path(), "series.db", lost);
    check(dir.path(), &said, 0, "a lost day");
}

/// What no look at the file alone can know: a whole chunk is gone.
#[test]
#[should_panic(expected = "a lost chunk: channel")]
fn a_lost_chunk_is_seen() {
    let (dir, said) = left();
    let lost = "DELETE FROM chunk WHERE rowid = (SELECT max(rowid) FROM chunk WHERE part = 0)";
    change(dir.path(), "series.db", lost);
    check(dir.path(), &said, 0, "a lost chunk");
}
