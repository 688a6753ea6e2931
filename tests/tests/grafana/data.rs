//! An hour of a park of four channels, in the mirror's form (`docs/mirror.md`), and what the
//! dashboards must make of it.

use std::fmt::Write as _;

/// What the dashboards look at: the hour before 2026-01-01T01:00:00Z.
pub(crate) const END_S: i64 = 1_767_229_200;
pub(crate) const RANGE_S: i64 = 3600;
pub(crate) const CHANNEL: &str = "at-1-cl2";

/// Parts of a panel's place that have no rows in these data.
pub(crate) const EMPTY: &[&str] = &[
    "[5m]) == 1)\"",
    "[5m]) == 2)\"",
    "[5m]) == 3)\"",
    "[5m]) == 5)\"",
    "[5m]) == 6)\"",
    "[5m]) == 7)\"",
    "[5m]) == 8)\"",
];

/// Numbers by title: of each query the newest of the first row.
pub(crate) const FIGURES: &[(&str, &[f64])] = &[
    ("最高预警级别 Highest tier", &[3.0]),
    ("进行中的预警 Active warnings", &[2.0, 2.0]),
    ("未确认的预警 Not acknowledged", &[1.0]),
    ("无数据的通道 Silent channels", &[1.0]),
    // Two good, one calibrated; one has been silent for longer than five minutes.
    ("各质量的通道数 Channels by quality", &[2.0, 1.0]),
    ("报警数 Alarms", &[17.0]),
    ("平均每小时 Mean an hour", &[17.0]),
    ("10 分钟最多 Most in 10 min", &[12.0]),
    ("抖动的报警 Chattering alarms", &[1.0]),
    ("陈旧的报警 Stale alarms", &[1.0, 1.0]),
    ("最频繁十项占比 Share of the ten most frequent", &[1.0]),
    ("预警确认次数 Warnings acknowledged", &[1.0]),
    ("按级别 By tier", &[0.0, 16.0, 0.0, 1.0]),
];

/// What a variable must offer.
pub(crate) fn values_of(label: &str) -> Vec<String> {
    let values: &[&str] = match label {
        "site" => &["park"],
        "channel" => &["at-1-cl2", "at-2-cl2", "at-3-nh3", "at-4-h2s"],
        _ => &[],
    };
    values.iter().map(|&value| value.to_owned()).collect()
}

struct Lines(String);

impl Lines {
    fn reading(&mut self, channel: &str, second: i64, value: Option<f64>, quality: u8, origin: u8) {
        let (analyzer, gas) = channel.rsplit_once('-').unwrap_or((channel, "-"));
        let ms = (END_S - RANGE_S + second) * 1000;
        let value = value.map_or(String::new(), |value| format!("value={value:?},"));
        writeln!(
            self.0,
            "reading,site=park,area=tank-farm,analyzer={analyzer},channel={channel},quantity={gas},\
             unit=ppm {value}quality={quality}i,origin={origin}i,received_ms_after=25i {ms}"
        )
        .expect("a string takes it");
    }

    fn alarm(&mut self, channel: &str, rule: &str, second: i64, active: u8, tier: u8) {
        let ms = (END_S - RANGE_S + second) * 1000;
        writeln!(
            self.0,
            "alarm,site=park,area=tank-farm,channel={channel},rule={rule},kind=gas \
             active={active}i,tier_level={tier}i,value=1.5,seq=1i {ms}"
        )
        .expect("a string takes it");
    }

    fn warning(&mut self, gas: &str, second: i64, change: u8, tier: u8, acknowledged: u8) {
        let ms = (END_S - RANGE_S + second) * 1000;
        writeln!(
            self.0,
            "warning,site=park,area=tank-farm,gas={gas} change={change}i,tier_level={tier}i,\
             tier_peak_level={tier}i,acknowledged={acknowledged}i,seq=1i {ms}"
        )
        .expect("a string takes it");
    }
}

pub(crate) fn lines() -> String {
    let mut lines = Lines(String::new());
    for second in 0..RANGE_S {
        let ppm = 0.5 + (second % 60) as f64 / 100.0;
        lines.reading(CHANNEL, second, Some(ppm), 0, u8::from(second < 100));
        // Calibrated to the end with a span gas.
        let calibrates = second > 3400;
        let value = if calibrates { 10.0 } else { ppm };
        lines.reading("at-2-cl2", second, Some(value), if calibrates { 4 } else { 0 }, 0);
        lines.reading("at-3-nh3", second, Some(ppm), 0, if second < 5 { 3 } else { 2 });
        if second < 3000 {
            lines.reading("at-4-h2s", second, Some(ppm), 0, 0);
        }
    }
    events(&mut lines);
    lines.0
}

fn events(lines: &mut Lines) {
    // Twelve in ten minutes, four of them in one minute.
    for i in 0..12 {
        let at = if i < 4 { 1210 + i * 10 } else { 1210 + i * 40 };
        lines.alarm(CHANNEL, "high", at, 1, 2);
        lines.alarm(CHANNEL, "high", at + 5, 0, 0);
    }
    for i in 0..4 {
        lines.alarm("at-3-nh3", "high", 100 + i * 120, 1, 2);
        lines.alarm("at-3-nh3", "high", 130 + i * 120, 0, 0);
    }
    lines.alarm("at-4-h2s", "mean", 3100, 1, 4);
    // Two days ago, and still so.
    lines.alarm("at-2-cl2", "drift", -2 * 86_400, 1, 1);
    lines.warning("chlorine", 1210, 0, 2, 0);
    lines.warning("chlorine", 1230, 1, 3, 0);
    lines.warning("chlorine", 1300, 6, 3, 1);
    lines.warning("ammonia", 100, 0, 2, 0);
    lines.warning("hydrogen-sulfide", 200, 0, 1, 0);
    lines.warning("hydrogen-sulfide", 300, 4, 0, 0);
}
