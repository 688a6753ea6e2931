//! A channel and the point of its device's profile: what the device gives can become what the
//! channel promises.

use siskin_model::{Conditions, Unit};
use siskin_wire::DeviceProfile;

use super::catalogue::Catalogue;
use crate::problems::{Draft, Problems};
use crate::written::channel::WrittenNamedChannel;

/// Refuses a point whose unit cannot be turned into the channel's: every reading of it would be
/// refused while the station runs. A point whose unit the device tells is judged then.
pub(super) fn check_unit(
    channel: &WrittenNamedChannel,
    profile: &DeviceProfile,
    catalogue: &Catalogue,
    problems: &mut Problems,
) {
    let Some(from) = fixed_unit(profile, &channel.point.value) else {
        return;
    };
    let (unit, quantity) = (&channel.channel.unit, &channel.channel.quantity);
    let convertible = match quantity.value.gas() {
        // An unknown gas is a problem of its own.
        Some(gas) => catalogue
            .gases
            .get(gas.as_str())
            .is_none_or(|gas| gas.factor(from, unit.value, Conditions::REFERENCE).is_some()),
        None => from == unit.value,
    };
    if convertible {
        return;
    }
    let message = format!(
        "the device gives `{}` in `{}`, which cannot become `{}`",
        channel.point.value,
        from.as_str(),
        unit.value.as_str()
    );
    let hint = "correct the point, or the unit of the channel; a gas without a molar mass or a \
                lower explosive limit cannot be converted";
    let draft =
        Draft::new(message, hint).at(channel.point.place, "this point").at(unit.place, "this unit");
    problems.add(draft);
}

/// The unit of a point where the profile says it.
fn fixed_unit(profile: &DeviceProfile, point: &str) -> Option<Unit> {
    let register = profile.points.get(point).and_then(|point| point.unit);
    let value = || profile.json.as_ref()?.values.get(point)?.unit;
    register.or_else(value)
}
