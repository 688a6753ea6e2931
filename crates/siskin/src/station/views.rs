//! Our words to the API's: one function per thing, no decisions.

use siskin_api::contract::{
    AlarmEventView, AlarmView, AnalyzerHealthView, AnalyzerView, AreaView, ChannelValue,
    ChannelView, CorrectionView, ForecastView, GasView, OriginView, PositionView, QualityView,
    ReceiverView, RuleKindView, RuleView, RulesEventView, ShelfLimitView, SiteMapView,
    SiteOriginView, SiteView, TextView, TierView, WarningEventView, WarningView,
};
use siskin_config::Settings;
use siskin_engine::rule::Side;
use siskin_engine::{Rule, RuleKind, RuleSet};
use siskin_model::site::{Analyzer, Area, AreaKind, Channel, Position, Receiver};
use siskin_model::{
    Alarm, AlarmEvent, AlarmKind, AnalyzerHealth, ChannelIndex, Correction, CorrectionChange, Edge,
    Forecast, Gas, LinkState, Origin, Quality, Site, Text, Tier, Warning, WarningEvent,
};

use siskin_store::ledger::RulesEvent;

use super::life::{MINUTE_MS, views as life};
use super::live::Latest;

pub(crate) fn text(text: &Text) -> TextView {
    TextView { zh: text.zh.clone(), en: text.en.clone() }
}

fn position(at: Position) -> PositionView {
    PositionView { x_m: at.x_m, y_m: at.y_m }
}

pub(crate) fn tier(tier: Tier) -> TierView {
    match tier {
        Tier::Blue => TierView::Blue,
        Tier::Yellow => TierView::Yellow,
        Tier::Orange => TierView::Orange,
        Tier::Red => TierView::Red,
    }
}

/// The tier that a person saw.
pub(crate) fn seen_tier(tier: TierView) -> Tier {
    match tier {
        TierView::Blue => Tier::Blue,
        TierView::Yellow => Tier::Yellow,
        TierView::Orange => Tier::Orange,
        TierView::Red => Tier::Red,
    }
}

pub(crate) fn quality(quality: Quality) -> QualityView {
    match quality {
        Quality::Good => QualityView::Good,
        Quality::Uncertain => QualityView::Uncertain,
        Quality::OverRange => QualityView::OverRange,
        Quality::WarmUp => QualityView::WarmUp,
        Quality::Calibration => QualityView::Calibration,
        Quality::Maintenance => QualityView::Maintenance,
        Quality::Fault => QualityView::Fault,
        Quality::CommLost => QualityView::CommLost,
        Quality::Manual => QualityView::Manual,
    }
}

pub(crate) fn origin(origin: Origin) -> OriginView {
    match origin {
        Origin::Live => OriginView::Live,
        Origin::Backlog => OriginView::Backlog,
        Origin::Import => OriginView::Import,
        Origin::Exercise => OriginView::Exercise,
    }
}

pub(crate) fn site(settings: &Settings, rules: &RuleSet, simulated: bool) -> SiteView {
    let site = &settings.site;
    SiteView {
        id: site.id.clone(),
        name: text(&site.name),
        utc_offset_s: site.utc_offset_s,
        origin: site.origin.map(site_origin),
        map: settings.map.as_ref().map(|map| SiteMapView { attribution: text(&map.attribution) }),
        tiers: site.tiers.iter().copied().map(tier).collect(),
        areas: site.areas.iter().map(area).collect(),
        analyzers: site.analyzers.iter().map(analyzer).collect(),
        channels: site
            .indexed()
            .map(|(index, channel)| channel_view(site, rules, index, channel))
            .collect(),
        gases: site.gases.iter().map(gas).collect(),
        receivers: site.receivers.iter().map(receiver).collect(),
        shelves: site.tiers.iter().map(|tier| shelf_limit(site, *tier)).collect(),
        simulated,
    }
}

fn site_origin((latitude_deg, longitude_deg): (f64, f64)) -> SiteOriginView {
    SiteOriginView { latitude_deg, longitude_deg }
}

fn shelf_limit(site: &Site, of: Tier) -> ShelfLimitView {
    ShelfLimitView {
        tier: tier(of),
        minutes_max: site.life.shelf_ms(of) / MINUTE_MS,
        two_persons: site.tiers.iter().max() == Some(&of),
    }
}

fn area(area: &Area) -> AreaView {
    let kind = match area.kind {
        AreaKind::Unit => "unit",
        AreaKind::TankFarm => "tank-farm",
        AreaKind::FenceLine => "fence-line",
        AreaKind::Receptor => "receptor",
        AreaKind::Other => "other",
    };
    AreaView {
        id: area.id.to_string(),
        name: text(&area.name),
        kind: kind.to_owned(),
        outline: area.outline.iter().copied().map(position).collect(),
    }
}

fn analyzer(analyzer: &Analyzer) -> AnalyzerView {
    AnalyzerView {
        id: analyzer.id.to_string(),
        name: text(&analyzer.name),
        area: analyzer.area.to_string(),
        position: position(analyzer.position),
        height_m: analyzer.height_m,
        profile: analyzer.profile.clone(),
        protocol: analyzer.connection.protocol().to_owned(),
        poll_ms: analyzer.poll_ms,
    }
}

fn channel_view(
    site: &Site,
    rules: &RuleSet,
    index: ChannelIndex,
    channel: &Channel,
) -> ChannelView {
    let analyzer = site.analyzers.get(channel.analyzer);
    let bound = rules.bindings.iter().filter(|binding| binding.channel == index);
    ChannelView {
        id: channel.id.to_string(),
        analyzer: analyzer.map_or_else(String::new, |a| a.id.to_string()),
        area: channel.area.to_string(),
        quantity: channel.quantity.as_str().to_owned(),
        is_gas: channel.quantity.gas().is_some(),
        unit: channel.unit.as_str().to_owned(),
        range_low: channel.range.low,
        range_high: channel.range.high,
        resolution: channel.resolution,
        rules: bound
            .filter_map(|binding| Some(rule(rules.rules.get(binding.rule)?, binding.factor)))
            .collect(),
    }
}

fn rule(rule: &Rule, factor: f64) -> RuleView {
    let (kind, raise_at, clear_below) = match rule.kind {
        RuleKind::Threshold { side: Side::High, raise_at, clear_at } => {
            (RuleKindView::Threshold, Some(raise_at), Some(clear_at))
        }
        RuleKind::Threshold { side: Side::Low, raise_at, .. } => {
            (RuleKindView::Threshold, Some(raise_at), None)
        }
        RuleKind::WindowMean { raise_at, clear_below, .. } => {
            (RuleKindView::WindowMean, Some(raise_at), Some(clear_below))
        }
        RuleKind::Trend { target, .. } => (RuleKindView::Trend, Some(target), None),
        RuleKind::RateOfRise { .. } => (RuleKindView::RateOfRise, None, None),
        RuleKind::Baseline { .. } => (RuleKindView::Baseline, None, None),
        RuleKind::Cusum { .. } => (RuleKindView::Cusum, None, None),
        RuleKind::Dose { .. } => (RuleKindView::Dose, None, None),
        RuleKind::Vote { .. } => (RuleKindView::Vote, None, None),
        RuleKind::Boolean { .. } => (RuleKindView::Boolean, None, None),
        RuleKind::Contrast { .. } => (RuleKindView::Contrast, None, None),
        RuleKind::NoData { .. } => (RuleKindView::NoData, None, None),
        RuleKind::Stuck { .. } => (RuleKindView::Stuck, None, None),
        RuleKind::Jump { .. } => (RuleKindView::Jump, None, None),
        RuleKind::OutOfRange => (RuleKindView::OutOfRange, None, None),
    };
    RuleView {
        rule: rule.id.to_string(),
        name: text(&rule.name),
        kind,
        tier: rule.tier.map(tier),
        raise_at: raise_at.map(|limit| limit * factor),
        clear_below: clear_below.map(|limit| limit * factor),
        source: rule.source.clone(),
    }
}

fn gas(gas: &Gas) -> GasView {
    GasView {
        id: gas.id.to_string(),
        name: text(&gas.name),
        formula: gas.formula.clone(),
        cas: gas.cas.clone(),
        hj_code: gas.hj_code.clone(),
    }
}

fn receiver(receiver: &Receiver) -> ReceiverView {
    ReceiverView {
        id: receiver.id.clone(),
        name: text(&receiver.name),
        tier_min: tier(receiver.tier_min),
        areas: receiver.areas.iter().map(ToString::to_string).collect(),
        phone: receiver.phone.clone(),
    }
}

pub(crate) fn channel_value(channel: &Channel, latest: &Latest, offset_s: i32) -> ChannelValue {
    let reading = latest.reading;
    ChannelValue {
        channel: channel.id.to_string(),
        measured_at: reading.map(|r| r.measured_at.rfc3339(offset_s)),
        received_at: reading.map(|r| r.received_at.rfc3339(offset_s)),
        value: reading.and_then(|r| r.value),
        quality: reading.map(|r| quality(r.quality)),
        tier: latest.tier.map(tier),
        no_data: latest.no_data,
    }
}

pub(crate) fn alarm(alarm: &Alarm, offset_s: i32) -> AlarmView {
    let kind = match alarm.kind {
        AlarmKind::Gas => "gas",
        AlarmKind::NoData => "no-data",
        AlarmKind::Stuck => "stuck",
        AlarmKind::Jump => "jump",
        AlarmKind::OutOfRange => "out-of-range",
        AlarmKind::Message => "message",
    };
    // Nothing was measured, so there is nothing that a unit could be of.
    let unit = if alarm.kind == AlarmKind::Message { "" } else { alarm.unit.as_str() };
    AlarmView {
        rule: alarm.rule.to_string(),
        channel: alarm.channel.to_string(),
        kind: kind.to_owned(),
        tier: alarm.tier.map(tier),
        since: alarm.since.rfc3339(offset_s),
        value: alarm.value,
        limit: alarm.limit,
        unit: unit.to_owned(),
        forecast: alarm.forecast.map(forecast),
    }
}

fn forecast(forecast: Forecast) -> ForecastView {
    let seconds = |ms: i64| ms as f64 / 1000.0;
    ForecastView {
        likely_s: seconds(forecast.likely_ms),
        earliest_s: forecast.earliest_ms.map(seconds),
        latest_s: forecast.latest_ms.map(seconds),
    }
}

pub(crate) fn alarm_event(seq: u64, event: &AlarmEvent, offset_s: i32) -> AlarmEventView {
    let edge = match event.edge {
        Edge::Raise => "raise",
        Edge::Clear => "clear",
    };
    AlarmEventView {
        seq,
        edge: edge.to_owned(),
        at: event.at.rfc3339(offset_s),
        alarm: alarm(&event.alarm, offset_s),
    }
}

pub(crate) fn correction(seq: u64, correction: &Correction, offset_s: i32) -> CorrectionView {
    let change = match correction.change {
        CorrectionChange::Added => "added",
        CorrectionChange::Removed => "removed",
    };
    let event = alarm_event(seq, &correction.event, offset_s);
    CorrectionView {
        seq,
        change: change.to_owned(),
        found_at: correction.found_at.rfc3339(offset_s),
        edge: event.edge,
        at: event.at,
        alarm: event.alarm,
    }
}

pub(crate) fn rules_event(seq: u64, event: &RulesEvent, offset_s: i32) -> RulesEventView {
    RulesEventView {
        seq,
        version: event.version,
        at: event.at.rfc3339(offset_s),
        source: event.source.as_str().to_owned(),
        by: event.by.clone(),
    }
}

pub(crate) fn warning(warning: &Warning, offset_s: i32) -> WarningView {
    let act = warning.acknowledged.as_ref();
    WarningView {
        id: warning.id.to_string(),
        gas: warning.gas.to_string(),
        area: warning.area.to_string(),
        tier: tier(warning.tier),
        tier_peak: tier(warning.tier_peak),
        state: life::state(warning.state),
        raised_at: warning.raised_at.rfc3339(offset_s),
        changed_at: warning.changed_at.rfc3339(offset_s),
        returned_at: warning.returned_at.map(|at| at.rfc3339(offset_s)),
        acknowledged_by: act.map(|act| act.by.clone()),
        acknowledged_at: act.map(|act| act.at.rfc3339(offset_s)),
        acknowledged_note: act.map(|act| act.note.clone()),
        alarms: warning.alarms.iter().map(|one| alarm(one, offset_s)).collect(),
        channels: warning.channels.iter().map(ToString::to_string).collect(),
        acknowledged_reason: act.map(|act| act.reason.clone()),
        announced_at: warning.announced_at.map(|at| at.rfc3339(offset_s)),
        falls_at: life::falls_at(warning).map(|at| at.rfc3339(offset_s)),
        chattering: warning.chattering.iter().map(|one| one.channel.to_string()).collect(),
        is_owed: warning.is_owed,
        shelf: warning.shelf.as_ref().map(|hold| life::hold(hold, None, offset_s)),
        passing: warning.passing.as_ref().map(|one| Box::new(life::passing(one, offset_s))),
        exercise: warning.exercise.map(|drill| drill.0),
    }
}

pub(crate) fn warning_event(seq: u64, event: &WarningEvent, offset_s: i32) -> WarningEventView {
    WarningEventView {
        seq,
        change: life::change(event.change),
        at: event.at.rfc3339(offset_s),
        warning: warning(&event.warning, offset_s),
        by: event.said.as_ref().map(|said| said.by.clone()),
        note: event.said.as_ref().map(|said| said.note.clone()),
        call: super::life::calls::of(event, offset_s).map(Box::new),
    }
}

pub(crate) fn analyzer_health(site: &Site, health: &AnalyzerHealth) -> Option<AnalyzerHealthView> {
    let link = match health.link {
        LinkState::Unknown => "unknown",
        LinkState::Online => "online",
        LinkState::Degraded => "degraded",
        LinkState::Offline => "offline",
    };
    Some(AnalyzerHealthView {
        analyzer: site.analyzers.get(health.analyzer)?.id.to_string(),
        link: link.to_owned(),
        since: health.since.rfc3339(site.utc_offset_s),
        last_ok_at: health.last_ok_at.map(|at| at.rfc3339(site.utc_offset_s)),
        last_error: health.last_error.clone(),
        last_error_zh: health.last_error_zh.clone(),
        exchanges_ok: health.exchanges_ok,
        exchanges_failed: health.exchanges_failed,
        connects: health.connects,
        refused: health.refused,
        polls_late: health.polls_late,
    })
}
