//! Figures in the API's words: one function per thing, no decisions.

use siskin_api::contract::{
    KpiFigureView, KpiFloodView, KpiPeriodsView, KpiPositionView, KpiResponseView, KpiShareView,
    KpiSourceView, KpiTargetView, KpiTierView, KpiWithinView, KpisView,
};
use siskin_config::kpi::{Figure, Standing, Target, figures};
use siskin_engine::kpi::{Kpis, RESPONSE_BOUNDS_MS, Response, Share, Source, Span};
use siskin_model::life::Desk;

use crate::station::views::{text, tier};

/// A judgement of a system takes at least so much data.
const ENOUGH_MS: i64 = 30 * 24 * 3_600_000;
const PERCENT: f64 = 100.0;

pub(super) fn span(
    span: Span,
    drill_events: u64,
    positions: Vec<KpiPositionView>,
    site: Option<KpiPositionView>,
    offset_s: i32,
) -> KpisView {
    let (from_ms, to_ms) = (span.from.as_millis(), span.to.as_millis());
    KpisView {
        from: span.from.rfc3339(offset_s),
        to: span.to.rfc3339(offset_s),
        from_ms,
        to_ms,
        is_short: to_ms - from_ms < ENOUGH_MS,
        drill_events,
        positions,
        site,
    }
}

pub(super) fn position(
    kpis: &Kpis,
    targets: &[Target],
    desk: Option<&Desk>,
    floods: &[(String, Span)],
    offset_s: i32,
) -> KpiPositionView {
    let load = &kpis.load;
    let own = floods.iter().filter(|(id, _)| desk.is_none_or(|desk| desk.id == *id));
    let tiers =
        load.tiers.iter().map(|(of, calls)| KpiTierView { tier: of.map(tier), calls: *calls });
    let periods = load.periods.iter();
    KpiPositionView {
        position: desk.map(|desk| desk.id.clone()),
        name: desk.map(|desk| text(&desk.name)),
        figures: figures(targets, kpis).iter().map(figure).collect(),
        calls: load.total,
        tiers: tiers.collect(),
        periods: periods.map(|(calls, n)| KpiPeriodsView { calls: *calls, periods: *n }).collect(),
        frequent: load.top.iter().map(share).collect(),
        chattering: sources(&kpis.nuisance.chattering),
        fleeting: sources(&kpis.nuisance.fleeting),
        stale: sources(&kpis.nuisance.stale),
        floods: own.filter_map(|(id, one)| flood(id, *one, kpis.span, offset_s)).collect(),
        response: response(&kpis.response),
    }
}

/// Figures that no target is for.
pub(super) fn without_targets(mut position: KpiPositionView) -> KpiPositionView {
    for figure in &mut position.figures {
        figure.target = None;
        figure.is_met = None;
        "no-target".clone_into(&mut figure.standing);
    }
    position
}

fn figure(figure: &Figure) -> KpiFigureView {
    let Figure { target, value, standing } = figure;
    KpiFigureView {
        measure: target.measure.as_str().to_owned(),
        name: text(&target.measure.name()),
        value: *value,
        unit: target.measure.unit().to_owned(),
        standing: standing.as_str().to_owned(),
        is_met: (*standing != Standing::NoData).then_some(*standing == Standing::Met),
        target: Some(KpiTargetView {
            limit: target.limit.as_str().to_owned(),
            acceptable: target.acceptable,
            manageable: target.manageable,
            source: target.source.clone(),
            verified: target.verified,
        }),
    }
}

fn share(share: &Share) -> KpiShareView {
    let source = (!share.source.is_empty()).then(|| share.source.clone());
    KpiShareView { source, calls: share.count, percent: share.share * PERCENT }
}

fn sources(sources: &[Source]) -> Vec<KpiSourceView> {
    let one = |one: &Source| KpiSourceView { source: one.source.clone(), calls: one.count };
    sources.iter().map(one).collect()
}

/// A flood as far as it lies in the span.
fn flood(position: &str, flood: Span, span: Span, offset_s: i32) -> Option<KpiFloodView> {
    let (from, to) = (flood.from.max(span.from), flood.to.min(span.to));
    let length_ms = to.as_millis() - from.as_millis();
    (length_ms > 0).then(|| KpiFloodView {
        position: position.to_owned(),
        from: from.rfc3339(offset_s),
        to: to.rfc3339(offset_s),
        length_ms,
    })
}

fn response(response: &Response) -> KpiResponseView {
    let bounds = RESPONSE_BOUNDS_MS.iter().map(|ms| Some(*ms)).chain([None]);
    let within = bounds.zip(response.within);
    KpiResponseView {
        acknowledged: response.acknowledged,
        open: response.open,
        within: within.map(|(up_to_ms, calls)| KpiWithinView { up_to_ms, calls }).collect(),
        half_ms: response.half_ms,
        nine_tenths_ms: response.nine_tenths_ms,
        longest_ms: response.longest_ms,
    }
}
