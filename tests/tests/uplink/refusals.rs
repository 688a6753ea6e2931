//! What a centre may say wrongly: each leaves the message open, and it goes again as it was; people
//! see a refusal. One answer ends it, once.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use e2e::moment;
use e2e::station::Station;

use crate::centre::{Call, Centre, Said, accepted, answer, line};
use crate::place::{Place, mn};
use crate::{again, book, message, strict, until, uplink};

/// Moments of real-time data that wait, a frame for each wrong answer.
const WAITING: i64 = 20;

/// Says something wrong of what it heard.
type Wrong = fn(&mut Call, &Said) -> Result<()>;

fn verdict(call: &mut Call, said: &Said, cn: &str, cp: &str) -> Result<()> {
    call.say(&answer(said.field("QN"), cn, said.field("MN"), cp))
}

/// What is said, and what people are shown of it.
const WRONG: [(Wrong, &str); 16] = [
    (|call, said| verdict(call, said, "9011", "QnRtn=2"), "QnRtn=2"),
    (|call, said| verdict(call, said, "9011", "QnRtn=3"), "QnRtn=3: wrong PW"),
    (|call, said| verdict(call, said, "9011", "QnRtn=4"), "QnRtn=4: wrong MN"),
    (|call, said| verdict(call, said, "9011", "QnRtn=5"), "QnRtn=5: wrong ST"),
    (|call, said| verdict(call, said, "9011", "QnRtn=9"), "QnRtn=9: wrong checksum"),
    (|call, said| verdict(call, said, "9011", "QnRtn=100"), "QnRtn=100"),
    (|call, said| verdict(call, said, "9012", "ExeRtn=6"), "ExeRtn=6"),
    // "Received", with a number that says otherwise.
    (|call, said| verdict(call, said, "9014", "QnRtn=3"), "QnRtn=3: wrong PW"),
    // Ready for it is not received.
    (|call, said| verdict(call, said, "9011", "QnRtn=1"), ""),
    (|call, said| verdict(call, said, "9013", ""), ""),
    (|call, said| call.answer("20200101000000000", "9014", said.field("MN")), ""),
    (|call, said| call.answer(said.field("QN"), "9014", "UP_OTHER_01"), ""),
    (|call, said| call.say_bytes(accepted(said).as_bytes()), ""),
    // A sum that lacks nothing but its right digits.
    (|call, said| call.say_bytes(line(&accepted(said)).replace("9014", "9914").as_bytes()), ""),
    // Half a frame, and never its end.
    (|call, said| call.say_bytes(line(&accepted(said)).split_at(40).0.as_bytes()), ""),
    (|_, _| Ok(()), ""),
];

fn backlog(centre: &Centre, edits: &[(&str, &str)]) -> Result<(Place, Station)> {
    let bureau = ("town", centre.port()?, crate::REAL_TIME);
    let place = Place::new(&[bureau])?;
    for (from, to) in edits {
        place.edit(from, to)?;
    }
    let since = moment::now_ms() - (WAITING + 1) * 30_000;
    place.off_since(place.station()?, centre, &[("real-time", since)])?;
    let station = place.station()?;
    Ok((place, station))
}

#[test]
fn a_wrong_answer_accepts_nothing_and_a_refusal_is_seen() -> Result<()> {
    let centre = Centre::new()?;
    let (_place, station) = backlog(&centre, &[("re_count = 1", "re_count = 99")])?;
    let mut call = centre.call()?;
    let mut done = BTreeSet::new();
    for (number, (wrong, shown)) in WRONG.iter().enumerate() {
        let said = call.hear_new(&done)?;
        wrong(&mut call, &said)?;
        ensure!(call.hear()? == said, "wrong answer {number} was taken for an answer");
        let state = message(&station, "town", said.field("QN"))?;
        ensure!(state["state"] == "sent", "wrong answer {number}: {state}");
        if !shown.is_empty() {
            let town = uplink(&station, "town")?["notices"].to_string();
            ensure!(town.contains(shown) && town.contains("拒收"), "{number}: {town}");
            let health = station.get("health")?;
            ensure!(health["status"] == "degraded", "{health}");
        }
        // The repetition was heard: this answer is a slow one, and it comes twice.
        call.accept(&said)?;
        call.accept(&said)?;
        let qn = said.field("QN");
        until(&station, "town", "the receipt", |_| {
            message(&station, "town", qn).is_ok_and(|one| one["state"] == "accepted")
        })?;
        done.insert(qn.to_owned());
        let town = uplink(&station, "town")?["notices"].to_string();
        ensure!(!town.contains("refuses"), "an accepted message ends the notice: {town}");
    }
    call.answer_all();
    let sent = book::accepted_once(&station, "town")?;
    let least = usize::try_from(WAITING)?;
    ensure!(sent.len() >= least, "{} of {least}", sent.len());
    let town = uplink(&station, "town")?;
    // Eight refusals; ready, a notice's answer, another QN. Another MN; a wrong sum, half a frame.
    ensure!(town["answers_wrong"] == 11 && town["commands_refused"] == 1, "{town}");
    ensure!(town["frames_bad"] == 2, "{town}");
    ensure!(town["answers_again"].as_u64() >= Some(WRONG.len() as u64), "{town}");
    strict::every_frame(&centre)?;
    station.stop()
}

/// A line that is cut at every place of an answer: the message comes again as it was, until one
/// answer is whole.
#[test]
fn a_line_that_is_cut_in_an_answer_loses_and_doubles_nothing() -> Result<()> {
    let centre = Centre::new()?;
    let (_place, station) = backlog(&centre, &[("over_time_s = 1", "over_time_s = 99")])?;
    let mut call = centre.call()?;
    let first = call.hear()?;
    let whole = line(&accepted(&first)).into_bytes();
    for cut in [0, 1, 5, 20, whole.len() - 7, whole.len() - 2, whole.len() - 1] {
        call.say_bytes(whole.get(..cut).unwrap_or_default())?;
        drop(call);
        call = centre.call()?;
        again(&mut call, &first)?;
    }
    call.accept(&first)?;
    let qn = first.field("QN");
    until(&station, "town", "the receipt", |_| {
        message(&station, "town", qn).is_ok_and(|one| one["state"] == "accepted")
    })?;
    let kept = message(&station, "town", qn)?;
    ensure!(kept["tries"].as_u64() >= Some(8), "{kept}");
    ensure!(first.field("MN") == mn("town"));
    station.stop()
}
