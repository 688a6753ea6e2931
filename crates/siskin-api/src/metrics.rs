//! The station's numbers in the text format of Prometheus, version 0.0.4.
//!
//! Made from what health and warnings say, so that no number is kept twice. Must never give a name
//! or a label another meaning: people's alarms are built on them.

use std::fmt::Write;

use crate::backend::tier_word;
use crate::contract::{HealthView, MirrorHealthView, TierView, WarningView};

/// What a scraper is told it gets.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const TIERS: [TierView; 4] = [TierView::Blue, TierView::Yellow, TierView::Orange, TierView::Red];
/// Words of `AnalyzerHealthView::link`; each has its line, also with 0.
const LINKS: [&str; 4] = ["unknown", "online", "degraded", "offline"];
/// Words of `MirrorHealthView::state`.
const STATES: [&str; 4] = ["starting", "ok", "retrying", "blocked"];

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

/// A label and its value.
type Label<'a> = (&'a str, &'a str);

/// The text in the making.
#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &[Label<'_>], value: impl std::fmt::Display) {
        if labels.is_empty() {
            return self.line(format_args!("{name} {value}"));
        }
        let pairs: Vec<_> =
            labels.iter().map(|(key, word)| format!("{key}=\"{}\"", escaped(word))).collect();
        self.line(format_args!("{name}{{{}}} {value}", pairs.join(",")));
    }

    fn one(&mut self, name: &str, kind: Kind, help: &str, value: u64) {
        self.head(name, kind, help);
        self.sample(name, &[], value);
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a text in memory takes every line");
    }
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// All numbers of a station; `open` are its open warnings.
pub(crate) fn text(health: &HealthView, open: &[WarningView]) -> String {
    let mut text = Text::default();
    counters(&mut text, health);
    now(&mut text, health, open);
    if !health.mirrors.is_empty() {
        mirrors(&mut text, &health.mirrors);
    }
    text.0
}

fn counters(text: &mut Text, health: &HealthView) {
    let counters = &health.counters;
    let all = [
        ("siskin_readings_total", "Readings received and judged.", counters.readings),
        ("siskin_readings_late_total", "Readings older than the latest.", counters.late),
        (
            "siskin_readings_quarantined_total",
            "Readings stamped too far in the future.",
            counters.quarantined,
        ),
        ("siskin_readings_duplicate_total", "Readings that repeat a stamp.", counters.duplicates),
        (
            "siskin_readings_dropped_total",
            "Readings given up because the disk failed for too long.",
            counters.dropped,
        ),
        ("siskin_parts_refused_total", "Payload parts that cannot be read.", counters.refused),
    ];
    for (name, help, value) in all {
        text.one(name, Kind::Counter, help, value);
    }
    let help = "Stored batches and hours found damaged.";
    text.one("siskin_series_damaged", Kind::Gauge, help, counters.damaged);
}

fn now(text: &mut Text, health: &HealthView, open: &[WarningView]) {
    let failing = u64::from(health.storage_error.is_some());
    let help = "1 while readings or warnings cannot be put on disk.";
    text.one("siskin_storage_error", Kind::Gauge, help, failing);
    let name = "siskin_warnings_open";
    text.head(name, Kind::Gauge, "Warnings that are not over, by tier; none of a drill.");
    for tier in TIERS {
        let is_real = |one: &&WarningView| one.tier == tier && one.exercise.is_none();
        let count = open.iter().filter(is_real).count();
        text.sample(name, &[("tier", tier_word(tier))], count);
    }
    let name = "siskin_analyzers";
    text.head(name, Kind::Gauge, "Analyzers, by how their link is.");
    for link in LINKS {
        let count = health.analyzers.iter().filter(|one| one.link == link).count();
        text.sample(name, &[("link", link)], count);
    }
}

type Number = (&'static str, Kind, &'static str, fn(&MirrorHealthView) -> u64);

const MIRROR_NUMBERS: [Number; 6] = [
    (
        "siskin_mirror_batches_behind",
        Kind::Gauge,
        "Batches the target does not have; about one for each second.",
        |one| one.batches_behind,
    ),
    (
        "siskin_mirror_chunks_behind",
        Kind::Gauge,
        "Hours of channels the target does not have.",
        |one| one.chunks_behind,
    ),
    ("siskin_mirror_lines_accepted_total", Kind::Counter, "Lines the target accepted.", |one| {
        one.lines_accepted
    }),
    (
        "siskin_mirror_lines_refused_total",
        Kind::Counter,
        "Lines the target refused since it was first written to.",
        |one| one.refused,
    ),
    (
        "siskin_mirror_failures_in_a_row",
        Kind::Gauge,
        "Failed requests since the target last decided on one.",
        |one| one.failures_in_a_row,
    ),
    (
        "siskin_mirror_missed_days",
        Kind::Gauge,
        "Days of which readings were deleted before the target had them.",
        |one| one.missed_days,
    ),
];

fn mirrors(text: &mut Text, mirrors: &[MirrorHealthView]) {
    for (name, kind, help, value) in MIRROR_NUMBERS {
        text.head(name, kind, help);
        for one in mirrors {
            text.sample(name, &[("mirror", &one.mirror)], value(one));
        }
    }
    let name = "siskin_mirror_oldest_waiting_seconds";
    text.head(name, Kind::Gauge, "Age of the oldest reading the target does not have.");
    for one in mirrors {
        let (whole_s, rest_ms) = (one.oldest_waiting_ms / 1000, one.oldest_waiting_ms % 1000);
        let seconds = format_args!("{whole_s}.{rest_ms:03}").to_string();
        text.sample(name, &[("mirror", &one.mirror)], seconds);
    }
    let name = "siskin_mirror_state";
    text.head(name, Kind::Gauge, "1 for the state the mirror is in, 0 for the others.");
    for one in mirrors {
        for state in STATES {
            let is_it = u64::from(one.state == state);
            text.sample(name, &[("mirror", &one.mirror), ("state", state)], is_it);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let check = |word: &str, expected: &str| {
            let mut text = Text::default();
            text.sample("m", &[("a", word), ("b", "x")], 1);
            assert_eq!(text.0, format!("m{{a=\"{expected}\",b=\"x\"}} 1\n"));
        };
        check("hall", "hall");
        check("大厅", "大厅");
        check("a\"b\\c\nd", "a\\\"b\\\\c\\nd");
    }

    #[test]
    fn a_mirror_has_its_age_with_milliseconds_and_one_state() {
        let mirror = MirrorHealthView {
            mirror: "hall".to_owned(),
            state: "retrying".to_owned(),
            oldest_waiting_ms: 61_005,
            ..MirrorHealthView::default()
        };
        let mut text = Text::default();
        mirrors(&mut text, &[mirror]);
        let has = |line: &str| assert!(text.0.lines().any(|one| one == line), "{}", text.0);
        has("siskin_mirror_oldest_waiting_seconds{mirror=\"hall\"} 61.005");
        has("siskin_mirror_state{mirror=\"hall\",state=\"retrying\"} 1");
        has("siskin_mirror_state{mirror=\"hall\",state=\"ok\"} 0");
    }
}
