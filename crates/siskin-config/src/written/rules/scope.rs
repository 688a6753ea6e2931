//! Which channels a rule judges, as written.

use siskin_model::{AreaId, ChannelId, GasId};

use super::{About, Shape};
use crate::fields::Fields;
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// All named conditions together, every channel where none is named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) gas: Option<At<GasId>>,
    pub(crate) areas: Option<Vec<At<AreaId>>>,
    pub(crate) channels: Option<Vec<At<ChannelId>>>,
}

/// Reads the scope; none where it is wrong.
pub(super) fn read(
    fields: &mut Fields<'_>,
    shape: &Shape,
    problems: &mut Problems,
) -> Option<Scope> {
    let has = |key: &str| fields.has(key);
    let (has_gas, has_areas, has_channels) = (has("gas"), has("areas"), has("channels"));
    let gas = fields.optional("gas", problems);
    let areas = fields.optional("areas", problems);
    let channels = fields.optional("channels", problems);
    let is_equipment = shape.about == About::Equipment;
    let all = if is_equipment { fields.or("all", false, problems)? } else { false };
    let wrong = (has_gas && gas.is_none())
        || (has_areas && areas.is_none())
        || (has_channels && channels.is_none());
    let hint = if is_equipment {
        "write `all = true`, or `gas = …`, `areas = […]` or `channels = […]`"
    } else {
        "write `gas = \"chlorine\"`, with `areas = […]` for some areas only, or `channels = […]`"
    };
    let enough = all || has_gas || has_channels || (has_areas && is_equipment);
    let too_much = (all && (has_gas || has_areas || has_channels)) || (has_areas && has_channels);
    if !enough || too_much {
        let message = if too_much {
            "a rule says in two ways which channels it judges"
        } else {
            "a rule does not say which channels it judges"
        };
        problems.add(Draft::new(message, hint).at(fields.place(), "which channels"));
        return None;
    }
    (!wrong).then_some(Scope { gas, areas, channels })
}
