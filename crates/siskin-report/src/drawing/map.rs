//! A sketch of the site: its areas, its analyzers, what is to be protected, the wind and a scale.
//! Positions are those of the site's files; nothing is drawn that they do not name.

use super::{Anchor, Drawing, Ink};
use crate::report::{MapArea, MapSketch};
use crate::words;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 14.0;
const RIGHT: f64 = 380.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 316.0;
const SMALL: f64 = 7.5;
/// The most names of analyzers that are not in alarm; more would cover each other.
const NAMES_MAX: usize = 12;

struct Scale {
    /// Metres of the north-western corner.
    corner: (f64, f64),
    points_per_m: f64,
}

impl Scale {
    fn place(&self, (x_m, y_m): (f64, f64)) -> (f64, f64) {
        let x = LEFT + (x_m - self.corner.0) * self.points_per_m;
        (x, TOP + (self.corner.1 - y_m) * self.points_per_m)
    }
}

/// The sketch as a picture.
pub fn map(sketch: &MapSketch) -> Drawing {
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let scale = scale(sketch);
    let frame = vec![(4.0, 4.0), (390.0, 4.0), (390.0, 326.0), (4.0, 326.0)];
    drawing.area(frame, None, Some(Ink::GREY));
    for area in &sketch.areas {
        let corners = area.outline.iter().map(|corner| scale.place(*corner)).collect();
        let (fill, edge) = colours(area);
        drawing.area(corners, fill, Some(edge));
    }
    spots(&mut drawing, &scale, sketch);
    for area in &sketch.areas {
        // At the upper edge: analyzers stand in the middle.
        let (x, y) = scale.place(head(&area.outline));
        let name = if area.is_sensitive { format!("★{}", area.name) } else { area.name.clone() };
        drawing.coloured((x, y + 10.0), 8.0, Anchor::Middle, colours(area).1, &name);
    }
    legend(&mut drawing, &scale, sketch);
    drawing
}

fn colours(area: &MapArea) -> (Option<Ink>, Ink) {
    match (area.is_affected, area.is_sensitive) {
        (true, _) => (Some(Ink::ROSE), Ink::RED),
        (false, true) => (Some(Ink::MINT), Ink::GREEN),
        (false, false) => (None, Ink::GREY),
    }
}

/// The middle of an outline from west to east, at its northern end.
fn head(outline: &[(f64, f64)]) -> (f64, f64) {
    let west = outline.iter().map(|corner| corner.0).fold(f64::INFINITY, f64::min);
    let east = outline.iter().map(|corner| corner.0).fold(f64::NEG_INFINITY, f64::max);
    let north = outline.iter().map(|corner| corner.1).fold(f64::NEG_INFINITY, f64::max);
    (f64::midpoint(west, east), north)
}

fn scale(sketch: &MapSketch) -> Scale {
    let corners = sketch.areas.iter().flat_map(|area| area.outline.iter().copied());
    let all: Vec<_> = corners.chain(sketch.spots.iter().map(|spot| spot.at_m)).collect();
    let least = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (west_m, east_m) = (least(|at| at.0), most(|at| at.0));
    let (south_m, north_m) = (least(|at| at.1), most(|at| at.1));
    let wide = (RIGHT - LEFT) / (east_m - west_m).max(1.0);
    let points_per_m = wide.min((BOTTOM - TOP) / (north_m - south_m).max(1.0));
    Scale { corner: (west_m, north_m), points_per_m }
}

fn spots(drawing: &mut Drawing, scale: &Scale, sketch: &MapSketch) {
    let has_few = sketch.spots.len() <= NAMES_MAX;
    for spot in &sketch.spots {
        let (x, y) = scale.place(spot.at_m);
        let (ink, half) = if spot.is_alarming { (Ink::RED, 4.0) } else { (Ink::BLUE, 2.2) };
        drawing.spot((x, y), half, ink);
        if spot.is_alarming || has_few {
            drawing.coloured((x + half + 1.5, y + 2.5), 6.5, Anchor::Start, ink, &spot.name);
        }
    }
}

fn legend(drawing: &mut Drawing, scale: &Scale, sketch: &MapSketch) {
    let x = 400.0;
    drawing.text((x, 18.0), 9.0, Anchor::Start, "图例");
    let (spot, area) = (true, false);
    let rows = [
        (Ink::RED, spot, "报警监测点"),
        (Ink::BLUE, spot, "监测点"),
        (Ink::RED, area, "事件区域"),
        (Ink::GREEN, area, "★ 环境敏感点"),
    ];
    let mut y = 34.0;
    for (ink, is_spot, text) in rows {
        if is_spot {
            drawing.spot((x + 5.0, y - 2.5), 3.5, ink);
        } else {
            let (low, right) = (y + 0.5, x + 10.0);
            let corners = vec![(x, y - 6.0), (right, y - 6.0), (right, low), (x, low)];
            let fill = if ink == Ink::RED { Ink::ROSE } else { Ink::MINT };
            drawing.area(corners, Some(fill), Some(ink));
        }
        drawing.coloured((x + 14.0, y), SMALL, Anchor::Start, ink, text);
        y += 14.0;
    }
    north(drawing, x + 10.0, y + 14.0);
    y += 60.0;
    if let Some((from_deg, speed_m_s)) = sketch.wind {
        wind(drawing, (x + 24.0, y + 24.0), from_deg);
        let text = format!("{} {} m/s", words::wind_from(from_deg), words::number(speed_m_s));
        drawing.text((x, y + 62.0), SMALL, Anchor::Start, &text);
    } else {
        drawing.coloured((x, y), SMALL, Anchor::Start, Ink::GREY, "风：无有效读数");
    }
    let length_m = round_length(60.0 / scale.points_per_m);
    let length = length_m * scale.points_per_m;
    drawing.line(vec![(x, 308.0), (x + length, 308.0)], Ink::BLACK, 1.5);
    let text = format!("{} m", words::number(length_m));
    drawing.text((x, 320.0), SMALL, Anchor::Start, &text);
}

/// The longest of 1, 2 and 5 times a power of ten that is not longer.
fn round_length(most_m: f64) -> f64 {
    let power = 10_f64.powf(most_m.max(1e-6).log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|n| n * power).find(|n| *n <= most_m).unwrap_or(power)
}

fn north(drawing: &mut Drawing, x: f64, y: f64) {
    drawing.line(vec![(x, y + 26.0), (x, y)], Ink::BLACK, 1.0);
    drawing.area(
        vec![(x - 4.0, y + 6.0), (x, y - 3.0), (x + 4.0, y + 6.0)],
        Some(Ink::BLACK),
        None,
    );
    drawing.text((x + 7.0, y + 6.0), 9.0, Anchor::Start, "北");
}

/// An arrow along which the wind blows.
fn wind(drawing: &mut Drawing, (x, y): (f64, f64), from_deg: f64) {
    let (sin, cos) = from_deg.to_radians().sin_cos();
    let (dx, dy) = (-sin, cos);
    let tip = (x + dx * 22.0, y + dy * 22.0);
    drawing.line(vec![(x - dx * 22.0, y - dy * 22.0), tip], Ink::BLUE, 2.0);
    let wing = |side: f64| (tip.0 - dx * 9.0 + side * dy * 5.0, tip.1 - dy * 9.0 - side * dx * 5.0);
    drawing.area(vec![tip, wing(1.0), wing(-1.0)], Some(Ink::BLUE), None);
}
