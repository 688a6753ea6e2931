//! A shift: a person who is there from one moment to another, and who may take over.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{ContactId, DutyRoleId, PositionId, Timestamp};

/// The longest shift. Parks work shifts of 24 h and less; what is longer is a slip in a date.
pub const SHIFT_MS_MAX: i64 = 7 * 24 * 3_600_000;
/// The most substitutes of one shift.
pub const SUBSTITUTES_MAX: usize = 8;
/// The years a roster may speak of: 2000-01-01 to 2100-01-01. What lies outside is a slip, and
/// every moment inside can be written in local time.
pub const MOMENTS_MS: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// What a shift fills: a role, and where the role has desks, one of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Desk {
    /// The role.
    pub role: DutyRoleId,
    /// The position; none: the whole role.
    pub position: Option<PositionId>,
}

impl fmt::Display for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.position {
            Some(position) => write!(f, "{}/{position}", self.role),
            None => write!(f, "{}", self.role),
        }
    }
}

/// A shift's id. Made from what the shift is: `<role>[.<position>].<person>.<from>`, so that the
/// same shift in two files is the same shift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShiftId(Arc<str>);

impl ShiftId {
    /// An id as it came from outside; nothing needs to exist by it.
    pub fn from_text(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShiftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who should be there from `from` until before `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Its begin.
    pub from: Timestamp,
    /// Its end; the next one begins here.
    pub to: Timestamp,
    /// What it fills.
    #[serde(flatten)]
    pub desk: Desk,
    /// Who should be there.
    pub person: ContactId,
    /// Who may take over, in this order.
    pub substitutes: Vec<ContactId>,
}

/// Somebody came instead. Substitutions of one shift are kept in the order they were made; the
/// newest that covers a moment counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substitution {
    /// Instead of whom.
    pub shift: ShiftId,
    /// From when.
    pub from: Timestamp,
    /// Until before when.
    pub to: Timestamp,
    /// Who came.
    pub person: ContactId,
}

/// Why a shift cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShiftFault {
    /// It ends before it begins.
    #[error(
        "the shift does not end after it begins; hint: a shift over midnight ends the next day"
    )]
    Backwards,
    /// It is longer than any shift.
    #[error("the shift is longer than 7 days; hint: is the date of its end right?")]
    TooLong,
    /// Not in a year that a roster speaks of.
    #[error("the shift lies outside of the years 2000 to 2099; hint: is the year right?")]
    Year,
    /// Calendars know whole seconds only.
    #[error("the shift does not begin and end on a whole second; hint: write whole minutes")]
    Fraction,
    /// The person would take over from themselves, or twice.
    #[error("`{0}` stands twice in the shift; hint: name a substitute once, and not the person")]
    SubstituteTwice(ContactId),
    /// Too many.
    #[error("{0} substitutes are more than {SUBSTITUTES_MAX}; hint: name the first ones")]
    Substitutes(usize),
}

impl ShiftFault {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Backwards => {
                "班次的结束时间不晚于开始时间；提示：跨零点的班次，结束时间写次日".to_owned()
            }
            Self::TooLong => "班次超过 7 天；提示：请核对结束日期".to_owned(),
            Self::Year => "班次不在 2000 至 2099 年之间；提示：请核对年份".to_owned(),
            Self::Fraction => "班次的起止时间不是整秒；提示：请写到分钟".to_owned(),
            Self::SubstituteTwice(id) => {
                format!("“{id}”在班次中出现两次；提示：替班人只写一次，且不能是本人")
            }
            Self::Substitutes(count) => {
                format!("替班人有 {count} 名，超过 {SUBSTITUTES_MAX} 名；提示：只写最先联系的几位")
            }
        }
    }
}

impl Shift {
    /// What it is called.
    pub fn id(&self) -> ShiftId {
        let Desk { role, position } = &self.desk;
        let position = position.as_ref().map(|p| format!(".{p}")).unwrap_or_default();
        let from = self.from.compact();
        ShiftId(Arc::from(format!("{role}{position}.{}.{from}", self.person)))
    }

    /// Whether it is running at `at`.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether it fills `desk`: a shift without a position fills every position of its role.
    pub fn fills(&self, desk: &Desk) -> bool {
        self.desk.role == desk.role
            && (self.desk.position.is_none()
                || desk.position.is_none()
                || self.desk.position == desk.position)
    }

    /// Whether it can be kept.
    pub fn check(&self) -> Result<(), ShiftFault> {
        if !MOMENTS_MS.contains(&self.from.as_millis())
            || !MOMENTS_MS.contains(&self.to.as_millis())
        {
            return Err(ShiftFault::Year);
        }
        if [self.from, self.to].iter().any(|at| at.as_millis() % 1_000 != 0) {
            return Err(ShiftFault::Fraction);
        }
        if self.to <= self.from {
            return Err(ShiftFault::Backwards);
        }
        if self.to.since_ms(self.from) > SHIFT_MS_MAX {
            return Err(ShiftFault::TooLong);
        }
        if self.substitutes.len() > SUBSTITUTES_MAX {
            return Err(ShiftFault::Substitutes(self.substitutes.len()));
        }
        let mut seen = vec![&self.person];
        for substitute in &self.substitutes {
            if seen.contains(&substitute) {
                return Err(ShiftFault::SubstituteTwice(substitute.clone()));
            }
            seen.push(substitute);
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Midnight of 2026-12-01 in a park eight hours east.
    pub(crate) const MIDNIGHT_MS: i64 = 1_796_054_400_000;

    pub(crate) fn hour(hours: i64) -> Timestamp {
        Timestamp::from_millis(MIDNIGHT_MS + hours * 3_600_000)
    }

    pub(crate) fn id(text: &str) -> ContactId {
        ContactId::new(text).unwrap()
    }

    /// `operator` or `operator/east`.
    pub(crate) fn desk(text: &str) -> Desk {
        let (role, position) = text.split_once('/').map_or((text, None), |(r, p)| (r, Some(p)));
        Desk {
            role: DutyRoleId::new(role).unwrap(),
            position: position.map(|p| PositionId::new(p).unwrap()),
        }
    }

    pub(crate) fn shift(on: &str, person: &str, from_h: i64, to_h: i64) -> Shift {
        let (from, to) = (hour(from_h), hour(to_h));
        Shift { from, to, desk: desk(on), person: id(person), substitutes: Vec::new() }
    }

    fn check(change: impl FnOnce(&mut Shift), expected: Result<(), ShiftFault>) {
        let mut changed = shift("operator", "li", 0, 24);
        change(&mut changed);
        assert_eq!(changed.check().err(), expected.err(), "{changed:?}");
    }

    #[test]
    fn a_shift_ends_after_it_begins_and_within_a_week() {
        check(|_| {}, Ok(()));
        check(|s| s.to = s.from, Err(ShiftFault::Backwards));
        check(|s| s.to = s.from.plus_ms(SHIFT_MS_MAX), Ok(()));
        check(|s| s.to = s.from.plus_ms(SHIFT_MS_MAX + 1_000), Err(ShiftFault::TooLong));
        check(|s| s.from = Timestamp::from_millis(0), Err(ShiftFault::Year));
        check(|s| s.to = s.to.plus_ms(1), Err(ShiftFault::Fraction));
        check(|s| s.to = Timestamp::from_millis(i64::MAX), Err(ShiftFault::Year));
        let twice = |who: &str| Err(ShiftFault::SubstituteTwice(id(who)));
        check(|s| s.substitutes = vec![id("li")], twice("li"));
        check(|s| s.substitutes = vec![id("han"), id("han")], twice("han"));
        let many = |s: &mut Shift| s.substitutes = (0..9).map(|n| id(&format!("p{n}"))).collect();
        check(many, Err(ShiftFault::Substitutes(9)));
    }

    #[test]
    fn an_id_says_what_the_shift_is() {
        let east = shift("operator/east", "li", 8, 20);
        assert_eq!(east.id().as_str(), "operator.east.li.20261201T000000.000Z");
        assert_eq!(shift("leader", "han", 8, 20).id().as_str(), "leader.han.20261201T000000.000Z");
    }

    #[test]
    fn the_whole_role_fills_each_of_its_positions() {
        let fills = |shift_on: &str, asked: &str| shift(shift_on, "li", 0, 1).fills(&desk(asked));
        assert!(fills("operator", "operator/east") && fills("operator/east", "operator"));
        assert!(!fills("operator/west", "operator/east") && !fills("leader", "operator"));
    }
}
