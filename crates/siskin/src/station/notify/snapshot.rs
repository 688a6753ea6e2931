//! A step of a warning as a message: names, places, limits, acts and numbers to call as they are in
//! this moment.

use siskin_config::Settings;
use siskin_model::duty::{Contact, nearest_card};
use siskin_model::notify::{Call, Geo, Message, MessageKind, Said, Show};
use siskin_model::site::{Area, Position};
use siskin_model::{Text, Timestamp, Warning, WarningEvent, WarningState};

/// Metres of a degree of latitude, on a sphere of 6,371 km. Over a park of 10 km the error of the
/// sphere is some 30 m, far below the width of a warning's area.
const DEGREE_M: f64 = 111_195.0;

/// What messages are made from.
pub(crate) struct Known<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) contacts: &'a [Contact],
    pub(crate) rules_version: Option<u64>,
}

/// The message of a step; its number is given by the ledger.
pub(crate) fn message(
    known: &Known<'_>,
    event: &WarningEvent,
    (kind, show, made_at): (MessageKind, Show, Timestamp),
) -> Message {
    let (warning, site) = (&event.warning, &known.settings.site);
    let gas = site.gas(&warning.gas);
    let area = site.area(&warning.area);
    let plain = |id: &str| Text::new(id, id);
    let (actions, call) = acts(known, warning);
    Message {
        warning: warning.id.clone(),
        transition: 0,
        kind,
        show,
        site: site.id.clone(),
        site_name: site.name.clone(),
        utc_offset_s: site.utc_offset_s,
        gas: warning.gas.clone(),
        gas_name: gas.map_or_else(|| plain(warning.gas.as_str()), |gas| gas.name.clone()),
        cas: gas.and_then(|gas| gas.cas.clone()),
        area: warning.area.clone(),
        area_name: area.map_or_else(|| plain(warning.area.as_str()), |area| area.name.clone()),
        geo: site.origin.zip(area).and_then(|(origin, area)| geo(origin, area)),
        tier: warning.tier,
        tier_peak: warning.tier_peak,
        raised_at: warning.raised_at,
        at: event.at,
        made_at,
        said: said(warning),
        is_active: !warning.alarms.is_empty(),
        is_acknowledged: is_acknowledged(warning.state),
        reason: warning.cancelled.as_ref().map(|done| done.reason.clone()),
        corrected: None,
        alarms: u32::try_from(warning.alarms.len()).unwrap_or(u32::MAX),
        rules_version: known.rules_version,
        actions,
        call,
    }
}

fn is_acknowledged(state: WarningState) -> bool {
    use WarningState::{ActiveAcknowledged, LatchedAcknowledged, Normal};
    matches!(state, ActiveAcknowledged | LatchedAcknowledged | Normal)
}

/// The highest alarm.
fn said(warning: &Warning) -> Option<Said> {
    let alarm = warning.alarms.first()?;
    Some(Said {
        rule: alarm.rule.clone(),
        channel: alarm.channel.to_string(),
        value: alarm.value.filter(|value| value.is_finite()),
        limit: alarm.limit.filter(|limit| limit.is_finite()),
        unit: alarm.unit,
        since: alarm.since,
    })
}

/// What to do and who to call: as the nearest card says, else whom the site names.
fn acts(known: &Known<'_>, warning: &Warning) -> (Vec<Text>, Vec<Call>) {
    let cards = &known.settings.cards;
    let card = nearest_card(cards, &warning.gas, &warning.area, warning.tier);
    // A template is not the plant's plan: a bureau must not be told to act by an example.
    let card = card.filter(|card| !card.is_template);
    let actions = card.map_or_else(Vec::new, |card| card.texts.actions.clone());
    let of = |id: &siskin_model::ContactId| known.contacts.iter().find(|contact| contact.id == *id);
    let call =
        |contact: &Contact| Call { who: contact.name.clone(), phones: contact.phones.clone() };
    let mut calls: Vec<Call> =
        card.into_iter().flat_map(|card| &card.contacts).filter_map(of).map(call).collect();
    if calls.is_empty() {
        calls.extend(known.settings.notify.call.clone());
    }
    (actions, calls)
}

/// The outline on the globe, and the circle around it. None where it has no corner.
fn geo((latitude, longitude): (f64, f64), area: &Area) -> Option<Geo> {
    let count = area.outline.len() as f64;
    area.outline.first()?;
    let sum = |of: fn(&Position) -> f64| area.outline.iter().map(of).sum::<f64>();
    let centre = Position { x_m: sum(|p| p.x_m) / count, y_m: sum(|p| p.y_m) / count };
    let far = |p: &Position| (p.x_m - centre.x_m).hypot(p.y_m - centre.y_m);
    let radius_m = area.outline.iter().map(far).fold(0.0, f64::max);
    let place = |p: &Position| {
        let across = DEGREE_M * latitude.to_radians().cos();
        (latitude + p.y_m / DEGREE_M, longitude + p.x_m / across)
    };
    let (centre_latitude, centre_longitude) = place(&centre);
    let corners = area.outline.iter().map(place).collect();
    Some(Geo { corners, circle: (centre_latitude, centre_longitude, radius_m) })
}

#[cfg(test)]
mod tests {
    use siskin_model::AreaId;
    use siskin_model::site::AreaKind;

    use super::*;

    #[test]
    fn a_square_of_a_kilometre_in_taiyuan() {
        let corner = |x_m, y_m| Position { x_m, y_m };
        let area = Area {
            id: AreaId::new("yard").unwrap(),
            name: Text::new("场地", "Yard"),
            kind: AreaKind::Unit,
            outline: vec![
                corner(0.0, 0.0),
                corner(1000.0, 0.0),
                corner(1000.0, 1000.0),
                corner(0.0, 1000.0),
            ],
        };
        let geo = geo((37.87, 112.55), &area).unwrap();
        assert_eq!(geo.corners[0], (37.87, 112.55));
        // cos 37.87° = 0.78941: a kilometre is 0.008993° of latitude and 0.011392° of longitude.
        let (latitude, longitude) = geo.corners[2];
        assert!((latitude - 37.878_993).abs() < 1e-6, "{latitude}");
        assert!((longitude - 112.561_392).abs() < 1e-6, "{longitude}");
        assert!((geo.circle.2 - 707.106_781).abs() < 1e-5, "{:?}", geo.circle);
        let none = Area { outline: Vec::new(), ..area };
        assert_eq!(super::geo((37.87, 112.55), &none), None);
    }
}
