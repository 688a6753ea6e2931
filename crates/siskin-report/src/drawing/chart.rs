//! Readings over time with their limits. A step without a reading is a gap and never a line to
//! zero; one beyond the range is marked at the top.

use siskin_model::Timestamp;

use super::{Anchor, Drawing, Ink};
use crate::report::Chart;
use crate::words;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 468.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 166.0;
const SMALL: f64 = 7.5;
/// Half the width of the mark of an over-range.
const MARK: f64 = 3.0;
/// Lines of the grid.
const GRID: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

struct Scale {
    from: Timestamp,
    whole_ms: f64,
    top: f64,
}

impl Scale {
    fn x(&self, at: Timestamp) -> f64 {
        LEFT + (RIGHT - LEFT) * (at.since_ms(self.from) as f64 / self.whole_ms).clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (value / self.top).clamp(0.0, 1.0)
    }
}

/// The chart as a picture.
pub fn chart(chart: &Chart, utc_offset_s: i32) -> Drawing {
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let scale = scale(chart);
    let title = format!("{}（{}）", chart.title, chart.unit);
    drawing.text((LEFT, 13.0), 9.5, Anchor::Start, &title);
    let step = words::number(chart.step_ms as f64 / 1000.0);
    let note = format!("每 {step} s 最高值；断线处无有效读数；顶部三角为超量程");
    drawing.coloured((RIGHT, 13.0), SMALL, Anchor::End, Ink::GREY, &note);
    grid(&mut drawing, &scale, utc_offset_s);
    limits(&mut drawing, &scale, chart);
    readings(&mut drawing, &scale, chart);
    drawing
}

fn scale(chart: &Chart) -> Scale {
    let values = chart.points.iter().filter_map(|point| point.highest);
    let limits = chart.limits.iter().map(|limit| limit.value);
    let highest = values.chain(limits).filter(|value| value.is_finite()).fold(0.0, f64::max);
    let from = chart.points.first().map_or(Timestamp::from_millis(0), |point| point.at);
    let last = chart.points.last().map_or(from, |point| point.at);
    let whole_ms = last.since_ms(from).max(chart.step_ms).max(1) as f64;
    Scale { from, whole_ms, top: round_up(highest * 1.05) }
}

/// The next of 1, 2, 2.4, 3, 4, 6, 8 and 10 times a power of ten: their quarters are short numbers.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.4, 3.0, 4.0, 6.0, 8.0, 10.0].into_iter().map(|step| step * power);
    steps.into_iter().find(|step| *step >= value).unwrap_or(10.0 * power)
}

fn grid(drawing: &mut Drawing, scale: &Scale, utc_offset_s: i32) {
    for part in GRID {
        let value = scale.top * part;
        let y = scale.y(value);
        drawing.line(vec![(LEFT, y), (RIGHT, y)], Ink::PALE, 0.5);
        let label = words::number(value);
        drawing.coloured((LEFT - 4.0, y + 2.5), SMALL, Anchor::End, Ink::GREY, &label);
    }
    for part in GRID {
        let x = LEFT + (RIGHT - LEFT) * part;
        drawing.line(vec![(x, BOTTOM), (x, BOTTOM + 3.0)], Ink::GREY, 0.5);
        // Within one year: at most a few hundred steps of ms that fit an i64.
        #[allow(clippy::cast_possible_truncation, reason = "a part of a span of i64 milliseconds")]
        let at = scale.from.plus_ms((scale.whole_ms * part) as i64);
        let anchor = match part {
            0.0 => Anchor::Start,
            1.0 => Anchor::End,
            _ => Anchor::Middle,
        };
        let label = words::short_moment(at, utc_offset_s);
        drawing.coloured((x, BOTTOM + 13.0), SMALL, anchor, Ink::GREY, &label);
    }
}

fn limits(drawing: &mut Drawing, scale: &Scale, chart: &Chart) {
    for limit in &chart.limits {
        let y = scale.y(limit.value);
        drawing.dashed(vec![(LEFT, y), (RIGHT, y)], Ink::RED);
        let label = format!("{} {}", limit.name, words::amount(limit.value, limit.unit));
        drawing.coloured((LEFT + 4.0, y - 2.5), SMALL, Anchor::Start, Ink::RED, &label);
    }
}

fn readings(drawing: &mut Drawing, scale: &Scale, chart: &Chart) {
    let mut run: Vec<(f64, f64)> = Vec::new();
    let mut marked = f64::NEG_INFINITY;
    for point in &chart.points {
        let x = scale.x(point.at);
        match point.highest {
            Some(value) => run.push((x, scale.y(value))),
            None => end_run(drawing, &mut run),
        }
        // One mark beside the other, never one over the other.
        if point.is_over_range && x >= marked + 2.0 * MARK {
            marked = x;
            let mark = vec![(x - MARK, TOP), (x, TOP - 2.0 * MARK), (x + MARK, TOP)];
            drawing.area(mark, Some(Ink::RED), None);
        }
    }
    end_run(drawing, &mut run);
}

fn end_run(drawing: &mut Drawing, run: &mut Vec<(f64, f64)>) {
    match run.as_slice() {
        [] => {}
        // One reading between two gaps is still seen.
        [alone] => drawing.spot(*alone, 1.5, Ink::BLUE),
        _ => drawing.line(run.clone(), Ink::BLUE, 1.2),
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Shape;
    use crate::report::ChartPoint;

    fn lines(values: &[Option<f64>]) -> usize {
        let point = |(place, highest): (i64, &Option<f64>)| ChartPoint {
            at: Timestamp::from_millis(place * 10_000),
            highest: *highest,
            is_over_range: false,
        };
        let chart = Chart {
            title: "a".to_owned(),
            unit: "ppm".to_owned(),
            step_ms: 10_000,
            points: (0..).zip(values).map(point).collect(),
            limits: Vec::new(),
        };
        let shapes = super::chart(&chart, 0).shapes;
        let is_run = |shape: &&Shape| matches!(shape, Shape::Line { ink: Ink::BLUE, .. });
        shapes.iter().filter(is_run).count()
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let check = |values: &[Option<f64>], expected| assert_eq!(lines(values), expected);
        check(&[Some(1.0), Some(2.0), Some(3.0)], 1);
        check(&[Some(1.0), Some(2.0), None, Some(3.0), Some(4.0)], 2);
        check(&[None, None], 0);
        check(&[Some(1.0), None], 0);
    }

    #[test]
    fn the_scale_is_round_and_above() {
        let check = |value: f64, expected: f64| {
            assert!((round_up(value) - expected).abs() < 1e-9, "{value}");
        };
        check(0.0, 1.0);
        check(3.1, 4.0);
        check(9.0, 10.0);
        check(0.021, 0.024);
        check(21.0, 24.0);
        check(f64::INFINITY, 1.0);
    }
}
