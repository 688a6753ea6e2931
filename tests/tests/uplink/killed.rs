//! `kill -9` at random points of an uplink: before a message goes out, between it and its answer,
//! after its answer, while periods are made up for and while a request is answered. Nothing is
//! lost; what comes twice comes under its QN, to the letter, so that the centre can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::moment;
use e2e::process::say;
use e2e::station::Station;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::centre::{Call, Centre, Request, Said, accepted, line};
use crate::history::{HOUR_MS, OFFSET_MS, local};
use crate::peer::{Peer, frame};
use crate::place::{LOGGER_MN, Place, mn};
use crate::{QN, book, strict};

/// Kills where nobody asks for more (`SISKIN_KILLS`): one at each point.
const KILLS: u32 = 6;
const SEED: u64 = 20_261_129;
/// Messages that are answered in one life of the station.
const MESSAGES_MAX: u32 = 20;
/// The longest wait before a kill that has no message as its sign.
const KILL_MS_MAX: u64 = 60;
/// Minutes that wait for each kill, each with two real-time moments …
const WAITING: i64 = 12;
/// … and at most: a station makes up for a day of real-time data.
const WAITING_MAX: i64 = 1400;
/// Hours that a centre asks for.
const ASKED_HOURS: i64 = 48;

/// Where a station is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    /// Before the centre takes its call.
    Early,
    /// A message is heard and not answered.
    Heard,
    /// Half of its answer is said.
    Half,
    /// Its answer is said.
    Answered,
    /// Some time after it: while it is written down, while the next one is made or sent.
    Later,
    /// While what a request asked for comes.
    Asked,
}

const POINTS: [Point; 6] =
    [Point::Heard, Point::Asked, Point::Answered, Point::Half, Point::Later, Point::Early];

/// What the centre knows.
#[derive(Default)]
struct Known {
    /// Every frame by its QN.
    frames: BTreeMap<String, Said>,
    /// The QN of each moment and period that was not asked for.
    due: BTreeMap<(String, String), String>,
    /// QNs that were accepted.
    accepted: BTreeSet<String>,
    /// Frames that came once more, and those of them that were accepted before.
    again: u32,
    again_accepted: u32,
}

impl Known {
    fn take(&mut self, said: &Said) -> Result<()> {
        let qn = said.field("QN").to_owned();
        if let Some(before) = self.frames.insert(qn.clone(), said.clone()) {
            ensure!(before == *said, "another frame under one QN: {} {}", before.data, said.data);
            self.again += 1;
            self.again_accepted += u32::from(self.accepted.contains(&qn));
        }
        // Hours are only asked for.
        if said.cn() != "2061" {
            let time = said.cp().split(';').next().unwrap_or_default().to_owned();
            let known = self.due.insert((said.cn().to_owned(), time), qn.clone());
            ensure!(known.is_none_or(|known| known == qn), "twice: {}", said.data);
        }
        Ok(())
    }
}

/// One life of a station, up to its end at `point`.
fn live(
    centre: &Centre,
    station: Station,
    point: Point,
    random: &mut StdRng,
    known: &mut Known,
) -> Result<()> {
    let wait = Duration::from_millis(random.random_range(0..KILL_MS_MAX));
    if point == Point::Early {
        // The moment is the point: the wait synchronises nothing.
        std::thread::sleep(wait);
        return station.kill();
    }
    let mut call = centre.call()?;
    if point == Point::Asked {
        begin_request(&mut call)?;
    }
    let mut left = random.random_range(0..MESSAGES_MAX);
    loop {
        let said = call.hear()?;
        if ["9011", "9012"].contains(&said.cn()) {
            continue;
        }
        // What was asked for ends with the line on which it was asked for.
        ensure!(said.cn() != "2061" || point == Point::Asked, "not asked for: {}", said.data);
        known.take(&said)?;
        let is_point = left == 0 && (point != Point::Asked || said.cn() == "2061");
        left = left.saturating_sub(1);
        if is_point && matches!(point, Point::Heard | Point::Asked) {
            return station.kill();
        }
        let answer = line(&accepted(&said));
        if is_point && point == Point::Half {
            call.say_bytes(answer.get(..answer.len() / 2).unwrap_or_default().as_bytes())?;
            return station.kill();
        }
        known.accepted.insert(said.field("QN").to_owned());
        call.say_bytes(answer.as_bytes())?;
        if is_point {
            if point == Point::Later {
                std::thread::sleep(wait);
            }
            return station.kill();
        }
    }
}

/// Hours that are stored: they come beside everything else.
fn request(begin_ms: i64) -> Result<String> {
    let (from, to) = (local(begin_ms - (ASKED_HOURS - 1) * HOUR_MS)?, local(begin_ms)?);
    Ok(format!("BeginTime={from},EndTime={to}"))
}

/// An hour that is over and has a reading.
fn stored_hour_ms() -> i64 {
    (moment::now_ms() / HOUR_MS - 3) * HOUR_MS
}

fn begin_request(call: &mut Call) -> Result<()> {
    let (town, cp) = (mn("town"), request(stored_hour_ms())?);
    call.say(&Request { qn: QN, cn: "2061", pw: "123456", mn: &town, cp: &cp }.text())
}

/// What the station has to make up for.
fn waiting(since_ms: i64, minutes: i64) -> Result<BTreeSet<(String, String)>> {
    let mut all = BTreeSet::new();
    for half in 0..2 * minutes {
        // Real-time data are of the end of their time, averages of the begin.
        let time = format!("DataTime={}", local(since_ms + (half + 1) * 30_000)?);
        all.insert(("2011".to_owned(), time));
        let time = format!("DataTime={}", local(since_ms + half / 2 * 60_000)?);
        all.insert(("2051".to_owned(), time));
    }
    Ok(all)
}

#[test]
fn kill_9_loses_nothing_and_what_comes_twice_is_the_same() -> Result<()> {
    let kills = std::env::var("SISKIN_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: u32 = kills.unwrap_or(KILLS);
    let seed = std::env::var("SISKIN_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u64 = seed.unwrap_or(SEED);
    say(&format!("seed {seed}, {kills} kills"));
    let mut random = StdRng::seed_from_u64(seed);
    let centre = Centre::new()?;
    let more = "minute_min = 1\nsends = [\"real-time\", \"minute\"]";
    let place = Place::new(&[("town", centre.port()?, more)])?;
    // A message goes again after a kill only, however slow the machine is.
    place.edit("over_time_s = 1", "over_time_s = 99")?;
    let station = place.station()?;
    one_reading(&place)?;
    let minutes = (i64::from(kills + 1) * WAITING).min(WAITING_MAX);
    let local_ms = moment::now_ms() + OFFSET_MS;
    let since_ms = local_ms - local_ms.rem_euclid(60_000) - OFFSET_MS - minutes * 60_000;
    place.off_since(station, &centre, &[("real-time", since_ms), ("minute", since_ms)])?;
    let waiting = waiting(since_ms, minutes)?;
    let (mut known, mut killed) = (Known::default(), BTreeMap::<Point, u32>::new());
    for point in POINTS.iter().cycle().take(usize::try_from(kills)?) {
        let station = place.station()?;
        live(&centre, station, *point, &mut random, &mut known)?;
        *killed.entry(*point).or_default() += 1;
        // A call that was made and not taken is of a station that is gone.
        centre.hang_up();
    }
    finish(&centre, &place, &waiting, &mut known)?;
    let Known { frames, again, again_accepted, .. } = &known;
    ensure!(*again <= kills, "{again} came again after {kills} kills");
    let (count, zeros) = strict::every_frame(&centre)?;
    say(&format!(
        "killed {killed:?}: {} messages in {count} frames ({zeros} sums with a zero in front), \
         {again} came again, {again_accepted} of them after the centre had accepted them",
        frames.len()
    ));
    Ok(())
}

/// What is left, in peace: then everything is accepted once, and a request is answered whole.
fn finish(
    centre: &Centre,
    place: &Place,
    waiting: &BTreeSet<(String, String)>,
    known: &mut Known,
) -> Result<()> {
    let station = place.station()?;
    let mut call = centre.call()?;
    let is_missing = |known: &Known| waiting.iter().any(|one| !known.due.contains_key(one));
    while is_missing(known) {
        let said = call.hear()?;
        ensure!(said.cn() != "2061", "not asked for: {}", said.data);
        known.take(&said)?;
        known.accepted.insert(said.field("QN").to_owned());
        call.accept(&said)?;
    }
    begin_request(&mut call)?;
    let mut hours = 0;
    loop {
        let said = call.hear()?;
        match said.cn() {
            "9011" => ensure!(said.cp() == "QnRtn=1", "{}", said.data),
            "9012" => {
                ensure!(said.cp() == "ExeRtn=1" && said.field("QN") == QN, "{}", said.data);
                break;
            }
            cn => {
                hours += i64::from(cn == "2061");
                known.take(&said)?;
                known.accepted.insert(said.field("QN").to_owned());
                call.accept(&said)?;
            }
        }
    }
    ensure!(hours == ASKED_HOURS, "{hours} hours");
    call.answer_all();
    let due = book::accepted_once(&station, "town")?;
    let qns: BTreeSet<&str> = due.iter().filter_map(|one| one["qn"].as_str()).collect();
    let lost = known.due.values().find(|qn| !qns.contains(qn.as_str()));
    ensure!(lost.is_none(), "the book does not know {lost:?}");
    station.stop()?;
    let heard = centre.lines.lock().expect("nobody panics with it").concat();
    let wrong = qns.iter().find(|qn| !heard.contains(&format!("QN={qn};")));
    ensure!(wrong.is_none(), "accepted in the book, and the centre never heard of it: {wrong:?}");
    Ok(())
}

fn one_reading(place: &Place) -> Result<()> {
    let mut peer = Peer::dial(place.port())?;
    let at = local(stored_hour_ms() + 60_000)?;
    peer.say(&frame(&format!(
        "QN={:017};ST=22;CN=2011;PW=1;MN={LOGGER_MN};Flag=5;\
         CP=&&DataTime={at};a21022-Rtd=1.0,a21022-Flag=N&&",
        1
    )))?;
    peer.thanked(&format!("QN={:017}", 1))
}
