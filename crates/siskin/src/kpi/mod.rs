//! Figures of alarm management of a span: from the ledger's events to what people read, for the
//! API of a running station and for `siskin kpi` beside it.
//!
//! Must never tell a part of a span for the whole: where there is too much, it says so.

pub(crate) mod command;
#[cfg(test)]
mod tests;
mod views;

use siskin_api::KpiFault;
use siskin_api::contract::KpisView;
use siskin_config::kpi::{Target, targets};
use siskin_engine::kpi::{Collected, Collector, Kpis, Span};
use siskin_model::life::Desk;
use siskin_model::{AreaId, ChannelId, Site, Timestamp};
use siskin_store::StoreError;
use siskin_store::ledger::{LIFE_EVENTS_MAX, LifeBefore, LifeEvent, LifeRead};

/// How long after the span answers are looked for: a call at its end may be acknowledged later.
const AFTER_MS: i64 = 24 * 3_600_000;

/// Why figures cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KpiError {
    /// What was asked does not fit.
    #[error(transparent)]
    Fault(#[from] KpiFault),
    /// The ledger cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The targets cannot be read.
    #[error(transparent)]
    Targets(#[from] siskin_config::kpi::TargetsError),
}

/// Where events are read from: a station's ledger, or a reader beside it.
pub(crate) type Read<'a> = &'a dyn Fn(
    (Timestamp, Timestamp),
    &mut dyn FnMut(LifeEvent),
    &mut dyn FnMut(LifeBefore),
) -> Result<LifeRead, StoreError>;

/// The figures of [from, to) of `site`, as of `now`.
pub(crate) fn kpis(
    site: &Site,
    read: Read<'_>,
    (from, to): (Timestamp, Timestamp),
    position: Option<&str>,
    now: Timestamp,
) -> Result<KpisView, KpiError> {
    let desks = &site.life.desks;
    let asked = position.map(|id| place_of(desks, id)).transpose()?;
    let span = Span { from, to };
    let until = to.plus_ms(AFTER_MS).min(now.max(to));
    let (collected, drill_events) = collect(site, read, span, until)?;
    let targets = targets()?;
    let offset_s = site.utc_offset_s;
    let of_desk = |place: usize, desk: &Desk| {
        let kpis = figures(site, &collected, span, Some((place, desk)));
        views::position(&kpis, &targets, Some(desk), &collected.floods, offset_s)
    };
    let chosen = desks.iter().enumerate().filter(|(place, _)| asked.is_none_or(|p| p == *place));
    let positions = chosen.map(|(place, desk)| of_desk(place, desk)).collect();
    let whole = || {
        let kpis = figures(site, &collected, span, None);
        // Targets are of one position: the sum of several is no position's load.
        let targets: &[Target] = &targets;
        let position = views::position(&kpis, targets, None, &collected.floods, offset_s);
        if desks.len() > 1 { views::without_targets(position) } else { position }
    };
    let site_view = asked.is_none().then(whole);
    Ok(views::span(span, drill_events, positions, site_view, offset_s))
}

fn place_of(desks: &[Desk], id: &str) -> Result<usize, KpiFault> {
    let place = desks.iter().position(|desk| desk.id == id);
    place.ok_or_else(|| KpiFault::PositionNotFound(id.to_owned()))
}

/// Everything that was told in the span, and what of earlier was still on.
fn collect(
    site: &Site,
    read: Read<'_>,
    span: Span,
    until: Timestamp,
) -> Result<(Collected, u64), KpiError> {
    let area = |channel: &ChannelId| -> Option<AreaId> {
        site.channel(site.index_of(channel)?).map(|channel| channel.area.clone())
    };
    let (mut collector, mut stood) = (Collector::default(), Vec::new());
    let done = read(
        (span.from, until),
        &mut |event| match event {
            LifeEvent::Warning(seq, recorded_at, event) => {
                collector.warning(seq, recorded_at, &event);
            }
            LifeEvent::Equipment(seq, recorded_at, event) => {
                let area = area(&event.equipment.alarm.channel);
                collector.equipment(seq, recorded_at, &event, area);
            }
            LifeEvent::Flood(event) => collector.flood(&event),
        },
        &mut |before| stood.push(before),
    )?;
    if done.is_too_much {
        return Err(KpiFault::TooMuch(LIFE_EVENTS_MAX).into());
    }
    for before in stood {
        match before {
            LifeBefore::Warning(warning) => collector.warning_before(&warning),
            LifeBefore::Equipment(one) => {
                collector.equipment_before(&one, area(&one.alarm.channel));
            }
        }
    }
    Ok((collector.finish(span), done.drills))
}

/// The figures of a desk, or of everything.
fn figures(site: &Site, collected: &Collected, span: Span, desk: Option<(usize, &Desk)>) -> Kpis {
    let is_of = |area: Option<&AreaId>| match desk {
        None => true,
        Some((place, _)) => area.is_some_and(|area| site.life.desk_of(area) == Some(place)),
    };
    let told = collected.told.iter().filter(|told| is_of(told.area.as_ref()));
    let calls: Vec<_> = told.map(|told| told.call.clone()).collect();
    let is_flood = |id: &str| desk.is_none_or(|(_, desk)| desk.id == id);
    let floods = collected.floods.iter().filter(|(id, _)| is_flood(id));
    let floods: Vec<Span> = floods.map(|(_, flood)| *flood).collect();
    Kpis::of(span, &calls, &floods)
}
