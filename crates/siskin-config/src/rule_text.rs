//! One rule as canonical TOML: the same rule always gives the same lines.
//!
//! For people who compare rules: keys stand in a fixed order, set points are the numbers they
//! resolved to, defaults are written out. Which channels the rule judges is no part of a rule and
//! is not in it. Read back, the text gives the same rule.

use siskin_engine::rule::{Baseline, DosePoint, Expr, Recent, Side, Span, TrendMethod, WindGate};
use siskin_engine::{Rule, RuleKind};
use siskin_model::RuleId;

/// The rule as lines of TOML, beginning with `[[rule]]`.
pub fn rule_text(rule: &Rule) -> String {
    let mut lines = Lines(String::from("[[rule]]\n"));
    lines.text("id", rule.id.as_str());
    lines.raw(
        "name",
        format!("{{ zh = {}, en = {} }}", quoted(&rule.name.zh), quoted(&rule.name.en)),
    );
    lines.text("kind", rule.kind.as_str());
    if let Some(tier) = rule.tier {
        lines.text("tier", tier.as_str());
    }
    if has_unit(&rule.kind) {
        lines.text("unit", rule.unit.as_str());
    }
    own(&mut lines, &rule.kind);
    if !matches!(rule.kind, RuleKind::NoData { .. }) {
        lines.seconds("on_delay_s", rule.on_delay_ms);
        lines.seconds("off_delay_s", rule.off_delay_ms);
        lines.seconds("gap_s", rule.gap_ms);
    }
    lines.text("source", &rule.source);
    if let Some(by) = &rule.suppressed_by {
        lines.text("suppressed_by", by.as_str());
    }
    lines.0
}

/// Whether a kind has limits in a unit.
const fn has_unit(kind: &RuleKind) -> bool {
    !matches!(
        kind,
        RuleKind::Vote { .. }
            | RuleKind::Boolean { .. }
            | RuleKind::NoData { .. }
            | RuleKind::OutOfRange
    )
}

/// The lines being written.
struct Lines(String);

impl Lines {
    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        self.0.extend([key, " = ", &value.to_string(), "\n"]);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, quoted(text));
    }

    fn number(&mut self, key: &str, number: f64) {
        self.raw(key, format_args!("{number:?}"));
    }

    fn seconds(&mut self, key: &str, ms: i64) {
        self.raw(key, seconds(ms));
    }
}

/// A text between quotes, on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {
                let code = format!("\\u{:04X}", u32::from(control));
                out.push_str(&code);
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

/// Milliseconds as seconds, without a part behind the point where there is none.
fn seconds(ms: i64) -> String {
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn own(lines: &mut Lines, kind: &RuleKind) {
    match kind {
        RuleKind::Threshold { side, raise_at, clear_at } => {
            let clear = if *side == Side::High { "clear_below" } else { "clear_above" };
            lines.number("raise_at", *raise_at);
            lines.number(clear, *clear_at);
        }
        RuleKind::WindowMean { window_ms, samples_min, raise_at, clear_below } => {
            window(lines, *window_ms, *samples_min);
            lines.number("raise_at", *raise_at);
            lines.number("clear_below", *clear_below);
        }
        RuleKind::RateOfRise { window_ms, samples_min, raise_per_min, clear_per_min } => {
            window(lines, *window_ms, *samples_min);
            lines.number("raise_per_min", *raise_per_min);
            lines.number("clear_per_min", *clear_per_min);
        }
        RuleKind::Trend { method, window_ms, samples_min, target, horizon_ms, significance } => {
            lines.text("method", method_word(*method));
            window(lines, *window_ms, *samples_min);
            lines.number("target", *target);
            lines.seconds("horizon_s", *horizon_ms);
            lines.number("significance", *significance);
        }
        RuleKind::Baseline { baseline, raise_by, clear_by, noise_times } => {
            lines.number("raise_by", *raise_by);
            lines.number("clear_by", *clear_by);
            lines.number("noise_times", *noise_times);
            baseline_lines(lines, baseline);
        }
        RuleKind::Cusum { .. } => cusum(lines, kind),
        RuleKind::Contrast { .. } => contrast(lines, kind),
        RuleKind::Dose { points, exponent, raise_at, clear_below } => {
            let points: Vec<String> = points.iter().map(point).collect();
            lines.raw("points", format!("[{}]", points.join(", ")));
            if let Some(exponent) = exponent {
                lines.number("exponent", *exponent);
            }
            lines.number("raise_at", *raise_at);
            lines.number("clear_below", *clear_below);
        }
        RuleKind::Vote { .. } => vote(lines, kind),
        RuleKind::Boolean { when } => lines.text("when", &condition(when)),
        RuleKind::NoData { after_ms } => lines.seconds("after_s", *after_ms),
        RuleKind::Stuck { after_ms, tolerance, ignore_to } => {
            lines.seconds("after_s", *after_ms);
            lines.number("tolerance", *tolerance);
            if let Some(ignore_to) = ignore_to {
                lines.number("ignore_to", *ignore_to);
            }
        }
        RuleKind::Jump { by, within_ms } => {
            lines.number("by", *by);
            lines.seconds("within_s", *within_ms);
        }
        RuleKind::OutOfRange => {}
    }
}

fn window(lines: &mut Lines, window_ms: i64, samples_min: u32) {
    lines.seconds("window_s", window_ms);
    lines.raw("samples_min", samples_min);
}

const fn method_word(method: TrendMethod) -> &'static str {
    match method {
        TrendMethod::LeastSquares => "least-squares",
        TrendMethod::TheilSen => "theil-sen",
    }
}

fn baseline_lines(lines: &mut Lines, baseline: &Baseline) {
    lines.seconds("baseline_window_s", baseline.window_ms);
    lines.seconds("baseline_step_s", baseline.step_ms);
    lines.number("baseline_quantile", baseline.quantile);
    lines.raw("baseline_steps_min", baseline.steps_min);
    lines.seconds("freeze_max_s", baseline.freeze_max_ms);
    lines.number("noise_min", baseline.noise_min);
}

fn cusum(lines: &mut Lines, kind: &RuleKind) {
    let RuleKind::Cusum { baseline, memory_ms, whiten, allowance, clip, raise_at, clear_below } =
        kind
    else {
        return;
    };
    lines.seconds("memory_s", *memory_ms);
    if let Some(whiten) = whiten {
        lines.number("whiten", *whiten);
    }
    lines.number("allowance", *allowance);
    lines.number("clip", *clip);
    lines.number("raise_at", *raise_at);
    lines.number("clear_below", *clear_below);
    baseline_lines(lines, baseline);
}

fn contrast(lines: &mut Lines, kind: &RuleKind) {
    let RuleKind::Contrast { contrast, span, raise_at, clear_below } = kind else {
        return;
    };
    lines.text("span", span_word(*span));
    lines.seconds("step_s", contrast.step_ms);
    lines.seconds("baseline_window_s", contrast.baseline_ms);
    lines.raw("steps_min", contrast.steps_min);
    lines.raw("mean_steps", contrast.mean_steps);
    lines.raw("own", recent(&contrast.own));
    lines.raw("group", recent(&contrast.group));
    lines.number("raise_at", *raise_at);
    lines.number("clear_below", *clear_below);
}

fn recent(recent: &Recent) -> String {
    let Recent { window_ms, quantile, times } = recent;
    let window_s = seconds(*window_ms);
    format!("{{ window_s = {window_s}, quantile = {quantile:?}, times = {times:?} }}")
}

const fn span_word(span: Span) -> &'static str {
    match span {
        Span::Area => "area",
        Span::Site => "site",
    }
}

fn vote(lines: &mut Lines, kind: &RuleKind) {
    let RuleKind::Vote { of, needs, span, within_m, memory_ms, wind } = kind else {
        return;
    };
    let of: Vec<String> = of.iter().map(|id: &RuleId| quoted(id.as_str())).collect();
    lines.raw("of", format!("[{}]", of.join(", ")));
    lines.raw("needs", needs);
    lines.text("span", span_word(*span));
    if let Some(within_m) = within_m {
        lines.number("within_m", *within_m);
    }
    lines.seconds("memory_s", *memory_ms);
    if let Some(WindGate { speed_min_m_s, half_angle_deg }) = wind {
        lines.raw(
            "wind",
            format!("{{ speed_min_m_s = {speed_min_m_s:?}, half_angle_deg = {half_angle_deg:?} }}"),
        );
    }
}

fn point(point: &DosePoint) -> String {
    // Minutes to a thousandth of a second: exact, and short where they are whole.
    let ms = point.duration_ms;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let minutes = ms as f64 / 60_000.0;
    format!("{{ minutes = {minutes:?}, limit = {:?} }}", point.limit)
}

/// A condition with only the parentheses it needs.
fn condition(expr: &Expr) -> String {
    match expr {
        Expr::Rule(id) => id.to_string(),
        Expr::And(parts) => joined(parts, " and "),
        Expr::Or(parts) => joined(parts, " or "),
        Expr::Not(inner) => format!("not {}", inner_condition(inner)),
    }
}

fn joined(parts: &[Expr], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(inner_condition).collect();
    parts.join(word)
}

/// A part of a condition: what is itself joined stands in parentheses.
fn inner_condition(expr: &Expr) -> String {
    match expr {
        Expr::And(_) | Expr::Or(_) => format!("({})", condition(expr)),
        Expr::Rule(_) | Expr::Not(_) => condition(expr),
    }
}

#[cfg(test)]
mod tests;
