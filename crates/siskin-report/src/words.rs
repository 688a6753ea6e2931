//! Moments, numbers and names as Chinese documents write them.

use siskin_model::incident::{Grade, ReportKind};
use siskin_model::{Timestamp, Unit};

/// `2026年11月29日 20:15:03`, in local time.
pub(crate) fn moment(at: Timestamp, offset_s: i32) -> String {
    let text = at.rfc3339(offset_s);
    let part = |from, to| text.get(from..to).unwrap_or_default();
    let clock = part(11, 19);
    format!("{}年{}月{}日 {clock}", part(0, 4), part(5, 7), part(8, 10))
}

/// `11-29 20:15`, in local time.
pub(crate) fn short_moment(at: Timestamp, offset_s: i32) -> String {
    let text = at.rfc3339(offset_s);
    let part = |from, to| text.get(from..to).unwrap_or_default();
    format!("{} {}", part(5, 10), part(11, 16))
}

/// At most three decimals and no zeros at the end.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// `12.5 ppm`.
pub(crate) fn amount(value: f64, unit: Unit) -> String {
    format!("{} {}", number(value), unit.as_str())
}

/// 四级 in the order's words.
pub(crate) const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::IV => "一般（IV级）",
        Grade::III => "较大（III级）",
        Grade::II => "重大（II级）",
        Grade::I => "特别重大（I级）",
    }
}

/// The name of a report.
pub(crate) const fn kind(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::First => "初报",
        ReportKind::FollowUp => "续报",
        ReportKind::Final => "处理结果报告",
    }
}

/// Where the wind comes from, by eight points.
pub(crate) fn wind_from(degrees: f64) -> &'static str {
    const POINTS: [&str; 8] =
        ["北风", "东北风", "东风", "东南风", "南风", "西南风", "西风", "西北风"];
    let turned = (degrees.rem_euclid(360.0) + 22.5) / 45.0;
    let mut ends = (1..).map(f64::from).zip(POINTS);
    ends.find(|(end, _)| turned < *end).map_or(POINTS[0], |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_numbers() {
        let at = Timestamp::from_millis(1_767_225_600_123);
        assert_eq!(moment(at, 8 * 3600), "2026年01月01日 08:00:00");
        assert_eq!(short_moment(at, 0), "01-01 00:00");
        let check = |value, expected| assert_eq!(number(value), expected);
        check(12.0, "12");
        check(0.12345, "0.123");
        check(-0.0001, "0");
        check(1200.5, "1200.5");
    }

    #[test]
    fn the_wind_has_eight_names() {
        let check = |degrees, expected| assert_eq!(wind_from(degrees), expected);
        check(0.0, "北风");
        check(22.4, "北风");
        check(22.6, "东北风");
        check(180.0, "南风");
        check(359.0, "北风");
        check(337.0, "西北风");
    }
}
