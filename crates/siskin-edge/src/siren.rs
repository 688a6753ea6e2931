//! The local siren: on while the watch has an alarm of the highest tier, off when it has ended.
//!
//! The only place of Siskin that writes to a device. A siren is switched by a coil of a Modbus TCP
//! relay ([`coil`]) or by an MQTT message ([`message`]); it counts as reached only when the relay's
//! coil reads back as written, or the broker has taken the message. Must never switch it off while
//! an alarm is active, never touch it when this gateway has not switched it on, and never give up.
//!
//! What it was last told is kept on disk by [`crate::guard`], so that an end of the process between
//! two steps leaves neither a silent siren nor one that nobody switches off.

pub(crate) mod coil;
pub(crate) mod message;

use std::time::Duration;

use serde::Deserialize;
use siskin_collect::link::SharedSiren;
use siskin_model::{Text, Timestamp};
use siskin_wire::link::SirenReport;
use tokio::sync::watch;

/// A siren that could not be reached is tried again after this.
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// How often the siren is looked at, and told again while it sounds: a relay forgets on a reset.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long one exchange with the siren may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// How the siren is switched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "protocol", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum SirenSettings {
    /// A coil of a relay.
    ModbusTcp(coil::Relay),
    /// A message to a broker.
    Mqtt(message::Horn),
}

/// Takes over what was tried: what was wanted, and what the siren said.
fn told(status: &SharedSiren, is_wanted: bool, said: Result<bool, Text>, now: Timestamp) {
    let before = status.get().unwrap_or_default();
    let (sounds, failing) = match said {
        Ok(sounds) => (Some(sounds), None),
        Err(why) => (before.sounds, Some(why)),
    };
    if let Some(why) = &failing
        && before.failing.is_none()
    {
        tracing::error!(zh = why.zh, en = why.en, "the siren cannot be reached");
    } else if failing.is_none() && before.failing.is_some() {
        tracing::info!("the siren is reached again");
    }
    let is_same = (before.sounds, &before.failing) == (sounds, &failing);
    let since = if is_same { before.since } else { now };
    status.set(SirenReport { is_wanted, sounds, since, failing });
}

/// What switches the siren.
pub(crate) trait Switch {
    /// Switches it, and says what it then is.
    async fn switch(&mut self, on: bool) -> Result<bool, Text>;
    /// What it is; the last thing told where it cannot be asked.
    async fn look(&mut self) -> Result<bool, Text>;
}

/// What the siren should do, and whether this gateway may have switched it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) is_wanted: bool,
    /// It may sound because of this gateway, now or before its last start.
    pub(crate) may_sound: bool,
}

/// Keeps the siren as it is ordered, for ever. `silenced` is called when it was switched off.
pub(crate) async fn run(
    mut switch: impl Switch,
    mut orders: watch::Receiver<Order>,
    status: SharedSiren,
    clock: impl Fn() -> Timestamp,
    silenced: impl Fn(),
) {
    // Of the last run; from here on only what is ordered counts.
    let mut may_sound = orders.borrow().may_sound;
    loop {
        let order = *orders.borrow_and_update();
        may_sound |= order.is_wanted;
        let said = keep(&mut switch, order.is_wanted, may_sound).await;
        let is_done = said == Ok(order.is_wanted);
        if is_done && !order.is_wanted && may_sound {
            may_sound = false;
            silenced();
        }
        let is_failing = said.is_err() || (may_sound && !is_done);
        told(&status, order.is_wanted, said, clock());
        let pause = if is_failing { RETRY_EVERY } else { LOOK_EVERY };
        match tokio::time::timeout(pause, orders.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            // The watch is gone: nobody orders anything any more.
            Ok(Err(_)) => return,
        }
    }
}

async fn keep(switch: &mut impl Switch, wanted: bool, may_sound: bool) -> Result<bool, Text> {
    if !may_sound {
        return switch.look().await;
    }
    let said = switch.switch(wanted).await?;
    if said == wanted {
        return Ok(said);
    }
    Err(Text::new(
        format!("已发出 {}，但回读不一致；请检查继电器接线与手动/自动开关", word(wanted)),
        format!(
            "told `{}`, but it does not read back so; hint: look at the relay and its hand switch",
            word(wanted)
        ),
    ))
}

const fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[cfg(test)]
mod tests;
