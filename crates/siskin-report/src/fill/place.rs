//! Where it happened, and the sketch of what lies around it.

use siskin_model::site::{Area, AreaKind};

use crate::facts::Facts;
use crate::report::{MapArea, MapSketch, MapSpot};

pub(super) fn place(facts: &Facts<'_>) -> Option<Vec<String>> {
    let site = facts.site;
    let areas = facts.incident.areas.iter();
    let name = |id: &siskin_model::AreaId| {
        site.area(id).map_or_else(|| id.to_string(), |area| area.name.zh.clone())
    };
    let areas: Vec<_> = areas.map(name).collect();
    if areas.is_empty() {
        return None;
    }
    let mut lines = vec![format!("{}，{}。", site.name.zh, areas.join("、"))];
    if let Some((latitude, longitude)) = site.origin {
        lines.push(format!("站点原点：纬度 {latitude:.5}°，经度 {longitude:.5}°（CGCS2000）。"));
    }
    Some(lines)
}

/// The sketch; none where the site's files name no sensitive point: a sketch without one would look
/// as if there were none.
pub(super) fn map(facts: &Facts<'_>) -> Option<MapSketch> {
    let site = facts.site;
    if !site.areas.iter().any(|area| area.kind == AreaKind::Receptor) {
        return None;
    }
    let area = |area: &Area| MapArea {
        name: area.name.zh.clone(),
        outline: area.outline.iter().map(|corner| (corner.x_m, corner.y_m)).collect(),
        is_sensitive: area.kind == AreaKind::Receptor,
        is_affected: facts.incident.areas.contains(&area.id),
    };
    let alarming: Vec<_> = facts.warnings.iter().flat_map(|warning| &warning.channels).collect();
    let spots = site.analyzers.iter().enumerate().map(|(place, analyzer)| MapSpot {
        name: analyzer.id.to_string(),
        at_m: (analyzer.position.x_m, analyzer.position.y_m),
        is_alarming: site
            .channels
            .iter()
            .any(|channel| channel.analyzer == place && alarming.contains(&&channel.id)),
    });
    Some(MapSketch {
        areas: site.areas.iter().map(area).collect(),
        spots: spots.collect(),
        wind: facts.wind.map(|wind| (wind.from_deg, wind.speed_m_s)),
    })
}
