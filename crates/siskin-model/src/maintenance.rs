//! What somebody did to the device of a channel: calibrations, bump tests, repairs.
//!
//! An entry is never changed; what was wrong is said by a later one. Must never set a date that
//! nobody gave: how often a device is calibrated is the park's to say.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, Timestamp};

/// How far ahead of the station's clock the work may lie: clocks differ by as much.
pub const AHEAD_MS_MAX: i64 = 5 * 60_000;
/// How far back the work may lie, and how far ahead the next one: ten years.
pub const SPAN_MS_MAX: i64 = 10 * 366 * 24 * 3_600_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaintenanceKind {
    /// Zero and span were set against a gas standard.
    Calibration,
    /// Gas was given, and whether the device answers was seen; nothing was set.
    BumpTest,
    /// Something was mended.
    Repair,
    /// The sensor or the device was changed.
    Replacement,
    /// It was looked at.
    Inspection,
}

impl MaintenanceKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Calibration, Self::BumpTest, Self::Repair, Self::Replacement, Self::Inspection];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calibration => "calibration",
            Self::BumpTest => "bump-test",
            Self::Repair => "repair",
            Self::Replacement => "replacement",
            Self::Inspection => "inspection",
        }
    }

    /// Whether a gas standard was given to the device.
    const fn is_with_gas(self) -> bool {
        matches!(self, Self::Calibration | Self::BumpTest)
    }
}

/// One piece of work on the device of a channel. Values are in the channel's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// The channel.
    pub channel: ChannelId,
    /// What was done.
    pub kind: MaintenanceKind,
    /// When it was done.
    pub at: Timestamp,
    /// The account that says so.
    pub by: String,
    /// When it was said.
    pub made_at: Timestamp,
    /// The value of the gas standard.
    pub standard: Option<f64>,
    /// What the device showed of it before anything was set.
    pub before: Option<f64>,
    /// What it showed afterwards.
    pub after: Option<f64>,
    /// When the same is due again.
    pub next_due: Option<Timestamp>,
    /// What else there is to say; may be empty.
    pub note: String,
}

/// Why an entry cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaintenanceFault {
    /// Work that has not been done yet, or so long ago.
    #[error("The field `at_ms` is not within the last ten years. Say when the work was done.")]
    At,
    /// A date that has passed, or lies too far ahead.
    #[error(
        "The field `next_due_ms` is not later than the work and now, or more than ten years \
         ahead. Correct it, or leave it out."
    )]
    NextDue,
    /// A value that must be there.
    #[error("The field `{0}` is empty, and this work needs it. Fill it in, in the channel's unit.")]
    Missing(&'static str),
    /// A value that is none.
    #[error("The field `{0}` is not a number that can be measured. Correct it.")]
    Number(&'static str),
    /// Work without words.
    #[error("The field `note` is empty. Say what was found and done.")]
    NoWords,
}

impl MaintenanceFault {
    /// The same in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::At => "作业时间不在最近十年之内。请填写实际完成的时间。".to_owned(),
            Self::NextDue => {
                "下次到期时间必须晚于作业时间和现在，且不超过十年。请改正，或留空。".to_owned()
            }
            Self::Missing(field) => {
                format!("“{}”未填写，该类作业必须填写。请按通道单位填写。", field_zh(field))
            }
            Self::Number(field) => format!("“{}”不是有效的测量值。请改正。", field_zh(field)),
            Self::NoWords => "“备注”为空。请填写发现的情况和处理内容。".to_owned(),
        }
    }
}

fn field_zh(field: &str) -> &str {
    match field {
        "standard" => "标准气浓度",
        "before" => "调整前示值",
        "after" => "调整后示值",
        other => other,
    }
}

impl Maintenance {
    /// Whether it can be kept: a calibration has the standard and what the device showed of it
    /// afterwards, a bump test what it showed, and other work words.
    pub fn check(&self) -> Result<(), MaintenanceFault> {
        let age_ms = self.made_at.since_ms(self.at);
        if !(-AHEAD_MS_MAX..=SPAN_MS_MAX).contains(&age_ms) {
            return Err(MaintenanceFault::At);
        }
        let is_possible = |due: Timestamp| {
            due > self.at && (1..=SPAN_MS_MAX).contains(&due.since_ms(self.made_at))
        };
        if self.next_due.is_some_and(|due| !is_possible(due)) {
            return Err(MaintenanceFault::NextDue);
        }
        let values = [("standard", self.standard), ("before", self.before), ("after", self.after)];
        // A device may show less than nothing; a gas standard has no such value.
        let is_wrong = |(name, value): &(&str, Option<f64>)| {
            value.is_some_and(|value| !value.is_finite() || (*name == "standard" && value < 0.0))
        };
        if let Some((name, _)) = values.iter().find(|value| is_wrong(value)) {
            return Err(MaintenanceFault::Number(name));
        }
        let needed: &[&str] = match self.kind {
            MaintenanceKind::Calibration => &["standard", "after"],
            MaintenanceKind::BumpTest => &["standard", "before"],
            _ => &[],
        };
        let absent =
            |(name, value): &&(&'static str, Option<f64>)| value.is_none() && needed.contains(name);
        match values.iter().find(absent) {
            Some((name, _)) => Err(MaintenanceFault::Missing(name)),
            None if !self.kind.is_with_gas() && self.note.trim().is_empty() => {
                Err(MaintenanceFault::NoWords)
            }
            None => Ok(()),
        }
    }

    /// Whether the work it calls for is overdue, as far as this entry says.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.next_due.is_some_and(|due| due <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_796_054_400_000;

    fn entry(kind: MaintenanceKind) -> Maintenance {
        Maintenance {
            channel: ChannelId::new("at-101-cl2").unwrap(),
            kind,
            at: Timestamp::from_millis(NOW_MS - 60_000),
            by: "wang".to_owned(),
            made_at: Timestamp::from_millis(NOW_MS),
            standard: Some(5.0),
            before: Some(4.6),
            after: Some(5.0),
            next_due: Some(Timestamp::from_millis(NOW_MS + 1)),
            note: "换了滤芯".to_owned(),
        }
    }

    fn check(
        kind: MaintenanceKind,
        change: impl Fn(&mut Maintenance),
        expected: Result<(), MaintenanceFault>,
    ) {
        let mut entry = entry(kind);
        change(&mut entry);
        assert_eq!(entry.check(), expected, "{entry:?}");
    }

    #[test]
    fn each_kind_of_work_has_what_it_needs() {
        use MaintenanceFault::{Missing, NoWords, Number};
        use MaintenanceKind::{BumpTest, Calibration, Inspection, Repair};
        for kind in MaintenanceKind::ALL {
            check(kind, |_| {}, Ok(()));
        }
        check(Calibration, |one| one.note.clear(), Ok(()));
        check(Calibration, |one| one.before = None, Ok(()));
        check(Calibration, |one| one.after = None, Err(Missing("after")));
        check(Calibration, |one| one.standard = None, Err(Missing("standard")));
        check(BumpTest, |one| one.after = None, Ok(()));
        check(BumpTest, |one| one.before = None, Err(Missing("before")));
        check(Repair, |one| one.note = " ".to_owned(), Err(NoWords));
        check(Inspection, |one| one.standard = None, Ok(()));
        check(Calibration, |one| one.before = Some(-0.2), Ok(()));
        check(Calibration, |one| one.standard = Some(-0.2), Err(Number("standard")));
        check(Inspection, |one| one.after = Some(f64::NAN), Err(Number("after")));
        check(Calibration, |one| one.before = Some(f64::INFINITY), Err(Number("before")));
    }

    #[test]
    fn work_has_been_done_and_the_next_is_ahead() {
        let at = |ms: i64| move |one: &mut Maintenance| one.at = Timestamp::from_millis(ms);
        let kind = MaintenanceKind::Calibration;
        check(
            kind,
            |one| {
                at(NOW_MS)(one);
                one.next_due = None;
            },
            Ok(()),
        );
        let ahead = |ms: i64| {
            move |one: &mut Maintenance| {
                one.at = Timestamp::from_millis(NOW_MS + ms);
                one.next_due = None;
            }
        };
        check(kind, ahead(AHEAD_MS_MAX), Ok(()));
        check(kind, ahead(AHEAD_MS_MAX + 1), Err(MaintenanceFault::At));
        check(kind, at(NOW_MS - SPAN_MS_MAX), Ok(()));
        check(kind, at(NOW_MS - SPAN_MS_MAX - 1), Err(MaintenanceFault::At));
        let due = |ms: i64| {
            move |one: &mut Maintenance| {
                one.next_due = Some(Timestamp::from_millis(ms));
            }
        };
        check(kind, due(NOW_MS), Err(MaintenanceFault::NextDue));
        check(kind, due(NOW_MS + SPAN_MS_MAX), Ok(()));
        check(kind, due(NOW_MS + SPAN_MS_MAX + 1), Err(MaintenanceFault::NextDue));
        check(kind, |one| one.next_due = None, Ok(()));
    }

    #[test]
    fn what_is_due_is_overdue_from_its_moment_on() {
        let mut one = entry(MaintenanceKind::Calibration);
        assert!(!one.is_overdue(Timestamp::from_millis(NOW_MS)));
        assert!(one.is_overdue(Timestamp::from_millis(NOW_MS + 1)));
        one.next_due = None;
        assert!(!one.is_overdue(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn wire_names_are_those_of_the_bodies() {
        for kind in MaintenanceKind::ALL {
            let written = serde_json::to_value(kind).unwrap();
            assert_eq!(written, serde_json::json!(kind.as_str()));
        }
    }
}
