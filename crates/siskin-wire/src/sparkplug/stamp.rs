//! Whether the time of a metric is believed. What is old is never taken as now.

use siskin_model::{Text, Timestamp};

use crate::profile::SparkplugTime;
use crate::slot::Refusal;

/// What a metric came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Data of now.
    Live,
    /// What a birth certificate repeats: the newest value, of any age.
    Birth,
    /// Marked `is_historical`.
    Past,
}

/// When a metric counts as measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// At this time.
    At(Timestamp),
    /// At the arrival, since the stamp is not believed.
    Arrival(Refusal),
    /// Not to be taken, and why. A birth's old value is nothing to report.
    None(Option<Refusal>),
}

/// When a metric of `lane` with `stamp` counts as measured.
pub(super) fn moment(
    time: &SparkplugTime,
    stamp: Option<u64>,
    lane: Lane,
    now: Timestamp,
) -> Moment {
    let refuse = |reason| Refusal { point: "timestamp".into(), reason };
    if !time.trusted {
        return match lane {
            Lane::Past => Moment::None(Some(refuse(untrusted()))),
            Lane::Live | Lane::Birth => Moment::At(now),
        };
    }
    let Some(device) = stamp.and_then(|ms| i64::try_from(ms).ok()).map(Timestamp::from_millis)
    else {
        return match lane {
            Lane::Live => Moment::Arrival(refuse(no_stamp("以到达时间为准", "the arrival counts"))),
            Lane::Past => Moment::None(Some(refuse(no_stamp("未采用", "it is not taken")))),
            Lane::Birth => Moment::None(None),
        };
    };
    let age_ms = now.since_ms(device);
    let skew_max_ms = i64::from(time.skew_max_ms);
    let age_max_ms = skew_max_ms + i64::from(time.backlog_max_s) * 1000;
    if (-skew_max_ms..=age_max_ms).contains(&age_ms) {
        return Moment::At(device);
    }
    match lane {
        Lane::Live => Moment::Arrival(refuse(off(age_ms, "以到达时间为准", "the arrival counts"))),
        Lane::Past => Moment::None(Some(refuse(off(age_ms, "未采用", "it is not taken")))),
        Lane::Birth if age_ms < 0 => {
            Moment::Arrival(refuse(off(age_ms, "以到达时间为准", "the arrival counts")))
        }
        Lane::Birth => Moment::None(None),
    }
}

fn untrusted() -> Text {
    Text::new(
        "历史数据的时间不可信，未采用；请为节点配置 NTP 对时并在设备配置文件中写 trusted = true",
        "historical data of a clock that is not trusted is not taken; \
         hint: give the node NTP and set `trusted = true` in the profile",
    )
}

fn no_stamp(what_zh: &str, what: &str) -> Text {
    Text::new(
        format!("测点没有时间，{what_zh}；请让节点发送时间"),
        format!("the metric has no timestamp, {what}; hint: let the node send it"),
    )
}

fn off(age_ms: i64, what_zh: &str, what: &str) -> Text {
    let off_ms = age_ms.unsigned_abs();
    let (side_zh, side) = if age_ms < 0 { ("快", "fast") } else { ("慢", "slow") };
    Text::new(
        format!("测点的时间{side_zh} {off_ms} ms，{what_zh}；请为节点配置 NTP 对时"),
        format!("the metric's time is {off_ms} ms {side}, {what}; hint: give the node NTP"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::check_text;

    const NOW_MS: i64 = 1_767_225_600_000;

    /// What is made of a stamp `age_ms` before now: `+` its own time, `now` the arrival, `-`
    /// nothing, `!` with a refusal.
    fn check(trusted: bool, lane: Lane, age_ms: Option<i64>, want: &str) {
        let time = SparkplugTime { trusted, skew_max_ms: 5_000, backlog_max_s: 60 };
        let stamp = age_ms.map(|age| u64::try_from(NOW_MS - age).unwrap());
        let now = Timestamp::from_millis(NOW_MS);
        let (got, refusal) = match moment(&time, stamp, lane, now) {
            Moment::At(at) if at == now => ("now", None),
            Moment::At(at) => {
                assert_eq!(Some(now.since_ms(at)), age_ms);
                ("+", None)
            }
            Moment::Arrival(refusal) => ("now!", Some(refusal)),
            Moment::None(Some(refusal)) => ("-!", Some(refusal)),
            Moment::None(None) => ("-", None),
        };
        assert_eq!(got, want, "{lane:?} {age_ms:?} trusted {trusted}");
        if let Some(refusal) = refusal {
            check_text(&refusal.reason);
        }
    }

    #[test]
    fn a_trusted_stamp_counts_inside_its_limits_only() {
        for lane in [Lane::Live, Lane::Birth, Lane::Past] {
            check(true, lane, Some(-5_000), "+");
            check(true, lane, Some(4_999), "+");
            check(true, lane, Some(65_000), "+");
        }
        check(true, Lane::Live, Some(65_001), "now!");
        check(true, Lane::Live, Some(-5_001), "now!");
        check(true, Lane::Live, None, "now!");
        check(true, Lane::Birth, Some(65_001), "-");
        check(true, Lane::Birth, Some(-5_001), "now!");
        check(true, Lane::Birth, None, "-");
    }

    #[test]
    fn the_past_is_never_taken_as_now() {
        check(true, Lane::Past, Some(65_001), "-!");
        check(true, Lane::Past, Some(-5_001), "-!");
        check(true, Lane::Past, None, "-!");
        check(false, Lane::Past, Some(1_000), "-!");
        check(false, Lane::Live, Some(1_000), "now");
        check(false, Lane::Birth, Some(1_000), "now");
    }
}
