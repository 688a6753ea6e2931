//! Sirens and beacons: a coil by Modbus TCP, and an input that says whether it really sounds.
//!
//! Accepted is what the feedback says, never what was written. Feedback that says *on* before
//! anything is switched proves nothing, and is a failure that another try cannot mend. A siren is
//! switched off only where no other warning of this recipient keeps it on. Must never take a siren
//! for sounding without its feedback, nor end real sound for a test.

mod line;

use std::time::Duration;

use siskin_model::notify::{Feedback, Message, MessageKind, Show, Siren, SirenOff};
use tokio::time::Instant;

use self::line::Line;
use crate::way::{Letter, Outcome, Preview, later, never};

/// Between two looks at the feedback.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a letter asks of a siren.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    On,
    Off,
    /// On, and off again once it is known to sound.
    Try,
    /// It stays as it is, and why.
    Leave(&'static str),
}

/// Whether a warning of which this was told last is no reason to sound.
pub(crate) fn is_quiet(siren: &Siren, kind: MessageKind, message: &Message) -> bool {
    kind.is_end()
        || match siren.off {
            SirenOff::AllClear => false,
            SirenOff::Returned => !message.is_active,
            SirenOff::Acknowledged => message.is_acknowledged,
        }
}

fn act(siren: &Siren, letter: &Letter) -> Act {
    if letter.message.show == Show::Test {
        return Act::Try;
    }
    let is_quiet = is_quiet(siren, letter.delivery.kind, &letter.message);
    match letter.delivery.kind {
        // Never comes this way: see [`crate::way::Sender::send`].
        MessageKind::Correction => Act::Leave("left as it is: it is about the past"),
        _ if is_quiet && letter.others_open => {
            Act::Leave("left as it is: another warning keeps it on")
        }
        _ if is_quiet => Act::Off,
        MessageKind::Acknowledged => Act::Leave("left as it is: acknowledged, and not yet over"),
        MessageKind::Update if !letter.message.is_active => {
            Act::Leave("left as it is: returned, and not yet over")
        }
        _ => Act::On,
    }
}

/// Switches, and waits for the feedback.
pub(crate) async fn send(siren: &Siren, letter: &Letter) -> Outcome {
    let act = act(siren, letter);
    if let Act::Leave(why) = act {
        return Outcome::Accepted(why.to_owned());
    }
    let mut line = match Line::open(siren).await {
        Ok(line) => line,
        Err(why) => return later(&why),
    };
    let done = match act {
        Act::On => on(siren, &mut line).await,
        Act::Off => switched(siren, &mut line, false).await,
        Act::Try | Act::Leave(_) => tried(siren, &mut line).await,
    };
    done.map_or_else(
        |outcome| outcome,
        |()| {
            let word = if act == Act::Off { "off" } else { "on" };
            let more = if act == Act::Try { ", then off" } else { "" };
            Outcome::Accepted(format!("the feedback says {word}{more}"))
        },
    )
}

async fn on(siren: &Siren, line: &mut Line) -> Result<(), Outcome> {
    let was_on = line.coil(siren.coil).await.map_err(|why| later(&why))?;
    let was_told = feedback(siren, line).await?;
    switched(siren, line, true).await?;
    if was_told && !was_on {
        // It is switched all the same: better a siren that may sound than one that does not.
        return Err(never(
            &"the feedback said on before the siren was switched: it proves nothing",
        ));
    }
    Ok(())
}

/// A test ends only the sound that it began.
async fn tried(siren: &Siren, line: &mut Line) -> Result<(), Outcome> {
    if line.coil(siren.coil).await.map_err(|why| later(&why))? {
        return Err(never(&"the siren is on: it is not tested, and stays on"));
    }
    let sounds = on(siren, line).await;
    // Off however it went.
    let ended = switched(siren, line, false).await;
    sounds.and(ended)
}

/// Writes the coil and looks at the feedback until it says the same, or the time is over.
async fn switched(siren: &Siren, line: &mut Line, is_on: bool) -> Result<(), Outcome> {
    line.switch(siren.coil, is_on).await.map_err(|why| later(&why))?;
    let end = Instant::now() + Duration::from_millis(siren.within_ms);
    loop {
        if feedback(siren, line).await? == is_on {
            return Ok(());
        }
        if Instant::now() >= end {
            let word = if is_on { "on" } else { "off" };
            let within_ms = siren.within_ms;
            let why = format!("no feedback: not {word} within {within_ms} ms");
            // Who has to be told must not wait for a siren that does not sound; one that does not
            // stop is switched again.
            return Err(if is_on { never(&why) } else { later(&why) });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn feedback(siren: &Siren, line: &mut Line) -> Result<bool, Outcome> {
    let read = match siren.feedback {
        Feedback::Coil(address) => line.coil(address).await,
        Feedback::Input(address) => line.input(address).await,
    };
    read.map_err(|why| later(&why))
}

/// What would be done.
pub(crate) fn preview(siren: &Siren, letter: &Letter) -> Preview {
    let body = match act(siren, letter) {
        Act::On => "on",
        Act::Off => "off",
        Act::Try => "on, and off again once the feedback says on",
        Act::Leave(why) => why,
    };
    let to =
        format!("modbus {}:{}, unit {}, coil {}", siren.host, siren.port, siren.unit, siren.coil);
    let headers = vec![format!("feedback: {:?} within {} ms", siren.feedback, siren.within_ms)];
    Preview { to, headers, body: body.to_owned() }
}

#[cfg(test)]
mod tests;
