//! The plots of the page, as SVG: what is shown by colour is also said by place and word.

use std::fmt::Write as _;

use siskin_model::{GasId, Timestamp};

use super::escaped;
use crate::backtest::intervals::{Interval, Intervals};
use crate::backtest::report::{Report, SetReport};
use crate::backtest::sweep::{Point, Sweep};

const WIDTH: f64 = 1100.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 20.0;
const ROW: f64 = 20.0;
const PLOT_HEIGHT: f64 = 260.0;
const TOP: f64 = 14.0;
/// Marks along an axis.
const TICKS: i64 = 5;
/// Bars of the histogram of delays.
const BARS: usize = 24;

fn svg(height: f64, title: &str, body: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\"><title>{}</title>\n{body}</svg>\n",
        escaped(title)
    )
}

fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n", escaped(text))
}

fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> String {
    format!("<path class=\"axis\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\"/>\n")
}

/// Incidents and alarms of each gas over the run.
pub(super) fn timeline(report: &Report) -> String {
    let run = Interval::of(report.from.0, report.to.0);
    let mut gases: Vec<&GasId> = report.incident_times.iter().map(|(gas, _)| gas).collect();
    gases.extend(report.sets.iter().flat_map(|set| set.timeline.iter().map(|(gas, _)| gas)));
    gases.sort();
    gases.dedup();
    let mut body = String::new();
    let mut y = TOP;
    for gas in gases {
        let of = |times: &[(GasId, Intervals)]| {
            times.iter().find(|(own, _)| own == gas).map(|(_, times)| times.clone())
        };
        let incidents = of(&report.incident_times).unwrap_or_default();
        let mut rows = vec![("incident", "事件 incidents".to_owned(), incidents)];
        for (set, class) in report.sets.iter().zip(["a", "b"]) {
            let label = format!("报警 alarms {}", set.label);
            rows.push((class, label, of(&set.timeline).unwrap_or_default()));
        }
        body.push_str(&text(4.0, y + 13.0, "start", gas.as_str()));
        y += ROW;
        for (class, label, times) in rows {
            body.push_str(&text(LEFT - 8.0, y + 13.0, "end", &label));
            body.push_str(&line(LEFT, y + ROW - 2.0, WIDTH - RIGHT, y + ROW - 2.0));
            body.push_str(&bars(&times, run, y, class));
            y += ROW;
        }
        y += 6.0;
    }
    for tick in 0..=TICKS {
        let at_ms = run.start_ms + run.length_ms() / TICKS * tick;
        let x = place(at_ms, run);
        let moment = Timestamp::from_millis(at_ms).rfc3339(report.utc_offset_s);
        let short = moment.get(5..16).unwrap_or_default().replace('T', " ");
        body.push_str(&line(x, TOP, x, y));
        body.push_str(&text(x, y + 16.0, if tick == TICKS { "end" } else { "middle" }, &short));
    }
    svg(y + 24.0, "时间线 timeline", &body)
}

fn place(at_ms: i64, run: Interval) -> f64 {
    let share = (at_ms - run.start_ms) as f64 / run.length_ms().max(1) as f64;
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

fn bars(times: &Intervals, run: Interval, y: f64, class: &str) -> String {
    let mut path = String::new();
    for time in times.iter() {
        let (x1, x2) = (place(time.start_ms, run), place(time.end_ms.min(run.end_ms), run));
        let wide = (x2 - x1).max(1.0);
        let _infallible = write!(path, "M{x1:.1} {:.1}h{wide:.1}v12h-{wide:.1}z", y + 4.0);
    }
    format!("<path class=\"{class}\" d=\"{path}\"/>\n")
}

/// How long incidents waited for their first raise.
pub(super) fn delays(set: &SetReport) -> String {
    let delays: Vec<f64> = set.incidents.iter().filter_map(|incident| incident.delay_s).collect();
    let missed = set.incidents.iter().filter(|incident| !incident.found).count();
    let longest_min = delays.iter().copied().fold(0.0, f64::max) / 60.0;
    let scale_min = nice(longest_min.max(1.0 / 60.0));
    let mut counts = [0usize; BARS];
    for delay_s in &delays {
        let share = delay_s / 60.0 / scale_min;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of bars"
        )]
        let bar = ((share * BARS as f64) as usize).min(BARS - 1);
        if let Some(count) = counts.get_mut(bar) {
            *count += 1;
        }
    }
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    let bottom = TOP + PLOT_HEIGHT * 0.6;
    let wide = (WIDTH - LEFT - RIGHT) / BARS as f64;
    let mut body = line(LEFT, bottom, WIDTH - RIGHT, bottom);
    for (bar, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let high = (bottom - TOP - 14.0) * *count as f64 / highest as f64;
        let x = LEFT + bar as f64 * wide;
        let _infallible = writeln!(
            body,
            "<path class=\"{}\" d=\"M{:.1} {bottom:.1}h{:.1}v-{high:.1}h-{:.1}z\"/>",
            if set.label == "B" { "b" } else { "a" },
            x + 1.0,
            wide - 2.0,
            wide - 2.0
        );
        body.push_str(&text(x + wide / 2.0, bottom - high - 3.0, "middle", &count.to_string()));
    }
    for tick in 0..=TICKS {
        let share = tick as f64 / TICKS as f64;
        let x = LEFT + share * (WIDTH - LEFT - RIGHT);
        body.push_str(&text(x, bottom + 16.0, "middle", &short(share * scale_min)));
    }
    let label = format!("检出 found {} · 漏报 missed {missed} · 延迟 delay, min", delays.len());
    body.push_str(&text(LEFT, bottom + 34.0, "start", &label));
    svg(bottom + 44.0, "延迟分布 delays", &body)
}

/// False starts against delay, one point for each value.
pub(super) fn curve(sweep: &Sweep) -> String {
    let per_day = sweep.points.iter().any(|p| p.park.false_starts_per_quiet_day.is_some());
    let rate = |point: &Point| {
        let park = &point.park;
        if per_day { park.false_starts_per_quiet_day } else { park.false_starts_per_channel_day }
    };
    let found: Vec<(f64, f64, f64)> = sweep
        .points
        .iter()
        .filter_map(|p| Some((p.park.delay_median_s? / 60.0, rate(p)?, p.value)))
        .collect();
    if found.is_empty() {
        return "<p>没有检出任何事件，无曲线 · nothing was found, so there is no curve</p>\n"
            .to_owned();
    }
    let x_max = nice(found.iter().map(|(x, _, _)| *x).fold(1e-3, f64::max));
    let y_max = nice(found.iter().map(|(_, y, _)| *y).fold(1e-3, f64::max));
    let bottom = TOP + PLOT_HEIGHT;
    let x_of = |x: f64| LEFT + x / x_max * (WIDTH - LEFT - RIGHT - 60.0);
    let y_of = |y: f64| bottom - y / y_max * (PLOT_HEIGHT - 10.0);
    let mut body = line(LEFT, bottom, WIDTH - RIGHT, bottom) + &line(LEFT, TOP, LEFT, bottom);
    for tick in 0..=TICKS {
        let share = tick as f64 / TICKS as f64;
        let (x, y) = (share * x_max, share * y_max);
        body.push_str(&text(x_of(x), bottom + 16.0, "middle", &short(x)));
        body.push_str(&text(LEFT - 8.0, y_of(y) + 4.0, "end", &short(y)));
    }
    let mut path = String::new();
    for (place, (x, y, value)) in found.iter().enumerate() {
        let letter = if place == 0 { 'M' } else { 'L' };
        let _infallible = write!(path, "{letter}{:.1} {:.1}", x_of(*x), y_of(*y));
        let _infallible = writeln!(
            body,
            "<circle class=\"a\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>",
            x_of(*x),
            y_of(*y)
        );
        body.push_str(&text(x_of(*x) + 7.0, y_of(*y) - 6.0, "start", &value.to_string()));
    }
    let _infallible = writeln!(body, "<path class=\"curve\" d=\"{path}\"/>");
    let unit = if per_day {
        "误报/安静日 false starts a quiet day"
    } else {
        "误报/通道日 false starts a channel-day"
    };
    body.push_str(&text(LEFT + 8.0, TOP + 4.0, "start", unit));
    body.push_str(&text(WIDTH - RIGHT, bottom + 34.0, "end", "延迟中位 median delay, min"));
    svg(bottom + 44.0, "误报与延迟 false starts against delay", &body)
}

/// The next 1, 2 or 5 times a power of ten.
fn nice(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= value).unwrap_or(value)
}

fn short(value: f64) -> String {
    let rounded = format!("{value:.2}");
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}
